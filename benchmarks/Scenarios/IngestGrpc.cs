using System.Text;
using Google.Protobuf;
using Grpc.Core;
using Grpc.Net.Client;
using RealTimeMesh.Benchmarks.Load;
using RealTimeMesh.Contracts;
using RealTimeMesh.Ingestion.Grpc.V1;
using IngestionClient = RealTimeMesh.Ingestion.Grpc.V1.Ingestion.IngestionClient;

namespace RealTimeMesh.Benchmarks.Scenarios;

/// <summary>The events of <c>ingest-ndjson</c> over streamed gRPC calls onto the synced log, as JSON and as Avro, by named senders and without a name.</summary>
internal sealed class IngestGrpc(SidecarSettings settings) : IScenario
{
    private const int Calls = 4;
    private const int RequestEvents = 500;
    private const int Requests = 8;

    public string Name => "ingest-grpc";

    public string Description => "events/s over streamed gRPC calls through Ingestion to the synced log, acknowledgements included";

    public async Task<BenchmarkReport> RunAsync(CancellationToken cancellationToken)
    {
        var results = new Measurements();
        await using var ingest = await IngestProcess.StartAsync([], cancellationToken);
        await StepAsync("json", "", "application/json", seed => Json(seed));
        await StepAsync("avro", "", "application/avro", seed => Avro(seed));
        await StepAsync("avro_named", "bench", "application/avro", seed => Avro(seed));
        results.Add("peak_memory_mib", ingest.PeakMebibytes);
        return new BenchmarkReport(
            Name,
            results.Values,
            $"{Calls} calls, each sending {Requests} requests of {RequestEvents} events to {IngestEvents.Plain} before it waits for their acknowledgement; Ingestion and {SidecarSettings.Executable()} as processes, log synced before the acknowledgement, counters in Garnet; {settings.Measured.TotalSeconds} s each after {settings.WarmUp.TotalSeconds} s.");

        async Task StepAsync(string step, string source, string type, Func<int, ByteString[]> payloads)
        {
            var senders = new List<Sender>();
            try
            {
                for (var i = 0; i < Calls; i++)
                    senders.Add(await Sender.OpenAsync(ingest.Address, source.Length == 0 ? "" : $"{source}/{i}", type, payloads(i), cancellationToken));
                Task Send(int caller) => senders[caller].SendAsync(Requests, cancellationToken);
                await ClosedLoop.RunAsync(Calls, settings with { Measured = TimeSpan.Zero }, Send, null, cancellationToken);
                var before = ingest.Processors;
                var throughput = await ClosedLoop.RunAsync(Calls, settings with { WarmUp = TimeSpan.Zero }, Send, null, cancellationToken);
                var after = ingest.Processors;
                var events = throughput.Operations * (double)Requests * RequestEvents;
                var finished = events + (Calls * Requests * RequestEvents / 2.0);
                results.Add($"{step}.events_per_s", events / throughput.Elapsed.TotalSeconds);
                results.Add($"{step}.cpu_us_per_event.ingestion", (after.Ingestion - before.Ingestion).TotalMicroseconds / finished);
                results.Add($"{step}.cpu_us_per_event.sidecar", (after.Sidecar - before.Sidecar).TotalMicroseconds / finished);
            }
            finally
            {
                foreach (var sender in senders)
                    sender.Dispose();
            }
        }
    }

    private static ByteString[] Json(int seed)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, RequestEvents).Select(i => ByteString.CopyFrom(IngestEvents.Event(random, i, IngestEvents.LineBytes - 1), Encoding.ASCII))];
    }

    private static ByteString[] Avro(int seed)
    {
        var header = new byte[AvroFingerprint.HeaderLength];
        AvroFingerprint.WriteHeader(header, AvroFingerprint.Of(AvroSchema.Parse(IngestEvents.Contract)));
        return [.. IngestEvents.Records(RequestEvents, seed).Select(record => ByteString.CopyFrom([.. header, .. record]))];
    }

    private sealed class Sender(GrpcChannel channel, AsyncDuplexStreamingCall<PublishRequest, PublishReply> call, bool named, ByteString[] payloads) : IDisposable
    {
        private long _position;
        private long _sequence;

        public static async Task<Sender> OpenAsync(Uri address, string source, string type, ByteString[] payloads, CancellationToken cancellationToken)
        {
            var channel = GrpcChannel.ForAddress(address);
            var call = new IngestionClient(channel).Publish(cancellationToken: cancellationToken);
            await call.RequestStream.WriteAsync(new PublishRequest { Open = new Open { Stream = IngestEvents.Plain, Source = source, ContentType = type } }, cancellationToken);
            await call.ResponseStream.MoveNext(cancellationToken);
            return new Sender(channel, call, source.Length > 0, payloads);
        }

        public async Task SendAsync(int requests, CancellationToken cancellationToken)
        {
            for (var i = 0; i < requests; i++)
            {
                var request = new PublishRequest();
                foreach (var payload in payloads)
                {
                    var item = new Event { Payload = payload };
                    if (named)
                        item.Sequence = _sequence++;
                    request.Events.Add(item);
                }

                await call.RequestStream.WriteAsync(request, cancellationToken);
                _position += payloads.Length;
            }

            while (await call.ResponseStream.MoveNext(cancellationToken))
            {
                if (call.ResponseStream.Current.Acknowledged is { Rejections.Count: > 0 } rejected)
                    throw new InvalidOperationException($"an event was rejected: {rejected.Rejections[0]}");
                if (call.ResponseStream.Current.Acknowledged?.Position >= _position)
                    return;
            }

            throw new InvalidOperationException("the call ended; expected acknowledgements");
        }

        public void Dispose()
        {
            call.Dispose();
            channel.Dispose();
        }
    }
}
