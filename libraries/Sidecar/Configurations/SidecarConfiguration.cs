using RealTimeMesh.Components;

namespace RealTimeMesh.Sidecar.Configurations;

/// <summary>What <c>kind: Configuration</c> documents (<c>--config</c>) say; the defaults are those of a process without any.</summary>
public sealed record SidecarConfiguration
{
    /// <summary>Feature that lets changed resource files take effect while the process runs. On by default.</summary>
    public const string HotReload = "HotReload";

    private static readonly FeatureSetting[] DefaultFeatures = [new(HotReload, true), new("WorkflowsRemoteActivityReminder", true)];

    /// <summary><c>spec.features</c>: those of the last document that has any.</summary>
    public IReadOnlyList<FeatureSetting> Features { get; init; } = [];

    /// <summary><c>spec.tracing</c></summary>
    public TracingSettings Tracing { get; init; } = new();

    /// <summary><c>spec.metric</c> and <c>spec.metrics</c>; the second wins field by field.</summary>
    public MetricSettings Metrics { get; init; } = new();

    /// <summary><c>spec.logging.apiLogging</c></summary>
    public ApiLoggingSettings ApiLogging { get; init; } = new();

    /// <summary><c>spec.api.allowed</c>: where there are any of a protocol, no other API of that protocol is served.</summary>
    public IReadOnlyList<ApiAccessRule> AllowedApis { get; init; } = [];

    /// <summary><c>spec.api.denied</c></summary>
    public IReadOnlyList<ApiAccessRule> DeniedApis { get; init; } = [];

    /// <summary><c>spec.accessControl</c>: who may invoke what of this app.</summary>
    public AccessControlSettings AccessControl { get; init; } = new();

    /// <summary><c>spec.secrets.scopes</c>: which secrets of which store the app may read.</summary>
    public IReadOnlyList<SecretScope> SecretScopes { get; init; } = [];

    /// <summary><c>spec.components.deny</c>: component types (<c>type</c> or <c>type/version</c>) that are not started.</summary>
    public IReadOnlyList<string> DeniedComponents { get; init; } = [];

    /// <summary><c>spec.nameResolution</c>; null for the default.</summary>
    public NameResolutionSettings? NameResolution { get; init; }

    /// <summary><c>spec.httpPipeline</c>: names of middleware in front of the API, in order.</summary>
    public IReadOnlyList<PipelineHandler> HttpPipeline { get; init; } = [];

    /// <summary><c>spec.appHttpPipeline</c>: names of middleware in front of the app, in order.</summary>
    public IReadOnlyList<PipelineHandler> AppHttpPipeline { get; init; } = [];

    /// <summary>Names of the features that are on, those on by default included.</summary>
    public IReadOnlyList<string> EnabledFeatures =>
        [.. Features.Concat(DefaultFeatures.ExceptBy(Features.Select(feature => feature.Name), feature => feature.Name))
            .Where(feature => feature.Enabled && feature.Name.Length > 0).Select(feature => feature.Name).Distinct(StringComparer.Ordinal)];

    /// <summary>Whether a feature is on.</summary>
    public bool IsEnabled(string feature) => EnabledFeatures.Contains(feature, StringComparer.Ordinal);
}

/// <summary>An element of <c>spec.features</c>.</summary>
public sealed record FeatureSetting(string Name, bool Enabled);

/// <summary>An element of <c>spec.httpPipeline.handlers</c>.</summary>
public sealed record PipelineHandler(string Name, string Type, string Version);
