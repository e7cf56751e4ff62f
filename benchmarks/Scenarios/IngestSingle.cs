using System.Net;
using System.Net.Http.Headers;
using System.Text;
using RealTimeMesh.Benchmarks.Load;

namespace RealTimeMesh.Benchmarks.Scenarios;

/// <summary>Single events by POST at 1,000/s: each is on the synced log and counted before it is answered.</summary>
internal sealed class IngestSingle(SidecarSettings settings) : IScenario
{
    private const int Rate = 1_000;
    private const int Bodies = 256;

    public string Name => "ingest-single";

    public string Description => "latency of single JSON events by POST at 1,000/s, open loop, to the synced log";

    public async Task<BenchmarkReport> RunAsync(CancellationToken cancellationToken)
    {
        var results = new Measurements();
        var random = new Random(1);
        var bodies = Enumerable.Range(0, Bodies).Select(i => Encoding.ASCII.GetBytes(IngestEvents.Event(random, i, IngestEvents.LineBytes))).ToArray();
        await using var ingest = await IngestProcess.StartAsync([], cancellationToken);
        using var client = new HttpClient(new SocketsHttpHandler()) { BaseAddress = ingest.Address };
        var next = 0;
        (TimeSpan Ingestion, TimeSpan Sidecar, TimeSpan Client) before = default;
        var latencies = await OpenLoop.RunAsync(
            Rate, settings, _ => PostAsync(client, bodies[next++ % Bodies], cancellationToken), () => { before = ingest.Processors; return Task.CompletedTask; }, cancellationToken);
        var after = ingest.Processors;
        results.Add("single_at_1000", latencies);
        results.Add("single_at_1000.cpu_us_per_event.ingestion", (after.Ingestion - before.Ingestion).TotalMicroseconds / latencies.Count);
        results.Add("single_at_1000.cpu_us_per_event.sidecar", (after.Sidecar - before.Sidecar).TotalMicroseconds / latencies.Count);
        return new BenchmarkReport(
            Name,
            results.Values,
            $"{IngestEvents.LineBytes}-byte JSON events to {IngestEvents.Checked} (six expectations), {Rate:N0}/s open loop, counted from when each was due; log synced before the acknowledgement; {settings.Measured.TotalSeconds} s after {settings.WarmUp.TotalSeconds} s.");
    }

    private static async Task PostAsync(HttpClient client, byte[] body, CancellationToken cancellationToken)
    {
        using var content = new ByteArrayContent(body);
        content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        using var response = await client.PostAsync($"/v1/streams/{IngestEvents.Checked}/events", content, cancellationToken);
        if (response.StatusCode != HttpStatusCode.Accepted)
            throw new InvalidOperationException($"the answer is {(int)response.StatusCode}: {await response.Content.ReadAsStringAsync(cancellationToken)}; expected 202");
    }
}
