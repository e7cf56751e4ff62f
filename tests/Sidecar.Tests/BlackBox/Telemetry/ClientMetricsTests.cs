using Dapr.AppCallback.Autogen.Grpc.v1;
using Dapr.Client.Autogen.Grpc.v1;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Microsoft.AspNetCore.Http;

namespace RealTimeMesh.Sidecar.Tests.BlackBox.Telemetry;

/// <summary>What the sidecar counts of the calls it makes.</summary>
public sealed class ClientMetricsTests
{
    [Theory]
    [InlineData("", "hi")]
    [InlineData("http: { increasedCardinality: false }", "")]
    public async Task Calls_of_an_http_app_are_counted_by_method_and_status(string metrics, string path)
    {
        await using var app = await WebTestApp.StartAsync(context => context.Response.WriteAsync("OK"));
        await using var daprd = await StartAsync(app.Port, "http", metrics);
        Assert.Equal("OK", await daprd.Http.GetStringAsync("/v1.0/invoke/myapp/method/hi"));

        await daprd.MetricAsync("""dapr_http_client_completed_count{app_id="myapp",method="GET",path="/dapr/config",status="200"}""", 1);
        await daprd.MetricAsync($$"""dapr_http_client_completed_count{app_id="myapp",method="GET",path="{{path}}",status="200"}""", 1);
        await daprd.MetricAsync($$"""dapr_http_client_roundtrip_latency_count{app_id="myapp",method="GET",path="{{path}}",status="200"}""", 1);
        await daprd.MetricAsync("""dapr_http_client_received_bytes_count{app_id="myapp"}""", 2);
    }

    [Fact]
    public async Task Calls_and_probes_of_a_grpc_app_are_counted_by_method_and_status()
    {
        await using var app = new GrpcTestApp
        {
            HealthCheck = _ => Task.FromResult(new HealthCheckResponse()),
            OnInvoke = (_, _) => Task.FromResult(new InvokeResponse { Data = new Any { Value = ByteString.CopyFromUtf8("ok") } }),
        };
        await app.StartAsync();
        await using var daprd = await StartAsync(app.Port, "grpc", "", health: true);
        await Eventually.TrueAsync(async () => await AnswersAsync(daprd), () => "an answer of the app");

        await daprd.MetricAsync("""dapr_grpc_io_client_completed_rpcs{app_id="myapp",grpc_client_method="/dapr.proto.runtime.v1.AppCallback/OnInvoke",grpc_client_status="OK"}""", 1);
        await daprd.MetricAsync("""dapr_grpc_io_client_sent_bytes_per_rpc_count{app_id="myapp",grpc_client_method="/dapr.proto.runtime.v1.AppCallback/OnInvoke"}""", 1);
        var counted = await daprd.MetricsAsync();
        Assert.InRange(counted["""dapr_grpc_io_healthprobes_completed_count{app_id="myapp",grpc_client_status="OK"}"""], 1, 1000);
        Assert.DoesNotContain(counted.Keys, key => key.Contains("AppCallbackHealthCheck", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Proxied_calls_are_counted_as_served()
    {
        await using var app = await GrpcEchoApp.StartAsync();
        app.Answer = (text, _) => text == "good" ? Task.FromResult(text) : throw new RpcException(new Status(StatusCode.NotFound, "no"));
        await using var daprd = await StartAsync(app.Port, "grpc", "");
        var options = new CallOptions([new("dapr-app-id", "myapp")]);
        Assert.Equal("good", await daprd.Channel.CreateCallInvoker().AsyncUnaryCall(GrpcEchoApp.Unary, null, options, "good"));
        await Assert.ThrowsAsync<RpcException>(async () => await daprd.Channel.CreateCallInvoker().AsyncUnaryCall(GrpcEchoApp.Unary, null, options, "bad"));

        await daprd.MetricAsync("""dapr_grpc_io_server_completed_rpcs{app_id="myapp",grpc_server_method="/test.Echo/Unary",grpc_server_status="OK"}""", 1);
        await daprd.MetricAsync("""dapr_grpc_io_server_completed_rpcs{app_id="myapp",grpc_server_method="/test.Echo/Unary",grpc_server_status="NotFound"}""", 1);
        await daprd.MetricAsync("""dapr_runtime_service_invocation_req_sent_total{app_id="myapp",dst_app_id="myapp",type="unary"}""", 2);
        await daprd.MetricAsync("""dapr_runtime_service_invocation_res_recv_total{app_id="myapp",src_app_id="myapp",status="5",type="unary"}""", 1);
    }

    private static async Task<bool> AnswersAsync(Daprd daprd)
    {
        try
        {
            await daprd.Grpc.InvokeServiceAsync(new InvokeServiceRequest { Id = "myapp", Message = new InvokeRequest { Method = "hi" } });
            return true;
        }
        catch (RpcException exception) when (exception.Status.Detail.Contains("healthy", StringComparison.Ordinal))
        {
            return false;
        }
    }

    private static Task<Daprd> StartAsync(int port, string protocol, string metrics, bool health = false) => Daprd.StartAsync(new DaprdSetup
    {
        AppId = "myapp",
        AppPort = port,
        AppProtocol = protocol,
        AppHealthCheck = health,
        AppHealthProbeInterval = 1,
        AppHealthThreshold = 1,
        Configs = metrics.Length == 0 ? [] : [$"apiVersion: dapr.io/v1alpha1\nkind: Configuration\nmetadata: {{name: m}}\nspec: {{metrics: {{{metrics}}}}}"],
    });
}
