using Microsoft.Extensions.Logging;

namespace RealTimeMesh.Sidecar.Resiliency;

internal enum BreakerState
{
    Closed,
    HalfOpen,
    Open,
}

/// <summary>Calls and their outcomes since the breaker's state, or its interval, began.</summary>
internal readonly record struct BreakerCounts(long Requests, long TotalSuccesses, long TotalFailures, long ConsecutiveSuccesses, long ConsecutiveFailures);

/// <summary>A circuit breaker policy. Defaults are daprd's.</summary>
internal sealed record CircuitBreakerPolicy(string Name)
{
    /// <summary>Calls let through while half-open; as many successes in a row close it. 0 means 1.</summary>
    public uint MaxRequests { get; init; }

    /// <summary>How often a closed breaker forgets its counts. Zero (default): never.</summary>
    public TimeSpan Interval { get; init; }

    /// <summary>How long it stays open. Zero means 60 s.</summary>
    public TimeSpan Timeout { get; init; }

    /// <summary>Asked after each failure while closed; null opens after more than five failures in a row.</summary>
    public Func<BreakerCounts, bool>? Trip { get; init; }
}

/// <summary>
/// Closed, open, half-open. Outcomes of calls that began in an earlier generation (another state or interval) do not count.
/// </summary>
internal sealed class CircuitBreaker(string name, CircuitBreakerPolicy policy, TimeProvider time, ILogger logger)
{
    private const int DefaultTripAfter = 5;

    private readonly Lock _lock = new();
    private readonly uint _maxRequests = Math.Max(1, policy.MaxRequests);
    private readonly TimeSpan _openFor = policy.Timeout > TimeSpan.Zero ? policy.Timeout : TimeSpan.FromMinutes(1);

    private BreakerState _state;
    private BreakerCounts _counts;
    private long _generation;
    private long _since = time.GetTimestamp();

    public string Name => name;

    /// <summary>The state now: time alone turns open into half-open.</summary>
    public BreakerState State
    {
        get
        {
            lock (_lock)
                return Current();
        }
    }

    public static string TextOf(BreakerState state) => state switch
    {
        BreakerState.Closed => "closed",
        BreakerState.HalfOpen => "half-open",
        _ => "open",
    };

    /// <summary>Null and the generation to leave with where the call may run, else why not.</summary>
    public CircuitBreakerException? Enter(out long generation)
    {
        lock (_lock)
        {
            var state = Current();
            generation = _generation;
            if (state == BreakerState.Open)
                return new CircuitBreakerException(isHalfOpen: false);
            if (state == BreakerState.HalfOpen && _counts.Requests >= _maxRequests)
                return new CircuitBreakerException(isHalfOpen: true);
            _counts = _counts with { Requests = _counts.Requests + 1 };
            return null;
        }
    }

    public void Leave(long generation, bool succeeded)
    {
        lock (_lock)
        {
            var state = Current();
            if (generation != _generation)
                return;
            if (succeeded)
                Succeeded(state);
            else
                Failed(state);
        }
    }

    private void Succeeded(BreakerState state)
    {
        _counts = _counts with { TotalSuccesses = _counts.TotalSuccesses + 1, ConsecutiveSuccesses = _counts.ConsecutiveSuccesses + 1, ConsecutiveFailures = 0 };
        if (state == BreakerState.HalfOpen && _counts.ConsecutiveSuccesses >= _maxRequests)
            Change(BreakerState.Closed);
    }

    private void Failed(BreakerState state)
    {
        if (state == BreakerState.HalfOpen)
        {
            Change(BreakerState.Open);
            return;
        }

        _counts = _counts with { TotalFailures = _counts.TotalFailures + 1, ConsecutiveFailures = _counts.ConsecutiveFailures + 1, ConsecutiveSuccesses = 0 };
        if (policy.Trip?.Invoke(_counts) ?? _counts.ConsecutiveFailures > DefaultTripAfter)
            Change(BreakerState.Open);
    }

    private BreakerState Current()
    {
        if (_state == BreakerState.Open && time.GetElapsedTime(_since) > _openFor)
            Change(BreakerState.HalfOpen);
        else if (_state == BreakerState.Closed && policy.Interval > TimeSpan.Zero && time.GetElapsedTime(_since) > policy.Interval)
            Renew();
        return _state;
    }

    private void Change(BreakerState state)
    {
        var before = _state;
        _state = state;
        Renew();
        Log.BreakerChanged(logger, name, TextOf(before), TextOf(state));
    }

    private void Renew()
    {
        _generation++;
        _counts = default;
        _since = time.GetTimestamp();
    }
}
