using Npgsql;
using RealTimeMesh.ChangeCapture;

namespace RealTimeMesh.Postgres.Feeds;

/// <summary>
/// Asks the server now and then how far its log has come. The lag in seconds is the time since the log was first seen
/// beyond the confirmed position, or the age of the changes that are read right now, whichever is greater.
/// </summary>
internal sealed class LagMeter(NpgsqlDataSource database, long confirmed, TimeProvider time)
{
    private const int MostSamples = 720;

    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(5);

    private readonly Queue<(long Lsn, DateTimeOffset At)> _samples = [];
    private long _confirmed = confirmed;
    private long _committedAt;
    private ChangeLag _current = ChangeLag.Unknown;

    public ChangeLag Current => Volatile.Read(ref _current);

    public void Confirmed(long lsn) => Volatile.Write(ref _confirmed, lsn);

    /// <summary>Takes note of a change that was read; <paramref name="committedAt"/> in microseconds since 1970.</summary>
    public void Read(long committedAt) => Volatile.Write(ref _committedAt, committedAt);

    /// <summary>Measures until it is cancelled.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        try
        {
            while (true)
            {
                await MeasureAsync(cancellationToken);
                await Task.Delay(Interval, time, cancellationToken);
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // The feed is closed.
        }
    }

    private async Task MeasureAsync(CancellationToken cancellationToken)
    {
        try
        {
            await using var command = database.CreateCommand("SELECT ((CASE WHEN pg_is_in_recovery() THEN pg_last_wal_replay_lsn() ELSE pg_current_wal_lsn() END) - '0/0'::pg_lsn)::int8");
            var lsn = (long)(await command.ExecuteScalarAsync(cancellationToken))!;
            Volatile.Write(ref _current, Measure(lsn, time.GetUtcNow()));
        }
        catch (Exception e) when (e is NpgsqlException or IOException or TimeoutException)
        {
            // Unknown while the server can't be asked; the reader of the log meets and tells the same fault.
            Volatile.Write(ref _current, Current with { Bytes = null });
        }
    }

    internal ChangeLag Measure(long lsn, DateTimeOffset now)
    {
        var confirmed = Volatile.Read(ref _confirmed);
        _samples.Enqueue((lsn, now));
        while (_samples.Count > MostSamples || (_samples.Count > 0 && _samples.Peek().Lsn <= confirmed))
            _samples.Dequeue();
        var waiting = _samples.TryPeek(out var oldest) ? now - oldest.At : TimeSpan.Zero;
        var committed = Interlocked.Exchange(ref _committedAt, 0);
        var age = committed == 0 || lsn <= confirmed ? TimeSpan.Zero : now - DateTimeOffset.UnixEpoch - TimeSpan.FromMicroseconds(committed);
        return new ChangeLag(Math.Max(lsn - confirmed, 0), Math.Max(Math.Max(waiting.TotalSeconds, age.TotalSeconds), 0));
    }
}
