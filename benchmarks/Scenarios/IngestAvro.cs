using System.Net;
using System.Net.Http.Headers;
using RealTimeMesh.Benchmarks.Load;
using RealTimeMesh.Contracts;
using RealTimeMesh.Contracts.Containers;

namespace RealTimeMesh.Benchmarks.Scenarios;

/// <summary>The events of <c>ingest-ndjson</c> as Avro through the front door onto the synced log: files of each codec, and records behind their lengths.</summary>
internal sealed class IngestAvro(SidecarSettings settings) : IScenario
{
    private const int Connections = 4;
    private const int BatchRows = 2_000;

    public string Name => "ingest-avro";

    public string Description => "events/s of Avro files and streams of Avro records through Ingestion to the synced log";

    public async Task<BenchmarkReport> RunAsync(CancellationToken cancellationToken)
    {
        var results = new Measurements();
        var records = Enumerable.Range(0, Connections).Select(seed => IngestEvents.Records(BatchRows, seed)).ToArray();
        results.Add("record_bytes", records[0].Average(record => record.Length));
        await using var ingest = await IngestProcess.StartAsync([], cancellationToken);
        using var client = new HttpClient(new SocketsHttpHandler { MaxConnectionsPerServer = Connections }) { BaseAddress = ingest.Address };
        foreach (var codec in (string[])["null", "snappy", "deflate", "zstandard"])
            await StepAsync($"file_{codec}", [.. records.Select(rows => FileOf(rows, codec))], "application/avro");
        await StepAsync("delimited", [.. records.Select(Delimited)], "application/avro;delimited=true");
        results.Add("peak_memory_mib", ingest.PeakMebibytes);
        return new BenchmarkReport(
            Name,
            results.Values,
            $"{Connections} connections, requests of {BatchRows:N0} events to {IngestEvents.Plain}; Ingestion and {SidecarSettings.Executable()} as processes, log synced before the acknowledgement, counters in Garnet; {settings.Measured.TotalSeconds} s each after {settings.WarmUp.TotalSeconds} s.");

        async Task StepAsync(string step, byte[][] bodies, string type)
        {
            Task Post(int caller) => PostAsync(client, bodies[caller], type, cancellationToken);
            await ClosedLoop.RunAsync(Connections, settings with { Measured = TimeSpan.Zero }, Post, null, cancellationToken);
            var before = ingest.Processors;
            var throughput = await ClosedLoop.RunAsync(Connections, settings with { WarmUp = TimeSpan.Zero }, Post, null, cancellationToken);
            var after = ingest.Processors;
            var events = throughput.Operations * (double)BatchRows;
            // Operations that began in the measured time and ended after it cost processor time as well.
            var finished = events + (Connections * BatchRows / 2.0);
            results.Add($"{step}.events_per_s", events / throughput.Elapsed.TotalSeconds);
            results.Add($"{step}.cpu_us_per_event.ingestion", (after.Ingestion - before.Ingestion).TotalMicroseconds / finished);
            results.Add($"{step}.cpu_us_per_event.sidecar", (after.Sidecar - before.Sidecar).TotalMicroseconds / finished);
        }
    }

    private static async Task PostAsync(HttpClient client, byte[] body, string type, CancellationToken cancellationToken)
    {
        using var content = new ByteArrayContent(body);
        content.Headers.ContentType = MediaTypeHeaderValue.Parse(type);
        using var response = await client.PostAsync($"/v1/streams/{IngestEvents.Plain}/events", content, cancellationToken);
        if (response.StatusCode != HttpStatusCode.Accepted)
            throw new InvalidOperationException($"the answer is {(int)response.StatusCode}: {await response.Content.ReadAsStringAsync(cancellationToken)}; expected 202");
    }

    private static byte[] FileOf(IReadOnlyList<byte[]> records, string codec)
    {
        var file = new MemoryStream();
        var writer = new AvroFileWriter(file, IngestEvents.Contract, codec);
        foreach (var record in records)
            writer.Add(record);
        writer.EndBlock();
        return file.ToArray();
    }

    /// <summary>Records in single-object encoding, each behind its length.</summary>
    private static byte[] Delimited(IReadOnlyList<byte[]> records)
    {
        var header = new byte[AvroFingerprint.HeaderLength];
        AvroFingerprint.WriteHeader(header, AvroFingerprint.Of(AvroSchema.Parse(IngestEvents.Contract)));
        var body = new MemoryStream();
        foreach (var record in records)
        {
            var length = (uint)(header.Length + record.Length);
            for (; length >= 0x80; length >>= 7)
                body.WriteByte((byte)(length | 0x80));
            body.WriteByte((byte)length);
            body.Write(header);
            body.Write(record);
        }

        return body.ToArray();
    }
}
