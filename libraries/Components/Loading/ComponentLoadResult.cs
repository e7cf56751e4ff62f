using RealTimeMesh.Contracts;

namespace RealTimeMesh.Components;

/// <summary>What resource files hold, and everything that is wrong in them.</summary>
/// <param name="Components">The components that could be read, in the order of the files. Not strict: those in namespace and scope only.</param>
/// <param name="Subscriptions">Documents of <c>kind: Subscription</c>, unread.</param>
/// <param name="Faults">Strict: empty where every document could be read.</param>
public sealed record ComponentLoadResult(
    IReadOnlyList<ComponentSpec> Components,
    IReadOnlyList<ResourceDocument> Subscriptions,
    IReadOnlyList<ConfigurationFault> Faults)
{
    /// <summary>Every document of every kind, in the order of the files, whatever its namespace and scopes.</summary>
    public IReadOnlyList<ResourceDocument> Documents { get; init; } = [];

    /// <summary>Not strict: what was left out and why, in daprd's words, for the log at level warning.</summary>
    public IReadOnlyList<string> Warnings { get; init; } = [];

    /// <summary>Not strict: why no component can be loaded, in daprd's words after <c>failed to load components: </c>. daprd exits with code 1.</summary>
    public IReadOnlyList<string> Errors { get; init; } = [];
}
