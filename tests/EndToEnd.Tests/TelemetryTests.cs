using System.Net;
using System.Text;

namespace RealTimeMesh.EndToEnd.Tests;

public sealed class TelemetryTests
{
    private const string TraceId = "0af7651916cd43dd8448eb211c80319c";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact(Timeout = 600_000)]
    public async Task One_trace_leads_from_the_front_door_through_sidecar_and_log_to_the_processor_and_the_lake()
    {
        await using var receiver = await TraceReceiver.StartAsync();
        var environment = new Dictionary<string, string>
        {
            ["OTEL_EXPORTER_OTLP_ENDPOINT"] = receiver.Endpoint,
            ["OTEL_EXPORTER_OTLP_PROTOCOL"] = "http/protobuf",
            ["OTEL_BSP_SCHEDULE_DELAY"] = "100",
        };
        await using var host = HostProcess.Start(HostProcess.NewFolder("trace"), environment, "--pipeline", "flights", "--replay", "off", "--free-ports", "--no-console");
        await host.ReadyAsync(Cancel);
        using var http = new HttpClient();
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(host.AppUrl("ingestion"), "/v1/streams/flights.departures/events"))
        {
            Content = new StringContent("""{"date":"2001-02-01T08:00:00Z","delay":42,"distance":431,"origin":"ORD","destination":"MSP"}""", Encoding.UTF8, "application/json"),
        };
        request.Headers.Add("traceparent", $"00-{TraceId}-b7ad6b7169203331-01");
        using var response = await http.SendAsync(request, Cancel);
        Assert.Equal(HttpStatusCode.Accepted, response.StatusCode);

        string[] hops = ["Ingestion", "sidecar", "StreamProcessor", "Lakehouse"];
        HashSet<string> seen;
        do
        {
            await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System, Cancel);
            seen = receiver.Spans.Where(span => span.TraceId == TraceId).Select(span => span.Service).ToHashSet();
        }
        while (!hops.All(seen.Contains));
    }

    [Theory(Timeout = 600_000)]
    [InlineData("ingestion")]
    [InlineData("stream-processor")]
    [InlineData("lakehouse")]
    [InlineData("spark-jobs")]
    public async Task Every_service_has_Prometheus_metrics(string app)
    {
        await using var host = HostProcess.Start(HostProcess.NewFolder("metrics"), "--pipeline", "flights", "--replay", "max", "--free-ports", "--no-console");
        await host.ReadyAsync(Cancel);
        using var http = new HttpClient();
        string text;
        do
        {
            text = await http.GetStringAsync(new Uri(host.AppUrl(app), "/metrics"), Cancel);
            await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System, Cancel);
        }
        while (!text.Contains("# TYPE", StringComparison.Ordinal));
    }
}
