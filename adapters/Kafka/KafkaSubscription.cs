using RealTimeMesh.Components;

namespace RealTimeMesh.Kafka;

/// <summary>
/// A member of a consumer group on one topic. The consumer lives on a thread of its own, because the client's calls block;
/// one that fails is replaced.
/// </summary>
internal sealed class KafkaSubscription(SubscribeOptions options, DeliveryHandler handler, SubscriptionServices services, long[]? ends) : IAsyncDisposable
{
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan LeaveLimit = TimeSpan.FromSeconds(30);

    private readonly TaskCompletionSource _left = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly CancellationTokenSource _leave = new();
    private readonly PartitionPumps _pumps = new(options, handler, services);
    private CancellationTokenRegistration _aborted;

    /// <summary>Raised when the member has left its group.</summary>
    public event Action? Left;

    /// <summary>The partitions it has now, sorted.</summary>
    public IReadOnlyList<int> Assignment => _pumps.Partitions;

    public void Start()
    {
        _aborted = services.Aborted.Register(_pumps.AbortAll);
        new Thread(Run) { IsBackground = true, Name = $"kafka {options.Group} {options.Topic}" }.Start();
    }

    /// <summary>Waits for running handlers, commits what they did, leaves the group.</summary>
    public async ValueTask DisposeAsync()
    {
        await _pumps.StopAllAsync();
        await _leave.CancelAsync();
        try
        {
            await _left.Task.WaitAsync(LeaveLimit, TimeProvider.System);
        }
        catch (TimeoutException)
        {
            // The brokers are gone: the session ends there by itself, nothing is lost.
            Log.LeaveOverdue(services.Logger, options.Topic, options.Group, LeaveLimit);
        }
    }

    private void Run()
    {
        var pause = TimeSpan.FromMilliseconds(100);
        while (!_leave.IsCancellationRequested)
        {
            var began = services.Time.GetTimestamp();
            try
            {
                new GroupConsumer(options, services, _pumps, ends).Run(_leave.Token);
            }
            catch (Exception e)
            {
                Log.ConsumerFailed(services.Logger, e, options.Topic, options.Group, pause);
                _leave.Token.WaitHandle.WaitOne(pause);
                pause = services.Time.GetElapsedTime(began) > LongestPause ? TimeSpan.FromMilliseconds(100)
                    : pause * 2 < LongestPause ? pause * 2 : LongestPause;
            }
        }

        _aborted.Dispose();
        Left?.Invoke();
        _left.SetResult();
    }
}
