namespace RealTimeMesh.Streaming;

/// <summary>How event time is divided. Windows of a length are aligned to 1970-01-01T00:00:00Z.</summary>
public sealed record FlowWindow
{
    private FlowWindow(TimeSpan size, TimeSpan slide, TimeSpan gap) => (Size, Slide, Gap) = (size, slide, gap);

    /// <summary>Length; zero for sessions.</summary>
    public TimeSpan Size { get; }

    /// <summary>Distance of the starts; equal to the length for tumbling windows.</summary>
    public TimeSpan Slide { get; }

    /// <summary>Silence after which a session is over; zero for windows of a length.</summary>
    public TimeSpan Gap { get; }

    /// <summary>Events of a key that make a window, or after which the global window's result is given; zero for windows of time.</summary>
    public int Rows { get; private init; }

    /// <summary>One window of all events since ever.</summary>
    public bool IsGlobal { get; private init; }

    /// <summary>Windows that follow each other.</summary>
    public static FlowWindow Tumbling(TimeSpan size) => Hopping(size, size);

    /// <summary>Windows of a length that begin at a distance: they overlap where that is less.</summary>
    public static FlowWindow Hopping(TimeSpan size, TimeSpan slide)
    {
        if (size < TimeSpan.FromMilliseconds(1) || slide < TimeSpan.FromMilliseconds(1))
            throw new StreamingException($"window: found a size of {size} and a slide of {slide}; expected 1 ms or more each; lengthen them.");
        return new FlowWindow(size, slide, TimeSpan.Zero);
    }

    /// <summary>Windows as long as the events of a key follow each other within less than a gap.</summary>
    public static FlowWindow Session(TimeSpan gap) => gap >= TimeSpan.FromMilliseconds(1)
        ? new FlowWindow(TimeSpan.Zero, TimeSpan.Zero, gap)
        : throw new StreamingException($"window: found a gap of {gap}; expected 1 ms or more; lengthen it.");

    /// <summary>Windows of a number of events of a key each, in the order of event time.</summary>
    public static FlowWindow Count(int rows) => rows >= 1
        ? new FlowWindow(TimeSpan.Zero, TimeSpan.Zero, TimeSpan.Zero) { Rows = rows }
        : throw new StreamingException($"window: found a count of {rows}; expected 1 or more; raise it.");

    /// <summary>One window of all events of a key since ever, whose result is given each time a number of them has come.</summary>
    public static FlowWindow Global(int every) => Count(every) with { IsGlobal = true };

    internal bool IsSession => Gap > TimeSpan.Zero;

    /// <summary>As it stands in a view's signature.</summary>
    public override string ToString() => IsGlobal ? $"global each {Rows}" : Rows > 0 ? $"count {Rows}" : IsSession ? $"session {Gap}" : Size == Slide ? $"tumbling {Size}" : $"hopping {Size} {Slide}";
}
