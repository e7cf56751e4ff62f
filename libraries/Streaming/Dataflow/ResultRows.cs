using RealTimeMesh.Contracts;

namespace RealTimeMesh.Streaming;

/// <summary>Rows that windows give: <c>window_start</c>, <c>window_end</c>, the key's fields, the aggregates. Their time is the window's last microsecond.</summary>
internal sealed class ResultRows
{
    public const string Start = "window_start";
    public const string End = "window_end";

    private readonly Int64Column _start;
    private readonly Int64Column _end;
    private readonly Column[] _keys;
    private readonly Column[] _values;
    private long _place;

    public ResultRows(RowSchema schema, int keys)
    {
        Rows = new DataBatch(schema);
        _start = (Int64Column)Rows.Rows.Columns[0];
        _end = (Int64Column)Rows.Rows.Columns[1];
        _keys = [.. Rows.Rows.Columns.Skip(2).Take(keys)];
        _values = [.. Rows.Rows.Columns.Skip(2 + keys)];
    }

    public DataBatch Rows { get; }

    public static RowSchema SchemaOf(RowSchema input, IReadOnlyList<string> by, IReadOnlyList<(string Name, Aggregator Aggregator)> aggregates) => new(
    [
        new Field(Start, FieldType.Timestamp, false),
        new Field(End, FieldType.Timestamp, false),
        .. by.Select(name => input.Fields[input.IndexOf(name)] with { Default = null, HasDefault = false, Aliases = [] }),
        .. aggregates.Select(aggregate => new Field(aggregate.Name, aggregate.Aggregator.ResultType, true)),
    ]);

    public void Begin() => Rows.Clear();

    /// <summary>Adds the result of one group.</summary>
    public void Add(AggregateTable table, int group, long start, long end, long mark) => Add(table, group, table.KeyOf(group), start, end, mark);

    /// <summary>Adds the result of one group, whose key is another than the table's.</summary>
    public void Add(AggregateTable table, int group, ReadOnlySpan<byte> key, long start, long end, long mark)
    {
        _start.Append(start);
        _end.Append(end);
        KeyReader.Append(key, _keys);
        table.AppendResults(_values, group);
        Rows.Complete(end - 1, mark, _place++);
    }

    /// <summary>The results of all groups of a table.</summary>
    public DataBatch Of(AggregateTable table, long start, long end, long mark)
    {
        Begin();
        for (var group = 0; group < table.SlotEnd; group++)
        {
            if (table.IsUsed(group))
                Add(table, group, start, end, mark);
        }

        return Rows;
    }
}
