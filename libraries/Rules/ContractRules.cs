using RealTimeMesh.Contracts;
using RealTimeMesh.Contracts.Values;

namespace RealTimeMesh.Rules;

/// <summary>
/// The rules of a contract that are applied to messages, compiled once: CONDITION and TRANSFORM of the types CEL (the whole
/// message) and CEL_FIELD (each field of a simple type). Thread-safe.
/// </summary>
public sealed class ContractRules
{
    private static readonly string[] Domain = ["domainRules"];

    private readonly IRuleStep[] _steps;
    private readonly AvroReader<object?> _reader;
    private readonly AvroWriter<object?> _writer;

    private ContractRules(AvroSchema schema, IRuleStep[] steps)
    {
        _steps = steps;
        _reader = AvroCodec.Reader<object?>(schema);
        _writer = AvroCodec.Writer<object?>(schema);
    }

    /// <summary>The rules, in the order in which they are applied.</summary>
    internal IEnumerable<ContractRule> Rules => _steps.Select(step => step.Rule);

    /// <summary>The name of the last rule that may change a message.</summary>
    internal string LastChange => Array.FindLast(_steps, step => step.Changes)?.Rule.Name ?? "";

    /// <summary>
    /// The rules of a phase; null where there are none. Throws <see cref="ContractException"/> for a rule that cannot be applied here:
    /// nothing is left out silently. Disabled rules and those of migrations are none of a message's.
    /// </summary>
    /// <param name="schema">The schema of the messages.</param>
    /// <param name="metadata">Has the rules, and the tags of fields besides those of the schema's document.</param>
    /// <param name="phase">When they are applied.</param>
    public static ContractRules? Compile(AvroSchema schema, ContractMetadata metadata, RulePhase phase)
    {
        var rules = metadata.Rules.Where(rule => !rule.IsDisabled && Applies(rule, phase)).ToArray();
        if (phase == RulePhase.Read)
            Array.Reverse(rules);
        return rules.Length == 0 ? null : new ContractRules(schema, [.. rules.Select(rule => Step(rule, metadata, phase))]);
    }

    /// <summary>What cannot be applied of a contract's rules; empty where all can.</summary>
    public static IReadOnlyList<string> Faults(ContractMetadata metadata)
    {
        var faults = new List<string>();
        foreach (var rule in metadata.Rules.Where(rule => !rule.IsDisabled))
        {
            try
            {
                Step(rule, metadata, RulePhase.Write);
            }
            catch (ContractException e)
            {
                faults.Add(e.Message);
            }
        }

        return faults;
    }

    /// <summary>The message as the rules leave it: the same bytes where they only look at it. Throws <see cref="RuleFailedException"/> where one refuses it.</summary>
    /// <param name="payload">Avro binary of the schema, without a frame.</param>
    public ReadOnlyMemory<byte> Apply(ReadOnlyMemory<byte> payload)
    {
        var before = _reader.Read(payload.Span);
        var after = before;
        foreach (var step in _steps)
            after = step.Apply(after);
        if (!Array.Exists(_steps, step => step.Changes))
            return payload;
        try
        {
            return _writer.Write(after);
        }
        catch (ContractException e)
        {
            var last = Array.FindLast(_steps, step => step.Changes)!;
            throw new RuleFailedException(last.Rule, null, $"a value that the schema does not take ({e.Message.TrimEnd('.')})");
        }
    }

    private static bool Applies(ContractRule rule, RulePhase phase) =>
        rule.Mode == "WRITEREAD" || rule.Mode == (phase == RulePhase.Write ? "WRITE" : "READ");

    private static IRuleStep Step(ContractRule rule, ContractMetadata metadata, RulePhase phase)
    {
        if (rule.Part is { } part && !Domain.Contains(part) || rule.Mode is not ("WRITE" or "READ" or "WRITEREAD"))
            throw Unknown(rule, $"a rule of {rule.Part ?? "migrationRules"}, mode {rule.Mode}", "domain rules of mode WRITE, READ or WRITEREAD");
        if (rule.Kind is not ("CONDITION" or "TRANSFORM"))
            throw Unknown(rule, $"kind {rule.Kind}", "CONDITION or TRANSFORM");
        var action = RuleAction.Of(rule, phase);
        return rule.Type switch
        {
            "CEL" => new MessageStep(rule, action, RuleText.Parse(rule)),
            "CEL_FIELD" => new FieldStep(rule, action, RuleText.Parse(rule), new FieldTags(metadata.Tags)),
            _ => throw Unknown(rule, $"type {rule.Type}", "CEL or CEL_FIELD"),
        };
    }

    private static ContractException Unknown(ContractRule rule, string found, string expected) =>
        new($"rule '{rule.Name}': found {found}; expected {expected}, which are applied here. Disable the rule, or let a client apply it that knows it.");
}
