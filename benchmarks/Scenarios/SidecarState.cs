using RealTimeMesh.Benchmarks.Load;
using RealTimeMesh.Garnet;

namespace RealTimeMesh.Benchmarks.Scenarios;

/// <summary>Getting and setting state over gRPC at 1,000/s, in memory and in Garnet, and the most gets a second.</summary>
internal sealed class SidecarState(SidecarSettings settings) : IScenario
{
    private const int Rate = 1_000;
    private const int Callers = 64;
    private const int Connections = 2;
    private const int Keys = 200;
    private const string Memory = "memory";
    private const string Garnet = "garnet";

    public string Name => "sidecar-state";

    public string Description => "get and set of state over gRPC at 1,000/s, in memory and in Garnet";

    public async Task<BenchmarkReport> RunAsync(CancellationToken cancellationToken)
    {
        var results = new Measurements();
        var folder = Directory.CreateTempSubdirectory("mesh-benchmark-").FullName;
        try
        {
            await using var garnet = await GarnetStandIn.StartAsync(new GarnetOptions { DataPath = folder }, null, cancellationToken);
            await using var sidecar = await SidecarProcess.StartAsync(
                _ => [ComponentFiles.InMemoryStore(Memory), ComponentFiles.RedisStore(Garnet, garnet.Address)], appPort: null, cancellationToken);
            using var grpc = new GrpcLoad(sidecar.GrpcPort, Connections);
            foreach (var store in (string[])[Memory, Garnet])
                await StoreAsync(results, sidecar, grpc, store, cancellationToken);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }

        return new BenchmarkReport(
            Name,
            results.Values,
            $"{SidecarSettings.Executable()}; values of {Requests.EventBytes} bytes under {Keys} keys; {Rate:N0}/s open loop, counted from when it was due; Garnet in the process of the load client, each write in its log before it is acknowledged; {settings.Measured.TotalSeconds} s each after {settings.WarmUp.TotalSeconds} s.");
    }

    private async Task StoreAsync(Measurements results, SidecarProcess sidecar, GrpcLoad grpc, string store, CancellationToken cancellationToken)
    {
        var (save, get) = (GrpcLoad.Method("SaveState"), GrpcLoad.Method("GetState"));
        var sets = Enumerable.Range(0, Keys).Select(key => Requests.Set(store, key)).ToArray();
        var gets = Enumerable.Range(0, Keys).Select(key => Requests.Get(store, key)).ToArray();
        foreach (var set in sets)
            await grpc.CallAsync(save, set);
        if ((await grpc.CallAsync(get, gets[0])).Length < Requests.EventBytes)
            throw new InvalidDataException($"store '{store}' gave back less than was saved");

        foreach (var (name, method, requests) in new[] { ("get", get, gets), ("set", save, sets) })
        {
            RuntimeFacts before = default;
            var next = 0;
            var latencies = await OpenLoop.RunAsync(
                Rate, settings, _ => grpc.CallAsync(method, requests[next = (next + 1) % Keys]), async () => before = await sidecar.FactsAsync(cancellationToken), cancellationToken);
            var step = $"{store}.{name}_at_1000";
            results.Add(step, latencies);
            results.AddUse(step, "requests", await sidecar.FactsAsync(cancellationToken) - before, latencies.Count);
        }

        results.Add($"{store}.get", "requests", await ClosedLoop.RunAsync(Callers, settings, caller => grpc.CallAsync(get, gets[caller % Keys], caller), sidecar, cancellationToken));
    }
}
