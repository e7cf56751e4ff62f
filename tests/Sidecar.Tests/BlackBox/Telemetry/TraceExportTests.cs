using System.Collections.Concurrent;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace RealTimeMesh.Sidecar.Tests.BlackBox.Telemetry;

public sealed class TraceExportTests : IAsyncLifetime
{
    private const string TraceParent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

    private readonly ConcurrentQueue<(string Path, string Headers, byte[] Body)> _received = new();
    private WebApplication _receiver = null!;

    public async ValueTask InitializeAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        _receiver = builder.Build();
        _receiver.MapPost("/{**path}", async (HttpContext context) =>
        {
            using var body = new MemoryStream();
            await context.Request.Body.CopyToAsync(body);
            _received.Enqueue((context.Request.Path, string.Join('\n', context.Request.Headers.Select(pair => $"{pair.Key}: {pair.Value}")), body.ToArray()));
        });
        await _receiver.StartAsync();
    }

    public ValueTask DisposeAsync() => _receiver.DisposeAsync();

    [Fact]
    public async Task Otlp_spans_carry_the_app_id_the_callers_trace_and_the_configured_headers()
    {
        await using var daprd = await StartAsync($"otel: {{ endpointAddress: '{Address}', protocol: http, isSecure: false, headers: ['x-api-key=key 1'] }}");
        var (path, headers, body) = await SpanAsync(daprd);
        Assert.Equal("/v1/traces", path);
        Assert.Contains("x-api-key: key 1", headers, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("tracedapp", Encoding.Latin1.GetString(body), StringComparison.Ordinal);
        Assert.Contains("/v1.0/metadata", Encoding.Latin1.GetString(body), StringComparison.Ordinal);
        Assert.True(body.AsSpan().IndexOf(Convert.FromHexString("4bf92f3577b34da6a3ce929d0e0e4736")) >= 0);
    }

    [Fact]
    public async Task Environment_names_the_service_and_its_attributes()
    {
        await using var daprd = await StartAsync(
            $"otel: {{ endpointAddress: '{Address}', protocol: http, isSecure: false }}",
            new Dictionary<string, string> { ["OTEL_SERVICE_NAME"] = "my-custom-service", ["OTEL_RESOURCE_ATTRIBUTES"] = "service.namespace=production,k8s.pod.name=pod-123" });
        var body = Encoding.Latin1.GetString((await SpanAsync(daprd)).Body);
        Assert.Contains("my-custom-service", body, StringComparison.Ordinal);
        Assert.Contains("production", body, StringComparison.Ordinal);
        Assert.Contains("pod-123", body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Zipkin_spans_are_json_of_the_callers_trace()
    {
        await using var daprd = await StartAsync($"zipkin: {{ endpointAddress: 'http://{Address}/api/v2/spans' }}");
        var (path, _, body) = await SpanAsync(daprd);
        Assert.Equal("/api/v2/spans", path);
        Assert.Contains("4bf92f3577b34da6a3ce929d0e0e4736", Encoding.UTF8.GetString(body), StringComparison.Ordinal);
    }

    private string Address => new Uri(_receiver.Urls.First()).Authority;

    private static Task<Daprd> StartAsync(string receiver, Dictionary<string, string>? environment = null) => Daprd.StartAsync(new DaprdSetup
    {
        AppId = "tracedapp",
        Environment = environment ?? [],
        Configs = [$"""
            apiVersion: dapr.io/v1alpha1
            kind: Configuration
            metadata:
              name: tracing
            spec:
              tracing:
                samplingRate: "1"
                {receiver}
            """],
    });

    /// <summary>Makes a call and stops the sidecar, which sends what it holds.</summary>
    private async Task<(string Path, string Headers, byte[] Body)> SpanAsync(Daprd daprd)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/v1.0/metadata");
        request.Headers.Add("traceparent", TraceParent);
        using var response = await daprd.Http.SendAsync(request);
        response.EnsureSuccessStatusCode();
        Assert.Equal(0, await daprd.StopAsync());
        Assert.True(_received.TryDequeue(out var received), daprd.Log);
        return received;
    }
}
