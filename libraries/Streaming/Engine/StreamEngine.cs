using System.Collections.Concurrent;
using RealTimeMesh.Pipelines;

namespace RealTimeMesh.Streaming;

/// <summary>
/// The views of one stream, computed in event time with exactly-once effect: every batch of a partition is one
/// transaction of changed windows and position. Thread-safe: partitions run side by side, batches of one partition wait for each other.
/// </summary>
public sealed class StreamEngine : IDisposable
{
    private readonly ConcurrentDictionary<int, PartitionEngine> _partitions = new();
    private readonly EngineContext _context;
    private readonly PartitionRegister _register;

    /// <param name="stream">The stream.</param>
    /// <param name="views">Its views; a stream without views is still counted.</param>
    /// <param name="state">Where positions and windows are kept.</param>
    /// <param name="options">Sizes.</param>
    /// <param name="time">Clock for idle partitions.</param>
    /// <param name="writer">Unique name of this instance; tells its writes from those of another.</param>
    public StreamEngine(StreamDefinition stream, IReadOnlyList<ViewDefinition> views, IStreamState state, StreamingOptions options, TimeProvider time, string writer)
    {
        if (options.PageWindows is < 1 or > 250)
            throw new StreamingException($"streaming options: found {options.PageWindows} windows for a page; expected 1 to 250; change PageWindows.");
        _context = new EngineContext(stream, [.. views.Select(view => new ViewPlan(view, options.PageWindows))], state, options, time, writer);
        _register = new PartitionRegister(stream.Topic, state);
    }

    public StreamDefinition Stream => _context.Stream;

    public IReadOnlyList<ViewDefinition> Views => [.. _context.Plans.Select(plan => plan.Definition)];

    /// <summary>Status of the partitions seen so far, in order.</summary>
    public IReadOnlyList<PartitionStatus> Partitions => [.. _partitions.Values.Select(partition => partition.Status).OrderBy(status => status.Partition)];

    /// <summary>Reads the positions of all partitions that ever had a batch.</summary>
    public async Task RestoreAsync(CancellationToken cancellationToken)
    {
        var count = await _register.ReadAsync(cancellationToken);
        for (var i = 0; i < count; i++)
            await Get(i).RestoreAsync(cancellationToken);
    }

    /// <summary>Starts a batch of a partition, once the one before it has ended.</summary>
    public async Task<PartitionBatch> BeginAsync(int partition, CancellationToken cancellationToken)
    {
        await _register.EnsureAsync(partition, cancellationToken);
        return await Get(partition).BeginAsync(cancellationToken);
    }

    /// <summary>Watermarks of all partitions and who holds the stream back.</summary>
    public IReadOnlyList<PartitionWatermark> Watermarks()
    {
        var statuses = Partitions;
        var now = _context.Time.GetTimestamp();
        bool IsIdle(PartitionStatus status) => _context.Time.GetElapsedTime(status.LastActivity, now) >= _context.Stream.Time.IdleAfter;
        var minimum = statuses.Where(status => status.Watermark is not null && !IsIdle(status)).Select(status => status.Watermark).DefaultIfEmpty().Min();
        return [.. statuses.Select(status =>
        {
            var idle = IsIdle(status);
            var effective = idle && minimum is not null && (status.Watermark is null || status.Watermark < minimum) ? minimum : status.Watermark;
            return new PartitionWatermark(status.Partition, status.Watermark, effective, idle, !idle && statuses.Count > 1 && status.Watermark is not null && status.Watermark == minimum);
        })];
    }

    /// <summary>Reads windows of a view by its name. Throws <see cref="StreamingException"/> for a query that cannot be answered.</summary>
    public async Task<ViewPage> QueryAsync(string view, ViewQuery query, CancellationToken cancellationToken)
    {
        var index = _context.Plans.ToList().FindIndex(plan => plan.Definition.Name == view);
        if (index < 0)
            throw new StreamingException($"stream '{Stream.Topic}': found view '{view}'; expected one of {string.Join(", ", Views.Select(definition => definition.Name))}; correct the name.");
        if (query.Limit is < 1 or > 10_000)
            throw new StreamingException($"view '{view}': found limit {query.Limit}; expected 1 to 10000; page through more rows with 'after'.");
        ViewCursor? after = null;
        if (query.After is not null)
            after = ViewCursor.TryDecode(query.After, out var cursor) ? cursor : throw new StreamingException($"view '{view}': found the cursor '{query.After}'; expected the 'next' of an earlier answer; start without one.");

        var plan = _context.Plans[index];
        var scan = new ViewScan(query, after, Key(plan, query.Key));
        Dictionary<int, DateTime?> watermarks = Watermarks().ToDictionary(mark => mark.Partition, mark => mark.Effective);
        var ordered = new SortedDictionary<(long Window, string Key), ViewRow>(RowOrder.Of(query.Descending));
        foreach (var (partition, engine) in _partitions.OrderBy(pair => pair.Key))
        {
            // A window of which every partition may hold a part is closed when it is closed everywhere.
            var mark = plan.IsPartial ? watermarks.Values.Min() : watermarks.GetValueOrDefault(partition);
            foreach (var row in await engine.ReadAsync(index, scan.RunAsync, cancellationToken))
            {
                row.IsFinal = mark is { } watermark && EventTimes.Of(watermark) >= plan.ClosesAt(row.Window);
                if (!ordered.TryAdd((row.Window, row.Key), row))
                    ordered[(row.Window, row.Key)].Merge(row);
            }
        }

        ViewRow[] rows = [.. ordered.Values.Take(query.Limit)];
        return new ViewPage(rows, ordered.Count > query.Limit ? new ViewCursor(rows[^1].Window, rows[^1].Key).Encode() : null);
    }

    public void Dispose()
    {
        _register.Dispose();
        foreach (var partition in _partitions.Values)
            partition.Dispose();
    }

    private static string? Key(ViewPlan plan, string? text)
    {
        if (text is null)
            return null;
        var parts = text.Split('|');
        if (parts.Length != Math.Max(1, plan.Definition.By.Count))
            throw new StreamingException($"view '{plan.FullName}': found the key '{text}' of {parts.Length} values; expected {plan.Definition.By.Count} joined by '|' ({string.Join('|', plan.Definition.By)}); correct the key.");
        // A part may come escaped as in state keys, which is the only way to name a value with '|' in it.
        return string.Join('|', parts.Select(part => part is "%N" or "%E" ? part : plan.NewKeyCodec().FromTexts([Uri.UnescapeDataString(part)])));
    }

    private PartitionEngine Get(int partition) => _partitions.GetOrAdd(partition, static (number, context) => new PartitionEngine(number, context), _context);

    private sealed class RowOrder(int direction) : IComparer<(long Window, string Key)>
    {
        public static RowOrder Of(bool descending) => new(descending ? -1 : 1);

        public int Compare((long Window, string Key) x, (long Window, string Key) y)
        {
            var order = x.Window.CompareTo(y.Window) * direction;
            return order != 0 ? order : string.CompareOrdinal(x.Key, y.Key);
        }
    }
}

/// <summary>How far a partition's event time has come.</summary>
/// <param name="Own">Largest event time minus the allowed disorder; what decides lateness. Null before the first event.</param>
/// <param name="Effective">The same, or for an idle partition the minimum over those that are not, where that is later; what closes windows.</param>
/// <param name="IsIdle">No batch for longer than the stream's <c>idleAfter</c>.</param>
/// <param name="HoldsBack">It is the one whose watermark the idle ones follow.</param>
public sealed record PartitionWatermark(int Partition, DateTime? Own, DateTime? Effective, bool IsIdle, bool HoldsBack);
