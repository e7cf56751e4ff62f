using RealTimeMesh.Benchmarks.Load;

namespace RealTimeMesh.Benchmarks.Scenarios;

/// <summary>Publishing through the sidecar: latency at 1,000/s, and the most that single and bulk requests carry, beside the bare brokers.</summary>
internal sealed class SidecarPublish(SidecarSettings settings) : IScenario
{
    private const int Rate = 1_000;
    private const int Callers = 16;
    private const int Connections = 2;
    private const string Memory = "memory";
    private const string RocksDb = "rocksdb";

    public string Name => "sidecar-publish";

    public string Description => "publish over gRPC and HTTP, singly and in bulk: latency, messages/s, processor time and allocation of each";

    public async Task<BenchmarkReport> RunAsync(CancellationToken cancellationToken)
    {
        var results = new Measurements();
        await using var sidecar = await SidecarProcess.StartAsync(
            folder => [ComponentFiles.InMemoryBroker(Memory), ComponentFiles.RocksDbBroker(RocksDb, folder)], appPort: null, cancellationToken);
        using var grpc = new GrpcLoad(sidecar.GrpcPort, Connections);

        await AtRateAsync(results, sidecar, grpc, cancellationToken);
        await HttpAsync(results, sidecar, cancellationToken);
        foreach (var broker in (string[])[Memory, RocksDb])
        {
            foreach (var batch in (int[])[100, 1_000])
                await BulkAsync(results, sidecar, grpc, broker, batch, cancellationToken);
        }

        return new BenchmarkReport(
            Name,
            results.Values,
            $"{SidecarSettings.Executable()}; events of {Requests.EventBytes} bytes; gRPC single at {Rate:N0}/s open loop, counted from when it was due; HTTP by {HttpLoad.Client}; bulk by {Callers} callers on {Connections} connections; raw: keyed values as they stand, else CloudEvents; {settings.Measured.TotalSeconds} s each after {settings.WarmUp.TotalSeconds} s.");
    }

    private async Task AtRateAsync(Measurements results, SidecarProcess sidecar, GrpcLoad grpc, CancellationToken cancellationToken)
    {
        const string Step = "grpc_single_at_1000";
        var publish = GrpcLoad.Method("PublishEvent");
        var request = Requests.Publish(Memory, "single", 0);
        RuntimeFacts before = default;
        var latencies = await OpenLoop.RunAsync(
            Rate, settings, _ => grpc.CallAsync(publish, request), async () => before = await sidecar.FactsAsync(cancellationToken), cancellationToken);
        results.Add(Step, latencies);
        results.AddUse(Step, "requests", await sidecar.FactsAsync(cancellationToken) - before, latencies.Count);
        results.Add("grpc_single", "requests", await ClosedLoop.RunAsync(4 * Callers, settings, caller => grpc.CallAsync(publish, request, caller), sidecar, cancellationToken));
    }

    private async Task HttpAsync(Measurements results, SidecarProcess sidecar, CancellationToken cancellationToken)
    {
        results.Add("http_single", "requests", await HttpLoad.RunAsync(sidecar, sidecar.HttpPort, $"/v1.0/publish/{Memory}/single", Requests.Event(), settings, cancellationToken));
        await using var kestrel = await BenchmarkApp.StartAsync("[]", (_, _) => ValueTask.FromResult<ReadOnlyMemory<byte>?>(null), cancellationToken);
        results.Add("bare_kestrel", "requests", await HttpLoad.RunAsync(null, kestrel.Port, "/", Requests.Event(), settings, cancellationToken));
    }

    private async Task BulkAsync(Measurements results, SidecarProcess sidecar, GrpcLoad grpc, string broker, int batch, CancellationToken cancellationToken)
    {
        var publish = GrpcLoad.Method("BulkPublishEvent");
        foreach (var raw in (bool[])[false, true])
        {
            var request = Requests.BulkPublish(broker, "bulk", batch, raw);
            results.Add(
                $"{broker}.bulk_{batch}{(raw ? "_raw" : "")}",
                "messages",
                await ClosedLoop.RunAsync(Callers, settings, caller => grpc.CallAsync(publish, request, caller), sidecar, cancellationToken),
                batch);
        }

        await using var bare = broker == Memory ? await BareBroker.InMemoryAsync(cancellationToken) : await BareBroker.RocksDbAsync(cancellationToken);
        results.Add($"{broker}.bare_{batch}", "messages", await bare.PublishAsync(batch, Callers, settings, cancellationToken), batch);
    }
}
