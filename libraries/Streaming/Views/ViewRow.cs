using System.Text.Json;

namespace RealTimeMesh.Streaming;

/// <summary>One window of one group, copied out of a partition; parts of the same window merge.</summary>
public sealed class ViewRow
{
    private readonly ViewPlan _plan;
    private readonly long[] _cells;
    private readonly object?[] _objects;

    internal ViewRow(ViewPlan plan, Page page, int slot, long window)
    {
        _plan = plan;
        Key = page.Key.Text;
        Window = window;
        _cells = page.CellsOf(slot, plan).ToArray();
        _objects = page.ObjectsOf(slot, plan).ToArray();
        for (var i = 0; i < _objects.Length; i++)
            _objects[i] = plan.Aggregators[i].Copy(_objects[i]);
    }

    /// <summary>Text of the group's key.</summary>
    public string Key { get; }

    public DateTime Start => EventTimes.ToDateTime(Window * _plan.WindowLength);

    public DateTime End => EventTimes.ToDateTime((Window + 1) * _plan.WindowLength);

    /// <summary>The watermark has passed the window's end and its allowed lateness.</summary>
    public bool IsFinal { get; internal set; }

    internal long Window { get; }

    /// <summary>Writes the row as one JSON object: the key's fields, the view's columns, <c>start</c>, <c>end</c>, <c>final</c>.</summary>
    public void Write(Utf8JsonWriter json)
    {
        json.WriteStartObject();
        _plan.NewKeyCodec().WriteProperties(json, Key);
        for (var i = 0; i < _plan.Aggregators.Length; i++)
        {
            json.WritePropertyName(_plan.ColumnNames[i]);
            _plan.Aggregators[i].WriteResult(json, _plan.Cells((ReadOnlySpan<long>)_cells, i), _objects[i]);
        }

        json.WriteString("start"u8, EventTimes.Format(Window * _plan.WindowLength));
        json.WriteString("end"u8, EventTimes.Format((Window + 1) * _plan.WindowLength));
        json.WriteBoolean("final"u8, IsFinal);
        json.WriteEndObject();
    }

    internal void Merge(ViewRow other)
    {
        for (var i = 0; i < _objects.Length; i++)
            _plan.Aggregators[i].Merge(_plan.Cells(_cells.AsSpan(), i), ref _objects[i], _plan.Cells((ReadOnlySpan<long>)other._cells, i), other._objects[i]);
    }
}

/// <summary>Rows of a view and where to go on.</summary>
/// <param name="Next">For <see cref="ViewQuery.After"/>; null where there are no more rows.</param>
public sealed record ViewPage(IReadOnlyList<ViewRow> Rows, string? Next);
