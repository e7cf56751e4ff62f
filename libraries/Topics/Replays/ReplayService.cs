using System.Collections.Concurrent;
using RealTimeMesh.Components;
using RealTimeMesh.Contracts;
using RealTimeMesh.Topics.Browsing;
using RealTimeMesh.Topics.Requests;

namespace RealTimeMesh.Topics.Replays;

/// <summary>Starts, stops and goes on with replays. A replay that the end of the process cut short stands as paused and can be resumed.</summary>
internal sealed class ReplayService(IBrokerAdmin admin, ReplayStore store, SchemaRegistryClient? registry, TimeProvider time) : IAsyncDisposable
{
    private const int MostAtOnce = 4;

    private readonly ConcurrentDictionary<string, Running> _running = new(StringComparer.Ordinal);

    public async Task<Replay> StartAsync(string who, ReplayRequest request, CancellationToken cancellationToken)
    {
        if (request.To.Length == 0 || request.To == request.From)
            throw Refuse.Invalid("to", request.To.Length == 0 ? "nothing" : $"the topic '{request.To}' itself", "another topic", "name a new one");
        if (request.Rate is < 1)
            throw Refuse.Invalid("rate", $"{request.Rate}", "at least 1 record a second");
        // A filter that cannot be read is told now, not in the middle.
        _ = new MessageFilter(request.Contains, request.Where);
        var ranges = await new RangeFinder(admin).FindAsync(Query(request), cancellationToken);
        var partitions = (await admin.DescribeTopicsAsync([request.From], cancellationToken))[0].Partitions.Count;
        await PrepareAsync(request, partitions, cancellationToken);
        var now = time.GetUtcNow();
        var target = (await admin.DescribeTopicsAsync([request.To], cancellationToken)) is [var found] ? found.Partitions : [];
        var replay = new Replay(
            Guid.CreateVersion7(now).ToString("N")[..20], who, request, "running", [.. ranges.Select(range => new ReplayPartition(range.Partition, range.From, range.From, Math.Max(range.From, range.To)))],
            0, 0, 0, 0, now, now, null, target.ToDictionary(partition => partition.Index, partition => partition.High));
        return Run(replay);
    }

    public Replay Find(string id) => Shown(store.Find(id) ?? throw Refuse.Missing($"replay '{id}'", "one that was started", "list them"));

    public IReadOnlyList<Replay> Newest(int? limit, string? before) => limit is null or (>= 1 and <= Paging.MostLimit)
        ? [.. store.Newest(limit ?? Paging.DefaultLimit, before).Select(Shown)]
        : throw Refuse.Invalid("limit", $"{limit}", $"1 to {Paging.MostLimit}");

    /// <summary>Goes on with a replay that is paused or failed.</summary>
    public async Task<Replay> ResumeAsync(string id)
    {
        var replay = Find(id);
        if (replay.State is not ("paused" or "failed"))
            throw Refuse.Conflict($"replay '{id}'", $"it {replay.State}", "a paused or failed one", "start a new one");
        // One that has just stopped says so a moment before it has ended.
        await WaitAsync(id);
        return Run(Find(id) with { State = "running", Fault = null });
    }

    /// <summary>Stops a replay after the batch that is under way, to be resumed or for good.</summary>
    public async Task<Replay> StopAsync(string id, string state)
    {
        var replay = Find(id);
        if (_running.TryGetValue(id, out var running))
        {
            await running.StopAsync();
            replay = Find(id);
        }

        if (replay.State is "done" or "cancelled")
            throw Refuse.Conflict($"replay '{id}'", $"it {replay.State}", "one that is not over", "start a new one");
        replay = replay with { State = state, Updated = time.GetUtcNow() };
        store.Save(replay);
        return replay;
    }

    public async ValueTask DisposeAsync() => await Task.WhenAll(_running.Values.Select(running => running.StopAsync()));

    /// <summary>Waits until a replay is not running any more.</summary>
    internal Task WaitAsync(string id) => _running.TryGetValue(id, out var running) ? running.Ended.Task : Task.CompletedTask;

    private Replay Run(Replay replay)
    {
        var running = new Running();
        if (_running.Count >= MostAtOnce)
            throw Refuse.Conflict("replays", $"{_running.Count} running", $"less than {MostAtOnce} at once", "wait for one, or stop one");
        if (!_running.TryAdd(replay.Id, running))
            throw Refuse.Conflict($"replay '{replay.Id}'", "it running", "one that is not", "wait for it");
        try
        {
            store.Save(replay);
        }
        catch
        {
            End(replay.Id, running);
            throw;
        }

        _ = Task.Run(() => RunAsync(replay, running));
        return replay;
    }

    private async Task RunAsync(Replay replay, Running running)
    {
        try
        {
            var decoder = new MessageDecoder(registry, "auto");
            store.Save(await new Replayer(admin, decoder, time, store.Save).RunAsync(replay, running.Stop.Token));
        }
        catch (OperationCanceledException) when (running.Stop.IsCancellationRequested)
        {
            store.Save(store.Find(replay.Id)! with { State = "paused", Updated = time.GetUtcNow() });
        }
        catch (Exception exception)
        {
            // Whoever looks at the replay reads why; it can be resumed when that is mended.
            store.Save(store.Find(replay.Id)! with { State = "failed", Fault = exception.Message, Updated = time.GetUtcNow() });
        }
        finally
        {
            End(replay.Id, running);
        }
    }

    private void End(string id, Running running)
    {
        _running.TryRemove(id, out _);
        running.Ended.TrySetResult();
    }

    private async Task PrepareAsync(ReplayRequest request, int partitions, CancellationToken cancellationToken)
    {
        if (await admin.DescribeTopicsAsync([request.To], cancellationToken) is [var target])
        {
            if (target.Partitions.Any(partition => partition.Records > 0) && !request.Append)
                throw Refuse.Conflict($"topic '{request.To}'", $"{target.Partitions.Sum(partition => partition.Records)} records", "a new or empty topic", "choose another, or ask for append");
            return;
        }

        await admin.CreateTopicAsync(new NewTopic(request.To, request.ToPartitions ?? partitions, null, new Dictionary<string, string>()), cancellationToken);
    }

    /// <summary>What says it runs and does not was cut short by the end of a process.</summary>
    private Replay Shown(Replay replay) => replay.State == "running" && !_running.ContainsKey(replay.Id) ? replay with { State = "paused", Fault = "the process ended while it ran" } : replay;

    private static MessageQuery Query(ReplayRequest request) => new()
    {
        Topic = request.From,
        Partitions = request.Partitions,
        FromOffset = request.FromOffset,
        ToOffset = request.ToOffset,
        FromTime = request.FromTime,
        ToTime = request.ToTime,
    };

    private sealed class Running
    {
        public CancellationTokenSource Stop { get; } = new();

        public TaskCompletionSource Ended { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public async Task StopAsync()
        {
            await Stop.CancelAsync();
            await Ended.Task;
        }
    }
}
