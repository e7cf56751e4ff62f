using System.Buffers;
using RealTimeMesh.Contracts;

namespace RealTimeMesh.Rules;

/// <summary>What rules made of a row.</summary>
public enum RowRuleOutcome
{
    /// <summary>The row is as it was.</summary>
    Kept,

    /// <summary>The row is another one now.</summary>
    Changed,

    /// <summary>A rule refuses the row.</summary>
    Refused,
}

/// <summary>A rule that refuses a row.</summary>
/// <param name="Rule">The rule's name.</param>
/// <param name="Field">The field that broke it; null for the row as a whole.</param>
/// <param name="Found">What the row has.</param>
/// <param name="Expected">What the rule says of itself, and its expression.</param>
public readonly record struct RowRuleFailure(string Rule, string? Field, string Found, string Expected);

/// <summary>Applies rules to rows, one after the other. Not thread-safe.</summary>
public sealed class RowRuleRun
{
    private readonly AvroContract _contract;
    private readonly ContractRules? _rules;
    private readonly RowConditionRun[]? _conditions;
    private readonly ArrayBufferWriter<byte> _buffer = new();

    internal RowRuleRun(AvroContract contract, ContractRules? rules, RowConditionRun[]? conditions)
    {
        _contract = contract;
        _rules = rules;
        _conditions = conditions;
    }

    /// <summary>Asks the rules about a batch's last row, which they may replace.</summary>
    public RowRuleOutcome Apply(ColumnBatch rows, out RowRuleFailure failure)
    {
        if (_conditions is null)
            return ApplyWhole(rows, out failure);
        var row = rows.Count - 1;
        foreach (var condition in _conditions)
        {
            if (!condition.Holds(rows, row, out failure))
                return RowRuleOutcome.Refused;
        }

        failure = default;
        return RowRuleOutcome.Kept;
    }

    private RowRuleOutcome ApplyWhole(ColumnBatch rows, out RowRuleFailure failure)
    {
        failure = default;
        var row = rows.Count - 1;
        _buffer.ResetWrittenCount();
        _contract.Encode(rows, row, _buffer);
        try
        {
            var after = _rules!.Apply(_buffer.WrittenMemory);
            if (after.Span.SequenceEqual(_buffer.WrittenSpan))
                return RowRuleOutcome.Kept;
            rows.Truncate(row);
            if (_contract.TryDecode(after.Span, rows, out var error))
                return RowRuleOutcome.Changed;
            // The row that was there must not be missing where the caller looks for it.
            _contract.TryDecode(_buffer.WrittenSpan, rows, out _);
            failure = new RowRuleFailure(_rules.LastChange, null, $"a row that the contract does not take ({error})", "a row of the contract");
            return RowRuleOutcome.Refused;
        }
        catch (RuleFailedException e)
        {
            failure = new RowRuleFailure(e.Rule.Name, e.Field, e.Found, RowCondition.Expected(e.Rule));
            return RowRuleOutcome.Refused;
        }
    }
}
