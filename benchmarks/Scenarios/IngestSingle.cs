using System.Net;
using System.Net.Http.Headers;
using System.Text;
using RealTimeMesh.Benchmarks.Load;

namespace RealTimeMesh.Benchmarks.Scenarios;

/// <summary>
/// Single events by POST at 1,000/s: each is on the synced log and counted before it is answered. Beside it the same load
/// on a Kestrel that does nothing, whose latency is the machine's and the client's, and requests one after the other,
/// whose processor time says what one costs that shares nothing with others, however busy the machine is.
/// </summary>
internal sealed class IngestSingle(SidecarSettings settings) : IScenario
{
    private const int Rate = 1_000;
    private const int Bodies = 256;

    public string Name => "ingest-single";

    public string Description => "latency of single JSON events by POST at 1,000/s, open loop, to the synced log, beside a bare Kestrel";

    public async Task<BenchmarkReport> RunAsync(CancellationToken cancellationToken)
    {
        var results = new Measurements();
        var random = new Random(1);
        var bodies = Enumerable.Range(0, Bodies).Select(i => Encoding.ASCII.GetBytes(IngestEvents.Event(random, i, IngestEvents.LineBytes))).ToArray();
        var next = 0;
        await using (var ingest = await IngestProcess.StartAsync([], cancellationToken))
        {
            var path = $"/v1/streams/{IngestEvents.Checked}/events";
            using var client = new HttpClient(new SocketsHttpHandler()) { BaseAddress = ingest.Address };
            await MeasureAsync("single_at_1000", async begin => Add("single_at_1000", await OpenLoop.RunAsync(Rate, settings, Post, begin, cancellationToken)));
            await MeasureAsync("one_at_a_time", async begin =>
            {
                await begin();
                var throughput = await ClosedLoop.RunAsync(1, settings with { WarmUp = TimeSpan.Zero, Measured = settings.Measured / 2 }, _ => Post(0), null, cancellationToken);
                results.Add("one_at_a_time.ms", 1000 / throughput.PerSecond);
                return throughput.Operations;
            });

            Task Post(long due) => PostAsync(client, path, bodies[(uint)Interlocked.Increment(ref next) % Bodies], HttpStatusCode.Accepted, cancellationToken);

            async Task MeasureAsync(string step, Func<Func<Task>, Task<long>> run)
            {
                (TimeSpan Ingestion, TimeSpan Sidecar, TimeSpan Client) before = default;
                RuntimeUse used = default;
                var count = await run(async () =>
                {
                    before = ingest.Processors;
                    used = await ingest.RuntimeAsync(cancellationToken);
                });
                var after = ingest.Processors;
                used = await ingest.RuntimeAsync(cancellationToken) - used;
                results.Add($"{step}.cpu_us_per_event.ingestion", (after.Ingestion - before.Ingestion).TotalMicroseconds / count);
                results.Add($"{step}.cpu_us_per_event.sidecar", (after.Sidecar - before.Sidecar).TotalMicroseconds / count);
                results.Add($"{step}.cpu_us_per_event.client_and_stores", (after.Client - before.Client).TotalMicroseconds / count);
                results.Add($"{step}.allocated_bytes_per_event.ingestion", used.AllocatedBytes / count);
                results.Add($"{step}.compiling_ms.ingestion", used.CompilingSeconds * 1000);
                results.Add($"{step}.collector_pauses_ms.ingestion", used.PauseSeconds * 1000);
            }
        }

        await using (var kestrel = await BenchmarkApp.StartAsync("[]", (_, _) => ValueTask.FromResult<ReadOnlyMemory<byte>?>(null), cancellationToken))
        {
            using var client = new HttpClient(new SocketsHttpHandler()) { BaseAddress = new Uri($"http://127.0.0.1:{kestrel.Port}") };
            Add("bare_kestrel_at_1000", await OpenLoop.RunAsync(Rate, settings, _ => PostAsync(client, "/", bodies[(uint)Interlocked.Increment(ref next) % Bodies], HttpStatusCode.NoContent, cancellationToken), null, cancellationToken));
        }

        return new BenchmarkReport(
            Name,
            results.Values,
            $"{IngestEvents.LineBytes}-byte JSON events to {IngestEvents.Checked} (six expectations), {Rate:N0}/s open loop, counted from when each was due; log synced before the acknowledgement; {settings.Measured.TotalSeconds} s after {settings.WarmUp.TotalSeconds} s; then one at a time for half of that; compiling: time that Ingestion's compiler took within the measured part.");

        long Add(string step, Latencies latencies)
        {
            results.Add(step, latencies);
            return latencies.Count;
        }
    }

    private static async Task PostAsync(HttpClient client, string path, byte[] body, HttpStatusCode expected, CancellationToken cancellationToken)
    {
        using var content = new ByteArrayContent(body);
        content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        using var response = await client.PostAsync(path, content, cancellationToken);
        if (response.StatusCode != expected)
            throw new InvalidOperationException($"the answer is {(int)response.StatusCode}: {await response.Content.ReadAsStringAsync(cancellationToken)}; expected {(int)expected}");
    }
}
