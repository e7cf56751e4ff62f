using RealTimeMesh.Contracts;

namespace RealTimeMesh.Rules;

/// <summary>
/// The rules that a contract has for writing, for rows. Conditions on the message that name their fields are asked of the
/// columns directly; with any other rule the row goes through <see cref="ContractRules"/>. Thread-safe; each user has a run of its own.
/// </summary>
public sealed class RowRuleSet
{
    private readonly IReadOnlyList<RowCondition>? _conditions;
    private readonly ContractRules _rules;
    private readonly AvroContract _contract;

    private RowRuleSet(AvroContract contract, ContractRules rules, IReadOnlyList<RowCondition>? conditions)
    {
        _contract = contract;
        _rules = rules;
        _conditions = conditions;
    }

    /// <summary>Null where there are none. Throws <see cref="ContractException"/> for a rule that cannot be applied here.</summary>
    /// <param name="contract">What the rows are of.</param>
    /// <param name="metadata">Has the rules, and the tags of fields besides those of the schema's document.</param>
    public static RowRuleSet? Compile(AvroContract contract, ContractMetadata metadata)
    {
        if (ContractRules.Compile(contract.Record, metadata, RulePhase.Write) is not { } rules)
            return null;
        List<RowCondition> conditions = [];
        foreach (var rule in rules.Rules)
        {
            if (RowCondition.Compile(rule, contract.Rows) is not { } condition)
                return new RowRuleSet(contract, rules, null);
            conditions.Add(condition);
        }

        return new RowRuleSet(contract, rules, conditions);
    }

    public RowRuleRun Begin() => _conditions is null ? new RowRuleRun(_contract, _rules, null) : new RowRuleRun(_contract, null, [.. _conditions.Select(condition => condition.Begin())]);
}
