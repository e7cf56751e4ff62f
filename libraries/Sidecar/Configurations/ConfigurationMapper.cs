using RealTimeMesh.Components;
using RealTimeMesh.Contracts;

namespace RealTimeMesh.Sidecar.Configurations;

/// <summary>Lays one document over a configuration: what it does not name stays, lists are replaced whole.</summary>
internal static class ConfigurationMapper
{
    public static SidecarConfiguration Apply(SidecarConfiguration configuration, ConfigurationNode root)
    {
        var spec = root["spec"];
        var api = spec["api"];
        return configuration with
        {
            Features = List(spec["features"], configuration.Features, item => new FeatureSetting(item["name"].Text(), item["enabled"].Truth() ?? false)),
            Tracing = Tracing(configuration.Tracing, spec["tracing"]),
            Metrics = Metrics(Metrics(configuration.Metrics, spec["metric"]), spec["metrics"]),
            ApiLogging = ApiLogging(configuration.ApiLogging, spec["logging"]["apiLogging"]),
            AllowedApis = List(api["allowed"], configuration.AllowedApis, Rule),
            DeniedApis = List(api["denied"], configuration.DeniedApis, Rule),
            AccessControl = AccessControl(configuration.AccessControl, spec["accessControl"]),
            SecretScopes = List(spec["secrets"]["scopes"], configuration.SecretScopes, Scope),
            DeniedComponents = List(spec["components"]["deny"], configuration.DeniedComponents, item => item.Text()),
            NameResolution = NameResolution(configuration.NameResolution, spec["nameResolution"]),
            HttpPipeline = List(spec["httpPipeline"]["handlers"], configuration.HttpPipeline, Handler),
            AppHttpPipeline = List(spec["appHttpPipeline"]["handlers"], configuration.AppHttpPipeline, Handler),
        };
    }

    private static IReadOnlyList<T> List<T>(ConfigurationNode node, IReadOnlyList<T> otherwise, Func<ConfigurationNode, T> read) =>
        node.Exists ? [.. node.Items.Select(read)] : otherwise;

    private static TracingSettings Tracing(TracingSettings tracing, ConfigurationNode node)
    {
        var otel = node["otel"];
        return tracing with
        {
            SamplingRate = node["samplingRate"].Text(tracing.SamplingRate),
            Stdout = node["stdout"].Truth() ?? tracing.Stdout,
            ZipkinEndpoint = node["zipkin"]["endpointAddress"].Text(tracing.ZipkinEndpoint),
            Otel = tracing.Otel with
            {
                Protocol = otel["protocol"].Text(tracing.Otel.Protocol),
                Endpoint = otel["endpointAddress"].Text(tracing.Otel.Endpoint),
                IsSecure = otel["isSecure"].Truth() ?? tracing.Otel.IsSecure,
                Headers = List(otel["headers"], tracing.Otel.Headers, item => item.Text()),
                Timeout = otel["timeout"].Duration() ?? tracing.Otel.Timeout,
            },
        };
    }

    private static MetricSettings Metrics(MetricSettings metrics, ConfigurationNode node)
    {
        var http = node["http"];
        return metrics with
        {
            Enabled = node["enabled"].Truth() ?? metrics.Enabled,
            RecordErrorCodes = node["recordErrorCodes"].Truth() ?? metrics.RecordErrorCodes,
            Http = !http.Exists ? metrics.Http : new HttpMetricSettings
            {
                IncreasedCardinality = http["increasedCardinality"].Truth() ?? metrics.Http?.IncreasedCardinality,
                PathMatching = List(http["pathMatching"], metrics.Http?.PathMatching ?? [], item => item.Text()),
                ExcludeVerbs = http["excludeVerbs"].Truth() ?? metrics.Http?.ExcludeVerbs,
            },
            LatencyBuckets = node["latencyDistributionBuckets"] is { Exists: true } buckets ? [.. buckets.Items.Select(item => item.Number())] : metrics.LatencyBuckets,
            Rules = List(node["rules"], metrics.Rules, rule =>
                new MetricRule(rule["name"].Text(), [.. rule["labels"].Items.Select(label => new MetricLabel(label["name"].Text(), label["regex"].Scalars()))])),
        };
    }

    private static ApiLoggingSettings ApiLogging(ApiLoggingSettings logging, ConfigurationNode node) => logging with
    {
        Enabled = node["enabled"].Truth() ?? logging.Enabled,
        ObfuscateUrls = node["obfuscateURLs"].Truth() ?? logging.ObfuscateUrls,
        OmitHealthChecks = node["omitHealthChecks"].Truth() ?? logging.OmitHealthChecks,
    };

    private static AccessControlSettings AccessControl(AccessControlSettings control, ConfigurationNode node) => control with
    {
        DefaultAction = node["defaultAction"].Text(control.DefaultAction),
        TrustDomain = node["trustDomain"].Text(control.TrustDomain),
        Policies = List(node["policies"], control.Policies, policy => new AppPolicy
        {
            AppId = policy["appId"].Text(),
            DefaultAction = policy["defaultAction"].Text(),
            TrustDomain = policy["trustDomain"].Text(),
            Namespace = policy["namespace"].Text(),
            Operations = [.. policy["operations"].Items.Select(operation =>
                new AppOperation(operation["name"].Text(), operation["httpVerb"].Texts(), operation["action"].Text()))],
        }),
    };

    private static SecretScope Scope(ConfigurationNode node)
    {
        var access = node["defaultAccess"].Text();
        if (access.ToUpperInvariant() is not ("" or "ALLOW" or "DENY"))
            throw new RealTimeMeshException($"error loading configuration: defaultAccess {access} can be either allow or deny");
        return new SecretScope(node["storeName"].Text())
        {
            DenyByDefault = access.Equals("deny", StringComparison.OrdinalIgnoreCase),
            AllowedSecrets = node["allowedSecrets"].Texts(),
            DeniedSecrets = node["deniedSecrets"].Texts(),
        };
    }

    private static NameResolutionSettings? NameResolution(NameResolutionSettings? resolution, ConfigurationNode node) => !node.Exists ? resolution : new NameResolutionSettings(
        node["component"].Text(resolution?.Component ?? ""),
        node["version"].Text(resolution?.Version ?? ""),
        node["configuration"] is { Exists: true } settings ? settings.Scalars() : resolution?.Settings ?? new Dictionary<string, string>());

    private static ApiAccessRule Rule(ConfigurationNode node) => new(node["name"].Text(), node["version"].Text(), node["protocol"].Text().ToLowerInvariant());

    private static PipelineHandler Handler(ConfigurationNode node) => new(node["name"].Text(), node["type"].Text(), node["version"].Text());
}
