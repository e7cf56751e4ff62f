using Microsoft.Extensions.Logging;
using RealTimeMesh.Components;
using StackExchange.Redis;

namespace RealTimeMesh.Redis.Streams;

/// <summary>
/// One consumer of a group on a stream. Messages are spread over lanes by their key, those without over all in turn;
/// a subscription that takes batches has one lane, so that its batches fill up.
/// </summary>
internal sealed class StreamSubscription : IAsyncDisposable, ILaneOwner
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(1);

    /// <summary>The server tells how long a message has been out only when it is asked, which takes a moment itself.</summary>
    private static readonly TimeSpan TakeBackMargin = TimeSpan.FromSeconds(1);

    private readonly SubscribeOptions _subscribe;
    private readonly RedisStreamsOptions _options;
    private readonly StreamServer _server;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly PendingMessages _pending;
    private readonly HeldMessages _held;
    private readonly StreamLane[] _lanes;
    private readonly CancellationTokenSource _stopping = new();
    private readonly CancellationTokenSource _givingUp = new();
    private readonly Lock _gate = new();
    private Task[] _loops = [];
    private Task? _disposed;
    private long _clientId;
    private uint _turn;

    public StreamSubscription(SubscribeOptions subscribe, DeliveryHandler handler, RedisStreamsOptions options, StreamServer server, TimeProvider time, ILogger logger, CancellationToken aborted)
    {
        (_subscribe, _options, _server, _time, _logger, Aborted) = (subscribe, options, server, time, logger, aborted);
        _pending = new PendingMessages(server.Database, subscribe.Topic, subscribe.Group, options);
        // Two batches, so that the next one is there when one has been handled.
        _held = new HeldMessages(Math.Max(options.QueueDepth, subscribe.MaxBatchCount > 1 ? 2 * subscribe.MaxBatchCount : 1));
        var timeout = options.Redelivers ? options.ProcessingTimeout : TimeSpan.Zero;
        _lanes = [.. Enumerable.Range(0, subscribe.MaxBatchCount > 1 ? 1 : options.Concurrency).Select(_ => new StreamLane(subscribe, handler, this, timeout, time, logger))];
        Stopping = _stopping.Token;
    }

    public string Topic => _subscribe.Topic;

    public string Group => _subscribe.Group;

    public CancellationToken Stopping { get; }

    public CancellationToken Aborted { get; }

    /// <summary>Called once it has ended.</summary>
    public required Action<StreamSubscription> Left { get; init; }

    public void Start() => _loops =
    [
        Task.Run(ReadAllAsync),
        .. _options.Redelivers ? new[] { Task.Run(ClaimAllAsync), Task.Run(KeepAllAsync) } : [],
    ];

    public async Task AcknowledgeAsync(IReadOnlyList<StreamMessage> messages)
    {
        RedisValue[] ids = [.. messages.Select(m => (RedisValue)m.Id)];
        for (var pause = FirstPause; ; pause = Longer(pause))
        {
            try
            {
                await _server.Database.StreamAcknowledgeAsync(Topic, Group, ids).WaitAsync(_givingUp.Token);
                break;
            }
            catch (Exception e) when (e is RedisException or RedisTimeoutException or OperationCanceledException or ObjectDisposedException)
            {
                if (pause == FirstPause)
                    Log.AcknowledgeFailed(_logger, e, Topic, Group, ids.Length);
                // Not acknowledged, they come again after a restart: at least once.
                if (Stopping.IsCancellationRequested)
                    break;
                await PauseAsync(pause);
            }
        }

        _held.Remove(messages);
    }

    public ValueTask DisposeAsync()
    {
        lock (_gate)
            return new ValueTask(_disposed ??= StopAsync());
    }

    private async Task ReadAllAsync()
    {
        long failedAt = 0, lostSince = 0;
        for (var pause = FirstPause; !Stopping.IsCancellationRequested;)
        {
            try
            {
                if (_clientId == 0)
                    _clientId = (long)await _server.Blocking.ExecuteAsync("CLIENT", "ID");
                await _held.WaitForRoomAsync(Stopping);
                if (lostSince != 0)
                    await TakeBackAsync(lostSince);
                lostSince = _time.GetTimestamp();
                await ReadAsync();
                lostSince = 0;
                if (failedAt != 0)
                    Log.ReadAgain(_logger, Topic, Group, _time.GetElapsedTime(failedAt));
                (failedAt, pause) = (0, FirstPause);
            }
            catch (Exception) when (Stopping.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e)
            {
                // Another connection has another number.
                _clientId = 0;
                if (failedAt == 0)
                    Log.ReadFailed(_logger, e, Topic, Group);
                failedAt = failedAt == 0 ? _time.GetTimestamp() : failedAt;
                await PauseAsync(pause);
                pause = Longer(pause);
            }
        }
    }

    private async Task ReadAsync()
    {
        try
        {
            var reply = await _server.Blocking.ExecuteAsync(
                "XREADGROUP", "GROUP", Group, Group, "COUNT", Math.Max(1, _held.Room), "BLOCK", (long)RedisConnections.BlockTime.TotalMilliseconds, "STREAMS", (RedisKey)Topic, ">");
            Dispatch(StreamMessage.FromReply(Topic, reply, _logger));
        }
        catch (RedisServerException e) when (IsNoGroup(e))
        {
            Log.GroupGone(_logger, Topic, Group);
            await StreamGroups.EnsureAsync(_server.Database, Topic, Group, fromOldest: true);
        }
    }

    /// <summary>Before anything later is read: messages keep their order over a lost connection.</summary>
    private async Task TakeBackAsync(long lostSince)
    {
        try
        {
            Dispatch(await _pending.TakeBackAsync(_held, _time.GetElapsedTime(lostSince) + TakeBackMargin));
        }
        catch (RedisServerException e) when (IsNoGroup(e))
        {
            // Nothing is pending in a group that was deleted; the read that follows makes it anew.
        }
    }

    private void Dispatch(IReadOnlyList<StreamEntry> entries) => Dispatch(entries.Select(entry => StreamMessage.From(Topic, entry, _logger)));

    private void Dispatch(IEnumerable<StreamMessage> messages)
    {
        var byLane = new List<StreamMessage>?[_lanes.Length];
        foreach (var message in messages)
        {
            if (!_held.TryAdd(message))
                continue;
            var lane = message.Message.Key is { Length: > 0 } key ? (uint)Murmur2.Partition(key, _lanes.Length) : Interlocked.Increment(ref _turn) % (uint)_lanes.Length;
            (byLane[lane] ??= []).Add(message);
        }

        for (var lane = 0; lane < byLane.Length; lane++)
        {
            if (byLane[lane] is { } some)
                _lanes[lane].Add(some);
        }
    }

    private Task ClaimAllAsync() => RepeatAsync(_options.RedeliverInterval, atOnce: true, async () => Dispatch(await _pending.ClaimAsync(_held)));

    /// <summary>Others must not take over what only waits for its turn here.</summary>
    private Task KeepAllAsync() => RepeatAsync(_options.ProcessingTimeout / 3, atOnce: false, () => _pending.KeepAsync(_held.Ids));

    private async Task RepeatAsync(TimeSpan interval, bool atOnce, Func<Task> action)
    {
        for (var now = atOnce; !Stopping.IsCancellationRequested; now = true)
        {
            try
            {
                if (now)
                    await action();
            }
            catch (Exception e)
            {
                Log.ClaimFailed(_logger, e, Topic, Group, interval);
            }

            await PauseAsync(interval);
        }
    }

    private async Task StopAsync()
    {
        await _stopping.CancelAsync();
        _givingUp.CancelAfter(2 * RedisConnections.BlockTime);
        await UnblockAsync();
        // A server that does not answer is not waited for: its connection is closed below.
        await Task.WhenAll(_loops).WaitAsync(2 * RedisConnections.BlockTime, TimeProvider.System, CancellationToken.None).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await Task.WhenAll(_lanes.Select(lane => lane.Run));
        await GiveBackAsync();
        await _server.Reader.DisposeAsync();
        await Task.WhenAll(_loops);
        Left(this);
        _stopping.Dispose();
        _givingUp.Dispose();
    }

    private async Task UnblockAsync()
    {
        if (_clientId == 0 || !_server.Shared.IsConnected)
            return;
        try
        {
            await _server.Database.ExecuteAsync("CLIENT", "UNBLOCK", _clientId).WaitAsync(_givingUp.Token);
        }
        catch (Exception e) when (e is RedisException or RedisTimeoutException or OperationCanceledException)
        {
            // Not allowed or not there: the read ends by itself.
        }
    }

    private async Task GiveBackAsync()
    {
        if (_held.Ids is not { Count: > 0 } ids || !_options.Redelivers)
            return;
        try
        {
            await _pending.GiveBackAsync(ids).WaitAsync(_givingUp.Token);
        }
        catch (Exception e) when (e is RedisException or RedisTimeoutException or OperationCanceledException)
        {
            Log.GiveBackFailed(_logger, e, Topic, Group, ids.Count);
        }
    }

    private async Task PauseAsync(TimeSpan pause) => await Task.Delay(pause, _time, Stopping).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);

    private static bool IsNoGroup(RedisServerException fault) => fault.Message.StartsWith("NOGROUP", StringComparison.Ordinal);

    private static TimeSpan Longer(TimeSpan pause) => pause * 2 < LongestPause ? pause * 2 : LongestPause;
}
