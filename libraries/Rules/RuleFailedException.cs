using RealTimeMesh.Contracts;

namespace RealTimeMesh.Rules;

/// <summary>A message broke a rule of its contract, and the rule says that this is an error.</summary>
public sealed class RuleFailedException(ContractRule rule, string? field, string found) : RealTimeMeshException(
    $"rule '{rule.Name}'{(field is null ? "" : $", field '{field}'")}: found {found}; expected {rule.Doc ?? rule.Expression}. Correct the message, or the rule.")
{
    public ContractRule Rule { get; } = rule;

    /// <summary>What was found instead of what the rule expects.</summary>
    public string Found { get; } = found;

    /// <summary>The field that broke it, fields of fields joined by dots; null for the message as a whole.</summary>
    public string? Field { get; } = field;

    /// <summary>Where the rule wants such messages to go; null where it only refuses them.</summary>
    public string? DeadLetterTopic => Rule.Parameters.GetValueOrDefault("dlq.topic");
}
