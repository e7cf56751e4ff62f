using RealTimeMesh.Contracts;
using YamlDotNet.RepresentationModel;

namespace RealTimeMesh.Components;

/// <summary>What resource files hold, and everything that is wrong in them.</summary>
/// <param name="Components">The components that could be read, in the order of the files.</param>
/// <param name="Subscriptions">Documents of <c>kind: Subscription</c>, unread.</param>
/// <param name="Faults">Empty where every document could be read.</param>
public sealed record ComponentLoadResult(
    IReadOnlyList<ComponentSpec> Components,
    IReadOnlyList<ResourceDocument> Subscriptions,
    IReadOnlyList<ConfigurationFault> Faults);

/// <summary>A resource document that is kept for its own reader.</summary>
/// <param name="Kind">Such as <c>Subscription</c>.</param>
/// <param name="File">Path of the file.</param>
/// <param name="Line">1-based line at which the document begins.</param>
/// <param name="Root">The parsed document.</param>
public sealed record ResourceDocument(string Kind, string File, int Line, YamlMappingNode Root);
