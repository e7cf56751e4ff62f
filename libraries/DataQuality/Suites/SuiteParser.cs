using System.Text.Json;
using RealTimeMesh.Contracts;

namespace RealTimeMesh.DataQuality;

/// <summary>Checks the shape of a suite.</summary>
internal sealed class SuiteParser(string file, List<int> lines, List<ConfigurationFault> faults)
{
    public ExpectationSuite? Parse(JsonElement root)
    {
        if (root.ValueKind != JsonValueKind.Object || !root.TryGetProperty("expectations", out var list) || list.ValueKind != JsonValueKind.Array)
        {
            faults.Add(new ConfigurationFault(file, 1, "expectations", "no such list", "an object with a list 'expectations'", "Write a Great Expectations suite."));
            return null;
        }

        var name = Text(root, "name") ?? Text(root, "expectation_suite_name") ?? Path.GetFileNameWithoutExtension(file);
        var expectations = new List<ExpectationDefinition>();
        var index = 0;
        foreach (var item in list.EnumerateArray())
        {
            if (ParseOne(item, index) is { } expectation)
                expectations.Add(expectation);
            index++;
        }

        return faults.Count == 0 ? ExpectationSuite.Create(name, file, expectations) : null;
    }

    private ExpectationDefinition? ParseOne(JsonElement item, int index)
    {
        var path = $"expectations[{index}]";
        if (item.ValueKind != JsonValueKind.Object || (Text(item, "type") ?? Text(item, "expectation_type")) is not { } type)
        {
            Fault(index, path, "no type", "an object with 'type' (or 'expectation_type')", "Name the expectation.");
            return null;
        }

        var arguments = item.TryGetProperty("kwargs", out var kwargs) ? kwargs : default;
        if (arguments.ValueKind != JsonValueKind.Object)
        {
            Fault(index, $"{path}.kwargs", "no kwargs", "an object with the expectation's arguments", "Add kwargs.");
            return null;
        }

        var written = Text(item, "severity") ?? (item.TryGetProperty("meta", out var meta) && meta.ValueKind == JsonValueKind.Object ? Text(meta, "severity") : null);
        ExpectationSeverity? severity = written?.ToLowerInvariant() switch
        {
            null or "drop" => ExpectationSeverity.Drop,
            "warn" or "warning" or "info" => ExpectationSeverity.Warn,
            "fail" or "critical" => ExpectationSeverity.Fail,
            _ => null,
        };
        if (severity is null)
            Fault(index, $"{path}.severity", $"'{written}'", "warn, drop or fail (or Great Expectations' info, warning, critical)", "Write one of these.");
        return severity is null ? null : new ExpectationDefinition(type, arguments.Clone(), severity.Value, index, LineOf(index));
    }

    private void Fault(int index, string element, string found, string expected, string cure) =>
        faults.Add(new ConfigurationFault(file, LineOf(index), element, found, expected, cure));

    private int LineOf(int index) => index < lines.Count ? lines[index] : 1;

    private static string? Text(JsonElement element, string name) =>
        element.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
}
