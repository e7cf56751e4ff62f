using RealTimeMesh.Contracts;
using RealTimeMesh.Pipelines;

namespace RealTimeMesh.Streaming.Tests.Dataflow;

/// <summary>
/// Feeds an operator with rows cut into random batches and keeps its state in a log; where asked, the operator is lost
/// and made anew from the log, and commits fail before or after they took effect.
/// </summary>
internal sealed class OperatorRun
{
    public static readonly RowSchema Input = new([new Field("k", FieldType.String, true), new Field("at", FieldType.Timestamp, false), new Field("v", FieldType.Int64, true)]);

    private static readonly StateLogOptions SmallLog = new() { PieceBytes = 300, CopyAfterBytes = 1500, CopyAfterCommits = 20, DeletesPerCommit = 7, ReadRows = 3 };

    private readonly Func<Operator> _create;
    private readonly long _outOfOrder;
    private readonly IStreamState _state;
    private StateLog _log;
    private Operator _operator;
    private long _largest = DataBatch.NoTime;
    private int _position;
    private long _lateBefore;

    public OperatorRun(Func<Operator> create, long outOfOrder, IStreamState? state = null)
    {
        (_create, _outOfOrder, _state) = (create, outOfOrder, state ?? new InMemoryStreamState());
        _log = new StateLog(_state, "task", SmallLog);
        _operator = create();
    }

    /// <summary>Rows given.</summary>
    public List<object?[]> Results { get; } = [];

    public long Late => _lateBefore + _operator.Late;

    public static BoundExpression Expression(string text, RowSchema? schema = null) =>
        ExpressionCompiler.TryCompile(text, schema ?? Input, out var expression, out var error) ? expression : throw new InvalidOperationException(error);

    public async Task FeedAsync(IReadOnlyList<Item> items, Random? cuts, bool restarts = false)
    {
        await LoadAsync();
        while (_position < items.Count)
        {
            var count = cuts is null ? 1 : Math.Min(items.Count - _position, 1 + cuts.Next(cuts.Next(3) == 0 ? 200 : 8));
            Process([.. items.Skip(_position).Take(count)]);
            try
            {
                await CommitAsync();
                if (restarts && cuts!.Next(6) == 0)
                    await LoadAsync();
            }
            catch (IOException)
            {
                await LoadAsync();
            }
        }
    }

    /// <summary>Lets event time pass everything.</summary>
    public void End() => _operator.Advance(0, EventTimes.Latest);

    private void Process(List<Item> items)
    {
        var batch = new DataBatch(Input);
        foreach (var item in items)
        {
            Put((StringColumn)batch.Rows.Columns[0], item.Key);
            ((Int64Column)batch.Rows.Columns[1]).Append(item.Time * 1000);
            if (item.Value is { } value)
                ((Int64Column)batch.Rows.Columns[2]).Append(value);
            else
                batch.Rows.Columns[2].AppendNull();
            batch.Complete(item.Time * 1000, Watermark, _position++);
            _largest = Math.Max(_largest, item.Time * 1000);
        }

        _operator.Process(0, batch);
        _operator.Advance(0, Watermark);
    }

    private long Watermark => _largest == DataBatch.NoTime ? DataBatch.NoTime : _largest - _outOfOrder;

    private async Task CommitAsync()
    {
        var changes = new ChangeWriter();
        _operator.WriteChanges(changes);
        var result = await _log.CommitAsync(changes, json => json.WriteRawValue($"[{_position},{_largest},{Late}]"), [], copy => _operator.WriteAll(copy).GetEnumerator(), TestContext.Current.CancellationToken);
        Assert.Equal(StateCommit.Applied, result);
    }

    /// <summary>A new operator takes the place of this one, from the store alone.</summary>
    private async Task LoadAsync()
    {
        _operator = _create();
        _log = new StateLog(_state, "task", SmallLog);
        var task = await _log.LoadAsync(Apply, TestContext.Current.CancellationToken);
        (_position, _largest, _lateBefore) = task is { } stored ? (stored[0].GetInt32(), stored[1].GetInt64(), stored[2].GetInt64()) : (0, DataBatch.NoTime, 0);
        _operator.Resume(Watermark);
        var collector = new Collector(_operator.Output, Results);
        _operator.To(collector);
        if (_operator is SessionAggregate sessions)
            sessions.TakenBack = rows => collector.Remove(rows);
    }

    private void Apply(ReadOnlyMemory<byte> row)
    {
        var reader = new BlobReader(row.Span);
        while (!reader.AtEnd)
        {
            reader.Unsigned();
            var body = new BlobReader(reader.Take(reader.Count()));
            _operator.Apply(ref body);
        }
    }

    private static void Put(StringColumn column, string? value)
    {
        if (value is null)
            column.AppendNull();
        else
            column.Append(value);
    }

    private sealed class Collector(RowSchema schema, List<object?[]> results) : Operator(schema)
    {
        public override void Process(int port, DataBatch batch)
        {
            for (var row = 0; row < batch.Count; row++)
                results.Add([.. batch.Rows.Columns.Select(column => column.GetValue(row))]);
        }

        /// <summary>A row that is taken back is one without aggregates.</summary>
        public void Remove(DataBatch batch)
        {
            for (var row = 0; row < batch.Count; row++)
                results.Add([.. batch.Rows.Columns.Take(3).Select(column => column.GetValue(row))]);
        }

        public override void Advance(int port, long watermark)
        {
        }
    }
}
