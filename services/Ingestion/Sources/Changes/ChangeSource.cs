using RealTimeMesh.ChangeCapture;
using RealTimeMesh.Contracts;
using RealTimeMesh.Ingestion.Rows;

namespace RealTimeMesh.Ingestion.Sources.Changes;

/// <summary>
/// Changes of tables, without end. Events are numbered as they come; where what follows a position may differ from what
/// followed it before (rows read at first, another set of tables), numbering goes on far beyond anything that can have
/// been published, and that is stored before anything is.
/// </summary>
internal sealed class ChangeSource : IRowSource
{
    /// <summary>More events than can be published before their position is stored.</summary>
    private const long Leap = 1L << 32;

    private readonly IChangeFeed _feed;
    private readonly SourceStatus _status;
    private readonly RowSchema _schema;
    private readonly ChangeRowWriter _writer;
    private readonly IngestionOptions _options;
    private readonly TimeProvider _time;
    private readonly TaskCompletionSource _begun = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Dictionary<string, TableMap> _maps = new(StringComparer.Ordinal);
    private IReadOnlyDictionary<string, IReadOnlyList<string>> _fields;
    private ChangePosition _whole;
    private (long Transaction, long Index) _part;
    private long _rows;
    private long _ahead;
    private bool _announced;
    private ChangeBlock? _block;
    private int _next;

    public ChangeSource(IChangeFeed feed, SourceStatus status, RowSchema schema, SourcePosition position, IngestionOptions options, TimeProvider time)
    {
        _feed = feed;
        _status = status;
        _schema = schema;
        _options = options;
        _time = time;
        _writer = new ChangeRowWriter(schema, $"{status.Stream.Pipeline}.{status.Source.Name}#", options);
        _whole = feed.Start;
        _part = (feed.Start.Transaction, feed.Start.Index);
        _rows = position.Rows;
        _ahead = feed.Repeats || position.Changes is null ? position.Ahead : position.Ahead + Leap;
        _announced = feed.Repeats;
        _fields = position.Fields ?? new Dictionary<string, IReadOnlyList<string>>();
        foreach (var table in feed.Tables)
            Remember(TableMap.Of(table, schema, []));
        if (feed.Repeats)
            _begun.SetResult();
        status.LagOf = () => feed.Lag;
    }

    public long? Total => null;

    public SourcePosition Position => new()
    {
        Rows = _rows,
        Ahead = _ahead,
        Fields = _fields,
        Changes = _part.Transaction == 0 ? _whole : _whole with { Transaction = _part.Transaction, Index = _part.Index },
    };

    public async ValueTask<bool> ReadAsync(EventBatch batch, int maxRows, CancellationToken cancellationToken)
    {
        if (!_announced)
        {
            _announced = true;
            return true;
        }

        await _begun.Task.WaitAsync(cancellationToken);
        var moved = false;
        while (batch.Count < maxRows && batch.Bytes < _options.PublishBytes)
        {
            if (_block is null && !_feed.TryRead(out _block))
            {
                if (moved || batch.Count > 0)
                    return true;
                _block = await _feed.ReadAsync(cancellationToken);
            }

            moved |= Take(batch, _block!, maxRows);
        }

        return true;
    }

    public ValueTask SavedAsync(SourcePosition position, CancellationToken cancellationToken)
    {
        _begun.TrySetResult();
        if (position.Changes is { } changes)
            _feed.Confirm(changes);
        return ValueTask.CompletedTask;
    }

    public async ValueTask DisposeAsync()
    {
        // Without a feed the lag can only grow.
        var (last, since) = (_feed.Lag, _time.GetTimestamp());
        _status.LagOf = () => new ChangeLag(null, last.Seconds + _time.GetElapsedTime(since).TotalSeconds);
        await _feed.DisposeAsync();
    }

    /// <summary>Takes what fits of a block. True where a position was passed.</summary>
    private bool Take(EventBatch batch, ChangeBlock block, int maxRows)
    {
        var moved = false;
        while (_next < block.Count && batch.Count < maxRows && batch.Bytes < _options.PublishBytes)
        {
            var change = block[_next++];
            if (change.Operation == ChangeOperation.Progress)
            {
                _whole = change.Position!;
                _part = (_whole.Transaction, _whole.Index);
                moved = true;
                continue;
            }

            _writer.Add(batch, block, change, MapOf(change.Table!), _ahead + _rows);
            _rows++;
            if (change.Index >= 0)
                _part = (change.Lsn, change.Index + 1);
        }

        if (_next == block.Count)
        {
            _feed.Return(block);
            (_block, _next) = (null, 0);
        }

        return moved;
    }

    private TableMap MapOf(ChangeTable table)
    {
        if (_maps.TryGetValue(table.Name, out var map) && ReferenceEquals(map.Table, table))
            return map;
        map = TableMap.Of(table, _schema, _fields.GetValueOrDefault(table.Name) ?? []);
        Remember(map);
        return map;
    }

    private void Remember(TableMap map)
    {
        _maps[map.Table.Name] = map;
        var known = _fields.GetValueOrDefault(map.Table.Name) ?? [];
        var all = known.Union(map.Fields(_schema)).ToList();
        if (all.Count > known.Count)
            _fields = new Dictionary<string, IReadOnlyList<string>>(_fields) { [map.Table.Name] = all };
    }
}
