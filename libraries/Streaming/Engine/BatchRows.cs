using RealTimeMesh.Contracts;

namespace RealTimeMesh.Streaming;

/// <summary>The rows of one batch with what the engine needs to know of each. Reused between batches.</summary>
internal sealed class BatchRows(ColumnBatch rows)
{
    /// <summary>Time of a row that has none in range: it takes part in nothing.</summary>
    public const long NoTime = long.MinValue;

    public ColumnBatch Rows { get; } = rows;

    public int Count { get; private set; }

    public List<long> Offsets { get; } = [];

    /// <summary>Event times, microseconds, or <see cref="NoTime"/>.</summary>
    public long[] Times { get; private set; } = [];

    /// <summary>The watermark as it stood before each row: what decides whether the row is late.</summary>
    public long[] Marks { get; private set; } = [];

    /// <summary>How many views dropped the row as late.</summary>
    public int[] LateViews { get; private set; } = [];

    /// <summary>Watermark before the first row and after the last.</summary>
    public long OldWatermark { get; private set; }

    public long NewWatermark { get; private set; }

    public void Clear()
    {
        Rows.Clear();
        Offsets.Clear();
        Count = 0;
    }

    /// <summary>Reads the event times. Returns the largest event time seen so far, this batch included.</summary>
    public long ReadTimes(EventTimeReader reader, long maxTime, long outOfOrder)
    {
        Count = Offsets.Count;
        if (Times.Length < Count)
        {
            Times = new long[Count];
            Marks = new long[Count];
            LateViews = new int[Count];
        }

        Array.Clear(LateViews, 0, Count);
        OldWatermark = Watermark(maxTime, outOfOrder);
        var mark = OldWatermark;
        for (var i = 0; i < Count; i++)
        {
            Marks[i] = mark;
            var time = Times[i] = reader.Read(Rows, i);
            if (time == NoTime || time <= maxTime)
                continue;
            maxTime = time;
            mark = Watermark(maxTime, outOfOrder);
        }

        NewWatermark = mark;
        return maxTime;
    }

    /// <summary>Numbers of the rows that have no time in range.</summary>
    public List<int> Untimed()
    {
        List<int> rows = [];
        for (var i = 0; i < Count; i++)
        {
            if (Times[i] == NoTime)
                rows.Add(i);
        }

        return rows;
    }

    public static long Watermark(long maxTime, long outOfOrder) => maxTime == NoTime ? NoTime : maxTime - outOfOrder;
}
