using System.Text;
using Dapr.Client.Autogen.Grpc.v1;
using Google.Protobuf;

namespace RealTimeMesh.Sidecar.Tests.BlackBox.Telemetry;

public sealed class HttpMetricsTests
{
    [Fact]
    public async Task State_calls_are_counted_by_method_and_status_without_their_key()
    {
        await using var daprd = await StartAsync();
        await SaveAndGetAsync(daprd);

        await daprd.MetricAsync("""dapr_http_server_request_count{app_id="myapp",method="POST",path="/v1.0/state/mystore",status="204"}""", 1);
        await daprd.MetricAsync("""dapr_http_server_request_count{app_id="myapp",method="GET",path="/v1.0/state/mystore",status="200"}""", 1);
        await daprd.MetricAsync("""dapr_http_server_response_count{app_id="myapp",method="GET",path="/v1.0/healthz",status="204"}""", 1);
        await daprd.MetricAsync("""dapr_component_state_count{app_id="myapp",component="mystore",namespace="",operation="get",success="true"}""", 1);
    }

    [Fact]
    public async Task Grpc_calls_are_counted_by_method_and_status()
    {
        await using var daprd = await StartAsync();
        await daprd.Grpc.SaveStateAsync(new SaveStateRequest { StoreName = "mystore", States = { new StateItem { Key = "k", Value = ByteString.CopyFromUtf8("\"v\"") } } });
        await daprd.Grpc.GetStateAsync(new GetStateRequest { StoreName = "mystore", Key = "k" });

        await daprd.MetricAsync("""dapr_grpc_io_server_completed_rpcs{app_id="myapp",grpc_server_method="/dapr.proto.runtime.v1.Dapr/SaveState",grpc_server_status="OK"}""", 1);
        await daprd.MetricAsync("""dapr_grpc_io_server_completed_rpcs{app_id="myapp",grpc_server_method="/dapr.proto.runtime.v1.Dapr/GetState",grpc_server_status="OK"}""", 1);
    }

    [Fact]
    public async Task Low_cardinality_leaves_the_path_empty_and_counts_no_responses()
    {
        await using var daprd = await StartAsync("http: { increasedCardinality: false }");
        await SaveAndGetAsync(daprd);

        await daprd.MetricAsync("""dapr_http_server_request_count{app_id="myapp",method="POST",path="",status="204"}""", 1);
        Assert.DoesNotContain(await daprd.MetricsAsync(), pair => pair.Key.StartsWith("dapr_http_server_response_count", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Path_matching_counts_under_the_pattern()
    {
        await using var daprd = await StartAsync("http: { increasedCardinality: false, pathMatching: ['/v1.0/state/mystore/{key}'] }");
        await SaveAndGetAsync(daprd);

        await daprd.MetricAsync("""dapr_http_server_request_count{app_id="myapp",method="GET",path="/v1.0/state/mystore/{key}",status="200"}""", 1);
        await daprd.MetricAsync("""dapr_http_server_request_count{app_id="myapp",method="POST",path="",status="204"}""", 1);
    }

    [Fact]
    public async Task Excluded_verbs_leave_the_method_empty()
    {
        await using var daprd = await StartAsync("http: { excludeVerbs: true }");
        await SaveAndGetAsync(daprd);
        await daprd.MetricAsync("""dapr_http_server_request_count{app_id="myapp",method="",path="/v1.0/state/mystore",status="200"}""", 1);
    }

    [Theory]
    [InlineData("", "1,2,3,4,5,6,8,10,13,16,20,25,30,40,50,65,80,100,130,160,200,250,300,400,500,650,800,1000,2000,5000,10000,20000,50000,100000,+Inf")]
    [InlineData("latencyDistributionBuckets: [5, 50, 500, 5000]", "5,50,500,5000,+Inf")]
    public async Task Latencies_have_the_buckets_of_the_configuration(string metrics, string expected)
    {
        await using var daprd = await StartAsync(metrics);
        var bounds = (await daprd.MetricsAsync()).Keys
            .Where(key => key.StartsWith("dapr_http_server_latency_bucket", StringComparison.Ordinal) && key.Contains("status=\"204\"", StringComparison.Ordinal))
            .Select(key => key[(key.IndexOf("le=\"", StringComparison.Ordinal) + 4)..^2]);
        Assert.Equal(expected.Split(','), bounds);
    }

    [Fact]
    public async Task Rules_replace_parts_of_labels()
    {
        await using var daprd = await StartAsync("""
            rules:
                - name: dapr_http_server_request_count
                  labels:
                  - name: path
                    regex: { "/store": "/v1.0/state/.+" }
            """);
        await SaveAndGetAsync(daprd);
        await daprd.MetricAsync("""dapr_http_server_request_count{app_id="myapp",method="POST",path="/store",status="204"}""", 1);
    }

    [Theory]
    [InlineData("recordErrorCodes: true", true)]
    [InlineData("", false)]
    public async Task Errors_are_counted_by_code_only_where_the_configuration_says(string metrics, bool counted)
    {
        await using var daprd = await StartAsync(metrics);
        using var response = await daprd.Http.GetAsync("/v1.0/state/nostore/key");
        const string Sample = """dapr_error_code_total{app_id="myapp",category="state",error_code="ERR_STATE_STORE_NOT_FOUND"}""";
        if (counted)
            await daprd.MetricAsync(Sample, 1);
        else
            Assert.DoesNotContain(await daprd.MetricsAsync(), pair => pair.Key.StartsWith("dapr_error_code_total", StringComparison.Ordinal));
    }

    private static Task<Daprd> StartAsync(string metrics = "") => Daprd.StartAsync(new DaprdSetup
    {
        AppId = "myapp",
        Resources = [Manifests.InMemoryState("mystore")],
        Configs = metrics.Length == 0 ? [] : [$"""
            apiVersion: dapr.io/v1alpha1
            kind: Configuration
            metadata:
              name: metrics
            spec:
              metrics:
                {metrics}
            """],
    });

    private static async Task SaveAndGetAsync(Daprd daprd)
    {
        using var saved = await daprd.Http.PostAsync("/v1.0/state/mystore", new StringContent("""[{"key":"myvalue","value":"hello world"}]""", Encoding.UTF8, "application/json"));
        saved.EnsureSuccessStatusCode();
        using var got = await daprd.Http.GetAsync("/v1.0/state/mystore/myvalue");
        got.EnsureSuccessStatusCode();
    }
}
