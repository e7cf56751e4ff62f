namespace RealTimeMesh.Streaming;

/// <summary>Tumbling and hopping windows, aligned to 1970-01-01T00:00:00Z plus an offset. All in microseconds.</summary>
/// <param name="Size">Length of a window.</param>
/// <param name="Slide">Distance of their starts; equal to the length for tumbling windows.</param>
/// <param name="Offset">Shift of the starts.</param>
internal sealed record WindowShape(long Size, long Slide, long Offset = 0)
{
    /// <summary>Length of a pane: the longest run that lies in windows as a whole. Rows are added to one pane each, whatever the number of windows.</summary>
    public long Pane { get; } = GreatestCommonDivisor(Size, Slide);

    public long PaneOf(long time) => EventTimes.FloorDivide(time - Offset, Pane);

    public long PaneStart(long pane) => (pane * Pane) + Offset;

    /// <summary>End of the last window that a pane lies in.</summary>
    public long LastEnd(long pane) => (EventTimes.FloorDivide(pane * Pane, Slide) * Slide) + Size + Offset;

    /// <summary>End of the first window that a pane lies in: the smallest window end after the pane's start that holds it whole.</summary>
    public long FirstEnd(long pane) => EndAfter(PaneStart(pane) + Pane - 1);

    /// <summary>The smallest end of a window that is later than a time.</summary>
    public long EndAfter(long time) => ((EventTimes.FloorDivide(time - Offset - Size, Slide) + 1) * Slide) + Size + Offset;

    /// <summary>True for a pane between windows, where they are shorter than their distance.</summary>
    public bool IsGap(long pane) => Slide > Size && LastEnd(pane) <= PaneStart(pane);

    private static long GreatestCommonDivisor(long a, long b)
    {
        while (b != 0)
            (a, b) = (b, a % b);
        return a;
    }
}
