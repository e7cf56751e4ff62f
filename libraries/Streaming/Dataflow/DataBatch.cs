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
        if (row >= _times.Length)
        {
            var capacity = Math.Max(64, row * 2);
            Array.Resize(ref _times, capacity);
            Array.Resize(ref _marks, capacity);
            Array.Resize(ref _places, capacity);
        }

        (_times[row], _marks[row], _places[row]) = (time, mark, place);
    }

    public void Clear() => Rows.Clear();
}
