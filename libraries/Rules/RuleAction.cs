using RealTimeMesh.Contracts;

namespace RealTimeMesh.Rules;

/// <summary>What follows a rule's failure.</summary>
internal enum RuleFailure
{
    /// <summary>The message is refused.</summary>
    Error,

    /// <summary>The message goes on.</summary>
    None,
}

internal static class RuleAction
{
    /// <summary>A rule may name an action for each phase, the one for writing first. Dead letters are made of what is refused, by the one who called.</summary>
    public static RuleFailure Of(ContractRule rule, RulePhase phase)
    {
        if (string.IsNullOrEmpty(rule.OnFailure))
            return RuleFailure.Error;
        var parts = rule.OnFailure.Split(',', StringSplitOptions.TrimEntries);
        var word = parts[phase == RulePhase.Read && parts.Length > 1 ? 1 : 0];
        return word switch
        {
            "ERROR" or "DLQ" => RuleFailure.Error,
            "NONE" => RuleFailure.None,
            _ => throw new ContractException($"rule '{rule.Name}': found onFailure {rule.OnFailure}; expected ERROR, DLQ or NONE. Correct the rule."),
        };
    }
}
