using System.Text;
using System.Text.Json;

namespace RealTimeMesh.Streaming;

/// <summary>The stored number of partitions of a topic that ever had a batch, so that a restart finds all positions. Only grows.</summary>
internal sealed class PartitionRegister(string topic, IStreamState state) : IDisposable
{
    private readonly string _key = $"partitions/{topic}";
    private readonly SemaphoreSlim _lock = new(1, 1);
    private volatile int _count;

    public async Task<int> ReadAsync(CancellationToken cancellationToken) => _count = Math.Max(_count, Parse((await state.GetAsync([_key], cancellationToken))[0]));

    public async ValueTask EnsureAsync(int partition, CancellationToken cancellationToken)
    {
        if (partition < _count)
            return;
        await _lock.WaitAsync(cancellationToken);
        try
        {
            while (partition >= _count)
                await GrowAsync(partition + 1, cancellationToken);
        }
        finally
        {
            _lock.Release();
        }
    }

    public void Dispose() => _lock.Dispose();

    private async Task GrowAsync(int count, CancellationToken cancellationToken)
    {
        var stored = (await state.GetAsync([_key], cancellationToken))[0];
        var known = Parse(stored);
        if (known >= count)
        {
            _count = known;
            return;
        }

        var change = new StateChange(_key, Encoding.UTF8.GetBytes($$"""{"count":{{count}}}"""))
        {
            Guard = stored is null ? StateGuard.Absent : StateGuard.Unchanged,
            ETag = stored?.ETag,
        };
        // After a conflict another instance has written: the caller reads again.
        if (await state.CommitAsync([change], cancellationToken) == StateCommit.Applied)
            _count = count;
    }

    private int Parse(StoredState? stored)
    {
        if (stored is null)
            return 0;
        try
        {
            using var document = JsonDocument.Parse(stored.Value);
            return document.RootElement.GetProperty("count").GetInt32();
        }
        catch (Exception exception) when (exception is JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
        {
            throw new StreamingException($"state row '{_key}': {exception.Message}; expected {{\"count\":N}} as written by this service; restore it.", exception);
        }
    }
}
