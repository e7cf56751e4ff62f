using System.Net;
using System.Net.Http.Headers;
using RealTimeMesh.Benchmarks.Load;

namespace RealTimeMesh.Benchmarks.Scenarios;

/// <summary>
/// Lines of 200 bytes through the front door onto the synced log, client and all on this machine: as requests with a batch
/// each, and as streams that each connection keeps open; beside them the bare log with batches of the same events.
/// </summary>
internal sealed class IngestNdjson(string name, string topic, SidecarSettings settings) : IScenario
{
    private const int Connections = 4;
    private const int BatchLines = 2_000;
    private const int StreamBatches = 10;

    public string Name => name;

    public string Description => topic switch
    {
        IngestEvents.Checked => "events/s of 200-byte NDJSON with six expectations through Ingestion to the synced log",
        IngestEvents.Ruled => "events/s of 200-byte NDJSON with a rule of the contract over four fields through Ingestion to the synced log",
        _ => "events/s of 200-byte NDJSON through Ingestion to the synced log, beside the bare log",
    };

    public async Task<BenchmarkReport> RunAsync(CancellationToken cancellationToken)
    {
        var results = new Measurements();
        var bodies = Enumerable.Range(0, Connections).Select(seed => IngestEvents.Lines(BatchLines, seed)).ToArray();
        await using (var ingest = await IngestProcess.StartAsync([], cancellationToken))
        {
            using var client = new HttpClient(new SocketsHttpHandler { MaxConnectionsPerServer = Connections }) { BaseAddress = ingest.Address };
            await StepAsync("batches", 1, caller => PostAsync(client, new ByteArrayContent(bodies[caller]), cancellationToken));
            await StepAsync("streams", StreamBatches, caller => PostAsync(client, new Repeated(bodies[caller], StreamBatches), cancellationToken));
            results.Add("peak_memory_mib", ingest.PeakMebibytes);

            async Task StepAsync(string step, int batches, Func<int, Task> post)
            {
                await ClosedLoop.RunAsync(Connections, settings with { Measured = TimeSpan.Zero }, post, null, cancellationToken);
                var before = ingest.Processors;
                var throughput = await ClosedLoop.RunAsync(Connections, settings with { WarmUp = TimeSpan.Zero }, post, null, cancellationToken);
                var after = ingest.Processors;
                var events = throughput.Operations * (double)batches * BatchLines;
                // Operations that began in the measured time and ended after it cost processor time as well.
                var finished = events + (Connections * (double)batches * BatchLines / 2);
                results.Add($"{step}.events_per_s", events / throughput.Elapsed.TotalSeconds);
                results.Add($"{step}.cpu_us_per_event.ingestion", (after.Ingestion - before.Ingestion).TotalMicroseconds / finished);
                results.Add($"{step}.cpu_us_per_event.sidecar", (after.Sidecar - before.Sidecar).TotalMicroseconds / finished);
                results.Add($"{step}.cpu_us_per_event.client_and_stores", (after.Client - before.Client).TotalMicroseconds / finished);
            }
        }

        await using var bare = await BareBroker.RocksDbAsync(cancellationToken);
        results.Add("bare_log.events_per_s", (await bare.PublishAsync(BatchLines, Connections, settings, cancellationToken)).PerSecond * BatchLines);
        return new BenchmarkReport(
            Name,
            results.Values,
            $"{IngestEvents.LineBytes}-byte lines to {topic}; {Connections} connections, requests of {BatchLines:N0} lines (batches) and of {StreamBatches * BatchLines:N0} (streams); Ingestion and {SidecarSettings.Executable()} as processes, log synced before the acknowledgement, counters in Garnet; {settings.Measured.TotalSeconds} s each after {settings.WarmUp.TotalSeconds} s.");
    }

    private async Task PostAsync(HttpClient client, HttpContent content, CancellationToken cancellationToken)
    {
        using (content)
        {
            content.Headers.ContentType = new MediaTypeHeaderValue("application/x-ndjson");
            using var response = await client.PostAsync($"/v1/streams/{topic}/events", content, cancellationToken);
            if (response.StatusCode != HttpStatusCode.Accepted)
                throw new InvalidOperationException($"the answer is {(int)response.StatusCode}: {await response.Content.ReadAsStringAsync(cancellationToken)}; expected 202");
        }
    }

    /// <summary>A body sent piece by piece, its length not told.</summary>
    private sealed class Repeated(byte[] piece, int times) : HttpContent
    {
        protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context)
        {
            for (var i = 0; i < times; i++)
                await stream.WriteAsync(piece);
        }

        protected override bool TryComputeLength(out long length)
        {
            length = 0;
            return false;
        }
    }
}
