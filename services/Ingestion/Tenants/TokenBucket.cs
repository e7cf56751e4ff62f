namespace RealTimeMesh.Ingestion.Tenants;

/// <summary>
/// Fills at a rate up to a burst. More than the burst can be taken from a full bucket, which is in debt then: a batch
/// larger than the burst would otherwise never pass. Not thread-safe.
/// </summary>
internal sealed class TokenBucket
{
    private readonly double _perSecond;
    private readonly double _burst;
    private readonly TimeProvider _time;
    private double _tokens;
    private long _filled;

    public TokenBucket(double perSecond, double burst, TimeProvider time)
    {
        _perSecond = perSecond;
        _burst = burst;
        _time = time;
        _tokens = burst;
        _filled = time.GetTimestamp();
    }

    /// <summary>Zero where so many can be taken now, else how long that takes.</summary>
    public TimeSpan WaitFor(double count)
    {
        Fill();
        var needed = Math.Min(count, _burst);
        return _tokens >= needed ? TimeSpan.Zero : TimeSpan.FromSeconds((needed - _tokens) / _perSecond);
    }

    public void Take(double count) => _tokens -= count;

    private void Fill()
    {
        var now = _time.GetTimestamp();
        _tokens = Math.Min(_burst, _tokens + (_time.GetElapsedTime(_filled, now).TotalSeconds * _perSecond));
        _filled = now;
    }
}
