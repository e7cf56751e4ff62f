namespace RealTimeMesh.Sidecar.Resiliency;

/// <summary>The pauses between the attempts of one operation.</summary>
internal struct RetryPauses(RetryPolicy policy, TimeProvider time, LockedRandom random)
{
    private readonly long _started = time.GetTimestamp();
    private double _intervalMs = policy.InitialInterval.TotalMilliseconds;
    private long _retries;

    /// <summary>False where the policy repeats no more.</summary>
    public bool TryNext(out TimeSpan pause)
    {
        pause = default;
        if (policy.MaxRetries >= 0 && _retries >= policy.MaxRetries)
            return false;
        _retries++;
        if (!policy.IsExponential)
        {
            pause = policy.Duration > TimeSpan.Zero ? policy.Duration : TimeSpan.Zero;
            return true;
        }

        var spread = policy.RandomizationFactor * _intervalMs;
        pause = TimeSpan.FromMilliseconds(Math.Max(0, _intervalMs - spread + (2 * spread * random.NextDouble())));
        var longest = policy.MaxInterval.TotalMilliseconds;
        _intervalMs = _intervalMs >= longest / policy.Multiplier ? longest : _intervalMs * policy.Multiplier;
        return policy.MaxElapsedTime == TimeSpan.Zero || time.GetElapsedTime(_started) + pause <= policy.MaxElapsedTime;
    }
}

/// <summary>A source of chance that many operations share.</summary>
internal sealed class LockedRandom(Random random)
{
    private readonly Lock _lock = new();

    public double NextDouble()
    {
        lock (_lock)
            return random.NextDouble();
    }
}
