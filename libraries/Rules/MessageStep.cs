using RealTimeMesh.Cel;
using RealTimeMesh.Contracts;

namespace RealTimeMesh.Rules;

/// <summary>A rule about a message as a whole. As a transformation it gives a map, whose entries become the fields of these names.</summary>
internal sealed class MessageStep(ContractRule rule, RuleFailure onFailure, RuleText text) : IRuleStep
{
    private const string Variable = "message";

    public ContractRule Rule => rule;

    public bool Changes => rule.Kind == "TRANSFORM";

    public object? Apply(object? message)
    {
        var variable = RuleValues.ToCel(message);
        if (text.Guard?.Evaluate(Variable, variable) is { IsTrue: false })
            return message;
        var result = text.Expression.Evaluate(Variable, variable);
        var found = result.IsError ? $"an expression without a value ({result.AsString})"
            : Changes ? null
            : result.Kind != CelKind.Bool ? $"a value that is not true or false ({result.Kind})"
            : result.IsTrue ? null : "false";
        if (found is null && !Changes)
            return message;
        if (found is null && RuleValues.TryInto(message, result, out var changed, out found))
            return changed;
        return onFailure == RuleFailure.None ? message : throw new RuleFailedException(rule, null, found!);
    }
}
