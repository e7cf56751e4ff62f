using RealTimeMesh.Contracts;
using RealTimeMesh.Pipelines;

namespace RealTimeMesh.Streaming.Tests.Dataflow;

/// <summary>Feeds an operator with rows cut into random batches, restarts it from its log where asked, and collects what it gives.</summary>
internal sealed class OperatorRun(Func<Operator> create, long outOfOrder)
{
    public static readonly RowSchema Input = new([new Field("k", FieldType.String, true), new Field("at", FieldType.Timestamp, false), new Field("v", FieldType.Int64, true)]);

    private readonly List<byte[]> _log = [];
    private Operator _operator = create();
    private long _largest = DataBatch.NoTime;
    private long _place;

    /// <summary>Rows given, as texts of their columns but the time.</summary>
    public List<object?[]> Results { get; } = [];

    public long Late { get; private set; }

    public static BoundExpression Expression(string text, RowSchema? schema = null) =>
        ExpressionCompiler.TryCompile(text, schema ?? Input, out var expression, out var error) ? expression : throw new InvalidOperationException(error);

    public void Feed(IReadOnlyList<Item> items, Random? cuts, bool restarts = false)
    {
        Listen();
        for (var from = 0; from < items.Count;)
        {
            var count = cuts is null ? 1 : Math.Min(items.Count - from, 1 + cuts.Next(cuts.Next(3) == 0 ? 200 : 8));
            Process([.. items.Skip(from).Take(count)]);
            Commit();
            if (restarts && cuts!.Next(6) == 0)
                Restart();
            from += count;
        }
    }

    /// <summary>Lets event time pass everything.</summary>
    public void End()
    {
        _operator.Advance(0, EventTimes.Latest);
        Late += _operator.Late;
    }

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
            batch.Complete(item.Time * 1000, Watermark, _place++);
            _largest = Math.Max(_largest, item.Time * 1000);
        }

        _operator.Process(0, batch);
        _operator.Advance(0, Watermark);
    }

    private long Watermark => _largest == DataBatch.NoTime ? DataBatch.NoTime : _largest - outOfOrder;

    private void Commit()
    {
        var changes = new ChangeWriter();
        _operator.WriteChanges(changes);
        _log.Add(changes.Written.ToArray());
    }

    /// <summary>A new operator takes the place of this one, from the log alone.</summary>
    private void Restart()
    {
        Late += _operator.Late;
        _operator = create();
        foreach (var written in _log)
        {
            var reader = new BlobReader(written);
            while (!reader.AtEnd)
            {
                reader.Unsigned();
                var body = new BlobReader(reader.Take(reader.Count()));
                _operator.Apply(ref body);
            }
        }

        _operator.Resume(Watermark);
        Listen();
    }

    private void Listen() => _operator.To(new Collector(_operator.Output, Results));

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

        public override void Advance(int port, long watermark)
        {
        }
    }
}
