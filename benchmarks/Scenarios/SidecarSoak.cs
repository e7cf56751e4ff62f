using System.Diagnostics;
using RealTimeMesh.Benchmarks.Load;

namespace RealTimeMesh.Benchmarks.Scenarios;

/// <summary>Memory of a sidecar whose subscribers are slower than its publishers: over a synced log, which takes the rest, and a bus, which makes publishers wait.</summary>
internal sealed class SidecarSoak(SidecarSettings settings) : IScenario
{
    private const int LogRate = 1_000;
    private const int BusCallers = 64;
    private const string Bus = "memory";
    private const string RocksDb = "rocksdb";
    private const string Topic = "soak";

    private static readonly TimeSpan Slowness = TimeSpan.FromMilliseconds(5);
    private static readonly TimeSpan Sampling = TimeSpan.FromSeconds(1);

    private static readonly string Subscriptions = $$"""
        [{"pubsubname":"{{Bus}}","topic":"{{Topic}}","route":"/{{Bus}}"},{"pubsubname":"{{RocksDb}}","topic":"{{Topic}}","route":"/{{RocksDb}}"}]
        """;

    private long _handled;
    private long _published;

    public string Name => "sidecar-soak";

    public string Description => "memory and queues of the sidecar under a steady load with a slow subscriber (--minutes)";

    public async Task<BenchmarkReport> RunAsync(CancellationToken cancellationToken)
    {
        var results = new Measurements();
        await using var app = await BenchmarkApp.StartAsync(Subscriptions, HandleAsync, cancellationToken);
        await using var sidecar = await SidecarProcess.StartAsync(
            folder => [ComponentFiles.InMemoryBroker(Bus), ComponentFiles.RocksDbBroker(RocksDb, folder)], app.Port, cancellationToken);
        using var grpc = new GrpcLoad(sidecar.GrpcPort, 2);
        var samples = await LoadAsync(sidecar, grpc, cancellationToken);

        foreach (var (name, third) in new[] { ("start", 0), ("middle", 1), ("end", 2) })
        {
            var part = samples[(samples.Count * third / 3)..(samples.Count * (third + 1) / 3)];
            results.Add($"{name}.working_set_mb", Median(part, facts => facts.WorkingSetBytes) / 1e6);
            results.Add($"{name}.heap_mb", Median(part, facts => facts.HeapBytes) / 1e6);
            results.Add($"{name}.threads", Median(part, facts => facts.Threads));
            results.Add($"{name}.pending_work", Median(part, facts => facts.PendingWork));
        }

        results.Add("peak.working_set_mb", samples.Max(facts => facts.WorkingSetBytes) / 1e6);
        results.Add("peak.heap_mb", samples.Max(facts => facts.HeapBytes) / 1e6);
        results.Add("growth_middle_to_end_percent", 100 * ((results.Values["end.working_set_mb"] / results.Values["middle.working_set_mb"]) - 1));
        results.Add("published", Interlocked.Read(ref _published));
        results.Add("handled", Interlocked.Read(ref _handled));
        return new BenchmarkReport(
            Name,
            results.Values,
            $"{SidecarSettings.Executable()}; {settings.Soak.TotalMinutes} minutes; {LogRate:N0}/s over gRPC into a synced log, {BusCallers} callers of an in-memory bus that each wait for their turn; the app takes {Slowness.TotalMilliseconds} ms for an event; medians of the thirds of the run, sampled each second.");
    }

    private async Task<List<RuntimeFacts>> LoadAsync(SidecarProcess sidecar, GrpcLoad grpc, CancellationToken cancellationToken)
    {
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var publish = GrpcLoad.Method("PublishEvent");
        var log = OpenLoop.RunAsync(
            LogRate, settings with { WarmUp = TimeSpan.Zero, Measured = settings.Soak }, _ => PublishAsync(Requests.Publish(RocksDb, Topic, 0), 0), null, cancellationToken);
        var bus = Task.WhenAll(Enumerable.Range(0, BusCallers).Select(_ => PublishOnAsync()));
        var samples = new List<RuntimeFacts>();
        using var timer = new PeriodicTimer(Sampling, TimeProvider.System);
        while (!log.IsCompleted && !bus.IsCompleted && await timer.WaitForNextTickAsync(cancellationToken))
            samples.Add(await sidecar.FactsAsync(cancellationToken));
        await ended.CancelAsync();
        await Task.WhenAll(log, bus);
        return samples;

        async Task PublishAsync(byte[] request, int connection)
        {
            await grpc.CallAsync(publish, request, connection);
            Interlocked.Increment(ref _published);
        }

        async Task PublishOnAsync()
        {
            var request = Requests.Publish(Bus, Topic, 0);
            while (!ended.IsCancellationRequested)
                await PublishAsync(request, 1);
        }
    }

    private async ValueTask<ReadOnlyMemory<byte>?> HandleAsync(string path, ReadOnlyMemory<byte> body)
    {
        await Task.Delay(Slowness, TimeProvider.System);
        Interlocked.Increment(ref _handled);
        return null;
    }

    private static double Median(List<RuntimeFacts> samples, Func<RuntimeFacts, double> of) => samples.Select(of).Order().ElementAt(samples.Count / 2);
}
