using System.Net;
using System.Net.Http.Headers;
using System.Text;
using RealTimeMesh.Benchmarks.Load;

namespace RealTimeMesh.Benchmarks.Scenarios;

/// <summary>One tenant floods a stream with batches as fast as they are taken; another posts single events to the same stream, alone and then beside it.</summary>
internal sealed class IngestFairness(SidecarSettings settings) : IScenario
{
    private const int Rate = 200;
    private const int FloodConnections = 16;
    private const int FloodLines = 2_000;
    private const int Bodies = 256;

    public string Name => "ingest-fairness";

    public string Description => "latency of one tenant's single events, alone and under another tenant's flood of the same stream";

    public async Task<BenchmarkReport> RunAsync(CancellationToken cancellationToken)
    {
        var results = new Measurements();
        var random = new Random(1);
        var bodies = Enumerable.Range(0, Bodies).Select(i => Encoding.ASCII.GetBytes(IngestEvents.Event(random, i, IngestEvents.LineBytes))).ToArray();
        var lines = IngestEvents.Lines(FloodLines, 1);
        await using var ingest = await IngestProcess.StartAsync([], cancellationToken);
        using var quiet = new HttpClient(new SocketsHttpHandler()) { BaseAddress = ingest.Address };
        using var flood = new HttpClient(new SocketsHttpHandler { MaxConnectionsPerServer = FloodConnections }) { BaseAddress = ingest.Address };
        var next = 0;
        var alone = await OpenLoop.RunAsync(Rate, settings, Single, null, cancellationToken);
        results.Add("alone", alone);
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        long taken = 0, refused = 0;
        var flooding = Task.WhenAll(Enumerable.Range(0, FloodConnections).Select(_ => Task.Run(FloodAsync, cancellationToken)));
        var (before, started) = (0L, 0L);
        var beside = await OpenLoop.RunAsync(
            Rate,
            settings,
            Single,
            () =>
            {
                (before, started) = (Interlocked.Read(ref taken), TimeProvider.System.GetTimestamp());
                return Task.CompletedTask;
            },
            cancellationToken);
        var flooded = (Interlocked.Read(ref taken) - before) * FloodLines / TimeProvider.System.GetElapsedTime(started).TotalSeconds;
        await ended.CancelAsync();
        await flooding;
        results.Add("beside_flood", beside);
        results.Add("beside_flood.p50_ratio", beside.Percentile(0.5) / alone.Percentile(0.5));
        results.Add("beside_flood.p99_ratio", beside.Percentile(0.99) / alone.Percentile(0.99));
        results.Add("flood.events_per_s", flooded);
        results.Add("flood.requests_refused", refused);
        return new BenchmarkReport(
            Name,
            results.Values,
            $"one tenant: {Rate:N0} single events/s, open loop, counted from when each was due; the other: {FloodConnections} connections with requests of {FloodLines:N0} lines, one after the other, to the same stream {IngestEvents.Checked}; {settings.Measured.TotalSeconds} s each after {settings.WarmUp.TotalSeconds} s.");

        async Task Single(long due)
        {
            using var response = await PostAsync(quiet, "quiet", "application/json", bodies[(uint)Interlocked.Increment(ref next) % Bodies], cancellationToken);
            if (response.StatusCode != HttpStatusCode.Accepted)
                throw new InvalidOperationException($"the quiet tenant's answer is {(int)response.StatusCode}: {await response.Content.ReadAsStringAsync(cancellationToken)}; expected 202");
        }

        async Task FloodAsync()
        {
            while (!ended.IsCancellationRequested)
            {
                using var response = await PostAsync(flood, "flood", "application/x-ndjson", lines, cancellationToken);
                if (response.StatusCode == HttpStatusCode.Accepted)
                    Interlocked.Increment(ref taken);
                else if (response.StatusCode == HttpStatusCode.TooManyRequests)
                    Interlocked.Increment(ref refused);
                else
                    throw new InvalidOperationException($"the flood's answer is {(int)response.StatusCode}: {await response.Content.ReadAsStringAsync(cancellationToken)}; expected 202 or 429");
            }
        }
    }

    private static async Task<HttpResponseMessage> PostAsync(HttpClient client, string tenant, string type, byte[] body, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, $"/v1/streams/{IngestEvents.Checked}/events") { Content = new ByteArrayContent(body) };
        request.Headers.Add("X-Tenant-Key", tenant);
        request.Content.Headers.ContentType = new MediaTypeHeaderValue(type);
        return await client.SendAsync(request, cancellationToken);
    }
}
