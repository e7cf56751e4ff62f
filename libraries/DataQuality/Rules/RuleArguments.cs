using System.Text.Json;
using RealTimeMesh.Contracts;

namespace RealTimeMesh.DataQuality;

/// <summary>The arguments of one expectation; reading them as the wrong thing adds a fault.</summary>
internal sealed class RuleArguments(string file, ExpectationDefinition definition, RowSchema schema, IReferenceValues references, List<ConfigurationFault> faults)
{
    // Great Expectations' own switches, which say nothing about a row.
    private static readonly string[] Ignored = ["result_format", "catch_exceptions", "include_config", "batch_id", "meta", "mostly", "row_condition", "condition_parser"];

    private readonly int _before = faults.Count;

    public ExpectationDefinition Definition { get; } = definition;

    public IReferenceValues References { get; } = references;

    public RowSchema Schema { get; } = schema;

    public bool IsFaulty => faults.Count > _before;

    public void Fault(string argument, string found, string expected, string cure) => faults.Add(new ConfigurationFault(
        file, Definition.Line, argument.Length == 0 ? $"expectations[{Definition.Index}]" : $"expectations[{Definition.Index}].kwargs.{argument}", found, expected, cure));

    /// <summary>Arguments beyond these and the general ones are faults.</summary>
    public void Allow(params string[] known)
    {
        foreach (var argument in Definition.Arguments.EnumerateObject())
        {
            if (!known.Contains(argument.Name) && !Ignored.Contains(argument.Name))
                Fault(argument.Name, $"the unknown argument '{argument.Name}'", $"one of {string.Join(", ", known)}", "Correct or remove it.");
        }

        if (TryGet("mostly", out var mostly) && !(mostly.ValueKind == JsonValueKind.Number && mostly.GetDouble() == 1))
            Fault("mostly", mostly.GetRawText(), "1, or nothing", "A single row cannot be judged by a share of rows; use severity 'warn'.");
        if (TryGet("row_condition", out var condition))
            Fault("row_condition", condition.GetRawText(), "no condition", "Conditions are not available for rows in a stream; remove it.");
    }

    /// <summary>Position of the column an argument names, or -1 with a fault.</summary>
    public int Column(string argument)
    {
        var name = TryGet(argument, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString()! : null;
        var ordinal = name is null ? -1 : Schema.IndexOf(name);
        if (name is null)
            Fault(argument, "no column", "the name of a column", $"Add '{argument}'.");
        else if (ordinal < 0)
            Fault(argument, $"the unknown column '{name}'", $"one of {string.Join(", ", Schema.Fields.Select(f => f.Name))}", "Correct the name or extend the contract.");
        return ordinal;
    }

    /// <summary>False where the argument is left out or null.</summary>
    public bool TryGet(string argument, out JsonElement value) =>
        Definition.Arguments.TryGetProperty(argument, out value) && value.ValueKind != JsonValueKind.Null;

    public bool Flag(string argument)
    {
        if (!TryGet(argument, out var value))
            return false;
        if (value.ValueKind is JsonValueKind.True or JsonValueKind.False)
            return value.GetBoolean();
        Fault(argument, value.GetRawText(), "true or false", "Write one of these.");
        return false;
    }

    public string? Text(string argument, string expected)
    {
        if (TryGet(argument, out var value) && value.ValueKind == JsonValueKind.String)
            return value.GetString();
        Fault(argument, value.ValueKind == JsonValueKind.Undefined ? "nothing" : value.GetRawText(), expected, $"Write '{argument}' as text.");
        return null;
    }
}
