namespace RealTimeMesh.Ingestion.Sources;

/// <summary>
/// Publishes a source at a multiple of event time: the first event sets the clock, later batches wait until their last
/// event is due. Batches are kept as small as the pace needs, so that the stream flows rather than jumps.
/// </summary>
internal sealed class ReplayPacer(double? speed, int maxRows, TimeProvider time)
{
    private static readonly TimeSpan Step = TimeSpan.FromMilliseconds(200);

    private long _startedAt;
    private long _firstEvent = long.MinValue;
    private long _lastEvent;
    private int _rows = speed is null ? maxRows : 16;

    /// <summary>Rows the next batch should have.</summary>
    public int BatchRows => Volatile.Read(ref _rows);

    /// <summary>Waits until a batch is due. <paramref name="latest"/>: its latest event time, microseconds; <paramref name="rows"/>: its rows.</summary>
    public async Task WaitAsync(long latest, int rows, CancellationToken cancellationToken)
    {
        if (speed is not { } factor || latest == long.MinValue)
            return;
        if (_firstEvent == long.MinValue)
        {
            _firstEvent = _lastEvent = latest;
            _startedAt = time.GetTimestamp();
            return;
        }

        if (latest > _lastEvent)
        {
            var span = TimeSpan.FromMicroseconds((latest - _lastEvent) / factor);
            // Half as many to twice as many as now, towards one step of wall time a batch.
            var wanted = span <= TimeSpan.Zero ? rows * 2.0 : rows * (Step / span);
            Volatile.Write(ref _rows, (int)Math.Clamp(Math.Clamp(wanted, rows / 2.0, rows * 2.0), 1, maxRows));
            _lastEvent = latest;
        }

        var due = TimeSpan.FromMicroseconds((_lastEvent - _firstEvent) / factor);
        var wait = due - time.GetElapsedTime(_startedAt);
        if (wait > TimeSpan.Zero)
            await Task.Delay(wait, time, cancellationToken);
    }
}
