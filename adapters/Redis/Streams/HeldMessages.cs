namespace RealTimeMesh.Redis.Streams;

/// <summary>The messages a subscription holds and has not acknowledged, bounded.</summary>
internal sealed class HeldMessages(int most)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, StreamMessage> _held = new(StringComparer.Ordinal);
    private TaskCompletionSource? _freed;

    public int Room
    {
        get
        {
            lock (_gate)
                return Math.Max(0, most - _held.Count);
        }
    }

    public IReadOnlyList<string> Ids
    {
        get
        {
            lock (_gate)
                return [.. _held.Keys];
        }
    }

    /// <summary>False where the message is held already.</summary>
    public bool TryAdd(StreamMessage message)
    {
        lock (_gate)
            return _held.TryAdd(message.Id, message);
    }

    public bool Contains(string id)
    {
        lock (_gate)
            return _held.ContainsKey(id);
    }

    public void Remove(IReadOnlyList<StreamMessage> messages)
    {
        lock (_gate)
        {
            foreach (var message in messages)
                _held.Remove(message.Id);
            _freed?.TrySetResult();
            _freed = null;
        }
    }

    public async Task WaitForRoomAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            Task freed;
            lock (_gate)
            {
                if (_held.Count < most)
                    return;
                freed = (_freed ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).Task;
            }

            await freed.WaitAsync(cancellationToken);
        }
    }
}
