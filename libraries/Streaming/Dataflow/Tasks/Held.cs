namespace RealTimeMesh.Streaming;

/// <summary>Why a window has not closed.</summary>
/// <param name="Step">The step whose first open window it is.</param>
/// <param name="Window">The window, and how far event time has come there.</param>
/// <param name="Topic">The input that is furthest behind.</param>
/// <param name="Partition">The partition.</param>
/// <param name="Offset">Offset of the event that carried this input's event time furthest, or -1.</param>
/// <param name="EventTime">The time of that event, microseconds, or <see cref="DataBatch.NoTime"/>.</param>
/// <param name="Watermark">The input's watermark.</param>
/// <param name="IdleIn">After how long without events the input no longer holds the window; zero where it is idle.</param>
internal sealed record Held(string Step, HeldWindow Window, string Topic, int Partition, long Offset, long EventTime, long Watermark, TimeSpan IdleIn)
{
    public override string ToString()
    {
        var window = $"{Step}: the window {EventTimes.Format(Window.Start)} to {EventTimes.Format(Window.End)}";
        return EventTime == DataBatch.NoTime
            ? $"{window} is open because '{Topic}', partition {Partition}, has had no event yet; it is left out of account in {IdleIn.TotalSeconds:0.#} s"
            : $"{window} is open because event time has come to {EventTimes.Format(Watermark)} in '{Topic}', partition {Partition}, by the event at offset {Offset} ({EventTimes.Format(EventTime)}); an event {TimeSpan.FromMicroseconds(Window.End - Watermark).TotalSeconds:0.######} s later closes it";
    }
}
