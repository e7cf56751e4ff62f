using RealTimeMesh.Contracts;

namespace RealTimeMesh.Streaming;

/// <summary>Rows on their way through operators, with what operators need to know of each. Reused between batches.</summary>
internal sealed class DataBatch(RowSchema schema)
{
    /// <summary>Time of a row that has none, and the watermark before the first event.</summary>
    public const long NoTime = long.MinValue;

    private long[] _times = [];
    private long[] _marks = [];
    private long[] _places = [];

    public ColumnBatch Rows { get; } = new(schema);

    public int Count => Rows.Count;

    /// <summary>Event times, microseconds.</summary>
    public ReadOnlySpan<long> Times => _times.AsSpan(0, Count);

    /// <summary>The watermark as it stood before each row: what decides whether the row is late, whatever the batch's bounds.</summary>
    public ReadOnlySpan<long> Marks => _marks.AsSpan(0, Count);

    /// <summary>Place of each row in its partition (the broker's offset) or in its operator's output; breaks ties of time.</summary>
    public ReadOnlySpan<long> Places => _places.AsSpan(0, Count);

    /// <summary>Says of the row that was just appended when it happened, what the watermark was, and where it stands.</summary>
    public void Complete(long time, long mark, long place)
    {
        var row = Rows.Count - 1;
        Reserve(row + 1);
        (_times[row], _marks[row], _places[row]) = (time, mark, place);
    }

    /// <summary>Says of the rows, which are those of another batch by their numbers there, what that batch says of them.</summary>
    public void CompleteFrom(DataBatch source, ReadOnlySpan<int> rows)
    {
        var first = Rows.Count - rows.Length;
        Reserve(Rows.Count);
        for (var i = 0; i < rows.Length; i++)
        {
            var row = rows[i];
            (_times[first + i], _marks[first + i], _places[first + i]) = (source._times[row], source._marks[row], source._places[row]);
        }
    }

    /// <summary>As <see cref="CompleteFrom"/>, of rows that follow each other in the order of their times: none earlier comes after each.</summary>
    public void CompleteInOrder(DataBatch source, ReadOnlySpan<int> rows)
    {
        CompleteFrom(source, rows);
        _times.AsSpan(Rows.Count - rows.Length, rows.Length).CopyTo(_marks.AsSpan(Rows.Count - rows.Length));
    }

    public void Clear() => Rows.Clear();

    private void Reserve(int count)
    {
        if (count <= _times.Length)
            return;
        var capacity = Math.Max(64, count * 2);
        Array.Resize(ref _times, capacity);
        Array.Resize(ref _marks, capacity);
        Array.Resize(ref _places, capacity);
    }
}
