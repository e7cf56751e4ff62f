using RealTimeMesh.Contracts;
using RealTimeMesh.Sidecar.Configurations;

namespace RealTimeMesh.Sidecar.Tests.Configurations;

public sealed class ConfigurationReaderTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("config-").FullName;
    private readonly Dictionary<string, string> _environment = [];
    private int _files;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Nothing_to_read_gives_defaults()
    {
        var configuration = Read();
        Assert.Equal(["HotReload", "WorkflowsRemoteActivityReminder"], configuration.EnabledFeatures);
        Assert.True(configuration.Metrics.IsEnabled);
        Assert.True(configuration.Tracing.Otel.IsSecure);
        Assert.Equal("allow", configuration.AccessControl.DefaultAction);
        Assert.Equal(1e-4, configuration.Tracing.Rate);
    }

    [Fact]
    public void Every_part_of_the_document_is_read()
    {
        var configuration = Read("""
            apiVersion: dapr.io/v1alpha1
            kind: Configuration
            metadata:
              name: all
            spec:
              features: [{name: HotReload, enabled: false}, {name: Own, enabled: true}]
              tracing:
                samplingRate: 0.5
                stdout: true
                zipkin: {endpointAddress: "http://z/api/v2/spans"}
                otel: {protocol: grpc, endpointAddress: "localhost:4317", isSecure: false, headers: ["a=b"], timeout: 10s}
              metric:
                enabled: true
                http: {increasedCardinality: true, pathMatching: [/orders], excludeVerbs: true}
              metrics:
                recordErrorCodes: true
                latencyDistributionBuckets: [1, 5]
                rules: [{name: m, labels: [{name: l, regex: {x: "y.+"}}]}]
              logging: {apiLogging: {enabled: true, obfuscateURLs: true, omitHealthChecks: true}}
              api:
                allowed: [{name: state, version: v1.0, protocol: HTTP}]
                denied: [{name: publish, version: v1, protocol: grpc}]
              accessControl:
                defaultAction: deny
                trustDomain: td
                policies: [{appId: a, defaultAction: deny, namespace: n, operations: [{name: /op/*, httpVerb: [GET], action: allow}]}]
              secrets: {scopes: [{storeName: s, defaultAccess: deny, allowedSecrets: [one]}]}
              components: {deny: [state.redis]}
              nameResolution: {component: sqlite, version: v1, configuration: {connectionString: /tmp/x}}
              httpPipeline: {handlers: [{name: up, type: middleware.http.uppercase}]}
            """);
        Assert.Equal(["Own", "WorkflowsRemoteActivityReminder"], configuration.EnabledFeatures);
        Assert.Equal(new TracingSettings { SamplingRate = "0.5", Stdout = true, ZipkinEndpoint = "http://z/api/v2/spans" }, configuration.Tracing with { Otel = new TracingSettings().Otel });
        Assert.Equal(("grpc", "localhost:4317", false, TimeSpan.FromSeconds(10)), (configuration.Tracing.Otel.Protocol, configuration.Tracing.Otel.Endpoint, configuration.Tracing.Otel.IsSecure, configuration.Tracing.Otel.Timeout!.Value));
        Assert.Equal(["a=b"], configuration.Tracing.Otel.Headers);
        Assert.True(configuration.Metrics.IncreasedCardinality);
        Assert.True(configuration.Metrics.RecordErrorCodes);
        Assert.Equal([1, 5], configuration.Metrics.LatencyBuckets!);
        Assert.Equal("y.+", configuration.Metrics.Rules.Single().Labels.Single().Regex["x"]);
        Assert.Equal(new ApiLoggingSettings { Enabled = true, ObfuscateUrls = true, OmitHealthChecks = true }, configuration.ApiLogging);
        Assert.Equal([new ApiAccessRule("state", "v1.0", "http")], configuration.AllowedApis);
        Assert.Equal([new ApiAccessRule("publish", "v1", "grpc")], configuration.DeniedApis);
        Assert.Equal("/op/*", configuration.AccessControl.Policies.Single().Operations.Single().Name);
        Assert.True(configuration.SecretScopes.Single().Allows("one"));
        Assert.False(configuration.SecretScopes.Single().Allows("two"));
        Assert.Equal(["state.redis"], configuration.DeniedComponents);
        Assert.Equal("/tmp/x", configuration.NameResolution!.Settings["connectionString"]);
        Assert.Equal("middleware.http.uppercase", configuration.HttpPipeline.Single().Type);
    }

    [Fact]
    public void Later_file_replaces_lists_and_keeps_what_it_does_not_name()
    {
        var configuration = Read(
            "spec: {features: [{name: Feature1, enabled: true}], tracing: {samplingRate: '1'}}",
            "spec: {features: [{name: Feature2, enabled: true}], tracing: {stdout: true}}");
        Assert.Contains("Feature2", configuration.EnabledFeatures);
        Assert.DoesNotContain("Feature1", configuration.EnabledFeatures);
        Assert.Equal(("1", true), (configuration.Tracing.SamplingRate, configuration.Tracing.Stdout));
    }

    [Fact]
    public void Variables_are_replaced_by_their_values()
    {
        _environment["RATE"] = "0.25";
        Assert.Equal("0.25-0.25-", Read("spec: {tracing: {samplingRate: '${RATE}-$RATE-$NONE'}}").Tracing.SamplingRate);
    }

    [Fact]
    public void Receiver_of_the_environment_counts_where_the_file_names_none()
    {
        _environment["OTEL_EXPORTER_OTLP_ENDPOINT"] = "https://collector:4318";
        _environment["OTEL_EXPORTER_OTLP_PROTOCOL"] = "http/protobuf";
        _environment["OTEL_EXPORTER_OTLP_INSECURE"] = "true";
        var tracing = Read().Tracing;
        Assert.Equal(("1", "collector:4318", "http", false), (tracing.SamplingRate, tracing.Otel.Endpoint, tracing.Otel.Protocol, tracing.Otel.IsSecure));
    }

    [Theory]
    [InlineData("spec: {logging: {apiLogging: {enabled: maybe}}}", "error loading configuration: yaml: unmarshal errors:\n  line 1: cannot unmarshal !!str `maybe` into bool")]
    [InlineData("spec: {metric: {latencyDistributionBuckets: [x]}}", "cannot unmarshal !!str `x` into int")]
    [InlineData("spec: {secrets: {scopes: [{storeName: s}, {storeName: s}]}}", "s storeName is repeated in secrets configuration")]
    [InlineData("spec: {secrets: {scopes: [{storeName: s, defaultAccess: some}]}}", "defaultAccess some can be either allow or deny")]
    [InlineData("spec: [", "error loading configuration: yaml: line ")]
    public void Wrong_file_is_refused_with_its_fault(string text, string fault) =>
        Assert.Contains(fault, Assert.Throws<RealTimeMeshException>(() => Read(text)).Message, StringComparison.Ordinal);

    [Fact]
    public void Missing_file_is_refused_by_name()
    {
        var missing = Path.Combine(_folder, "none.yaml");
        var fault = Assert.Throws<RealTimeMeshException>(() => ConfigurationReader.Read([missing], _ => null));
        Assert.Equal($"error loading configuration: stat {missing}: no such file or directory", fault.Message);
    }

    private SidecarConfiguration Read(params string[] texts)
    {
        var files = texts.Select(text =>
        {
            var file = Path.Combine(_folder, $"{_files++}.yaml");
            File.WriteAllText(file, text);
            return file;
        }).ToList();
        return ConfigurationReader.Read(files, name => _environment.GetValueOrDefault(name));
    }
}
