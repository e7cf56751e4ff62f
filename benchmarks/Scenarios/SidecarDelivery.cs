using System.Diagnostics;
using RealTimeMesh.Benchmarks.Load;

namespace RealTimeMesh.Benchmarks.Scenarios;

/// <summary>From publish to the app's handler: latency at 1,000/s, and how fast bulk deliveries empty a log.</summary>
internal sealed class SidecarDelivery(SidecarSettings settings) : IScenario
{
    private const int Rate = 1_000;
    private const int Batch = 1_000;
    private const int Backlog = 500_000;
    private const string Memory = "memory";
    private const string RocksDb = "rocksdb";
    private const string Single = "single";
    private const string Bulk = "bulk";

    private static readonly TimeSpan DrainLimit = TimeSpan.FromMinutes(5);

    private static readonly string Subscriptions = $$"""
        [{"pubsubname":"{{Memory}}","topic":"{{Single}}","route":"/{{Memory}}"},
         {"pubsubname":"{{RocksDb}}","topic":"{{Single}}","route":"/{{RocksDb}}"},
         {"pubsubname":"{{RocksDb}}","topic":"{{Bulk}}","route":"/{{Bulk}}","bulkSubscribe":{"enabled":true,"maxMessagesCount":{{Batch}},"maxAwaitDurationMs":10} }]
        """;

    private readonly TaskCompletionSource _open = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _drained = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Latencies? _handled;
    private long _measuredFrom;
    private int _bulkHandled;

    public string Name => "sidecar-delivery";

    public string Description => "publish to handler at 1,000/s over HTTP, and the most events that bulk deliveries carry";

    public async Task<BenchmarkReport> RunAsync(CancellationToken cancellationToken)
    {
        var results = new Measurements();
        await using var app = await BenchmarkApp.StartAsync(Subscriptions, HandleAsync, cancellationToken);
        await using var sidecar = await SidecarProcess.StartAsync(
            folder => [ComponentFiles.InMemoryBroker(Memory), ComponentFiles.RocksDbBroker(RocksDb, folder)], app.Port, cancellationToken);
        using var grpc = new GrpcLoad(sidecar.GrpcPort, 1);
        await SingleAsync(results, sidecar, grpc, Memory, cancellationToken);
        await SingleAsync(results, sidecar, grpc, RocksDb, cancellationToken);
        await DrainAsync(results, sidecar, grpc, cancellationToken);
        return new BenchmarkReport(
            Name,
            results.Values,
            $"{SidecarSettings.Executable()}; events of {Requests.EventBytes} bytes published over gRPC at {Rate:N0}/s open loop, counted from when the publish was due to when the handler has the body; CloudEvents over HTTP; drain: {Backlog:N0} CloudEvents in a synced log, delivered {Batch:N0} at a time; {settings.Measured.TotalSeconds} s each after {settings.WarmUp.TotalSeconds} s.");
    }

    private async Task SingleAsync(Measurements results, SidecarProcess sidecar, GrpcLoad grpc, string broker, CancellationToken cancellationToken)
    {
        var publish = GrpcLoad.Method("PublishEvent");
        var handled = new Latencies((int)(settings.Measured.TotalSeconds * Rate));
        RuntimeFacts before = default;
        var published = await OpenLoop.RunAsync(
            Rate,
            settings,
            due => grpc.CallAsync(publish, Requests.Publish(broker, Single, due)),
            async () =>
            {
                before = await sidecar.FactsAsync(cancellationToken);
                (_measuredFrom, _handled) = (Stopwatch.GetTimestamp(), handled);
            },
            cancellationToken);
        await WaitAsync(() => handled.Count == published.Count, () => $"{handled.Count:N0} of {published.Count:N0} events reached the handler", cancellationToken);
        _handled = null;
        results.Add($"{broker}.handled_at_1000", handled);
        results.Add($"{broker}.published_at_1000", published);
        results.AddUse($"{broker}.handled_at_1000", "events", await sidecar.FactsAsync(cancellationToken) - before, handled.Count);
    }

    /// <summary>The handler lets no delivery go before the whole backlog is published.</summary>
    private async Task DrainAsync(Measurements results, SidecarProcess sidecar, GrpcLoad grpc, CancellationToken cancellationToken)
    {
        var publish = GrpcLoad.Method("BulkPublishEvent");
        var request = Requests.BulkPublish(RocksDb, Bulk, Batch, raw: false);
        for (var sent = 0; sent < Backlog; sent += Batch)
            await grpc.CallAsync(publish, request);
        var before = await sidecar.FactsAsync(cancellationToken);
        var started = Stopwatch.GetTimestamp();
        _open.SetResult();
        await _drained.Task.WaitAsync(DrainLimit, TimeProvider.System, cancellationToken);
        var elapsed = Stopwatch.GetElapsedTime(started);
        results.Add("drain", "events", new Throughput(Backlog, elapsed, await sidecar.FactsAsync(cancellationToken) - before));
    }

    private async ValueTask<ReadOnlyMemory<byte>?> HandleAsync(string path, ReadOnlyMemory<byte> body)
    {
        if (path != $"/{Bulk}")
        {
            if (_handled is { } handled && Requests.SentIn(body.Span) is var sent && sent >= _measuredFrom)
                handled.AddSince(sent);
            return null;
        }

        await _open.Task;
        var (answer, events) = BulkAnswers.Success(body.Span);
        if (Interlocked.Add(ref _bulkHandled, events) >= Backlog)
            _drained.TrySetResult();
        return answer;
    }

    private static async Task WaitAsync(Func<bool> condition, Func<string> state, CancellationToken cancellationToken)
    {
        var started = Stopwatch.GetTimestamp();
        while (!condition())
        {
            if (Stopwatch.GetElapsedTime(started) > TimeSpan.FromSeconds(30))
                throw new TimeoutException($"{state()} within 30 s; expected all");
            await Task.Delay(TimeSpan.FromMilliseconds(10), TimeProvider.System, cancellationToken);
        }
    }
}
