using RealTimeMesh.Contracts;

namespace RealTimeMesh.Rules;

/// <summary>One rule at work on messages in the generic form.</summary>
internal interface IRuleStep
{
    ContractRule Rule { get; }

    /// <summary>It may give another message than it got.</summary>
    bool Changes { get; }

    object? Apply(object? message);
}
