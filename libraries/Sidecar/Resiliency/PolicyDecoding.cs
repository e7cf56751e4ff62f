using System.Globalization;
using RealTimeMesh.Cel;

namespace RealTimeMesh.Sidecar.Resiliency;

/// <summary>Turns the texts of a document into policies; all faults of one policy are told together, in the words of daprd's decoder.</summary>
internal static class PolicyDecoding
{
    /// <summary>Without <c>matching</c>, which is read after the policy's name is known to be allowed.</summary>
    public static RetryPolicy Retry(string name, RetryText text)
    {
        var faults = new List<string>();
        var retry = new RetryPolicy
        {
            IsExponential = IsExponential(text.Policy, faults),
            Duration = Duration("duration", text.Duration, faults) ?? TimeSpan.FromSeconds(5),
            MaxInterval = Duration("maxInterval", text.MaxInterval, faults) ?? TimeSpan.FromMinutes(1),
            MaxRetries = text.MaxRetries ?? -1,
        };
        ThrowIfAny(name, faults);
        return retry;
    }

    public static CircuitBreakerPolicy Breaker(string name, BreakerText text)
    {
        var faults = new List<string>();
        if (text.MaxRequests < 0)
            faults.Add($"cannot parse 'maxRequests', {text.MaxRequests.ToString("F6", CultureInfo.InvariantCulture)} overflows uint");
        var breaker = new CircuitBreakerPolicy(name)
        {
            MaxRequests = (uint)Math.Clamp(text.MaxRequests, 0, uint.MaxValue),
            Interval = Duration("interval", text.Interval, faults) ?? TimeSpan.Zero,
            Timeout = Duration("timeout", text.Timeout, faults) ?? TimeSpan.Zero,
            Trip = Trip(text.Trip, faults),
        };
        ThrowIfAny(name, faults);
        return breaker;
    }

    private static bool IsExponential(string policy, List<string> faults)
    {
        if (policy.Length == 0 || policy.Equals("constant", StringComparison.OrdinalIgnoreCase))
            return false;
        if (!policy.Equals("exponential", StringComparison.OrdinalIgnoreCase))
            faults.Add($"error decoding 'policy': invalid PolicyType \"{policy}\": unexpected back off policy type: {policy}");
        return true;
    }

    private static TimeSpan? Duration(string field, string text, List<string> faults)
    {
        if (text.Length == 0)
            return null;
        var duration = PolicyDuration.TryParse(text, out _);
        if (duration is null)
            faults.Add($"error decoding '{field}': invalid duration \"{text}\"");
        return duration;
    }

    private static Func<BreakerCounts, bool>? Trip(string text, List<string> faults)
    {
        if (text.Length == 0)
            return null;
        try
        {
            return TripRule.Parse(text);
        }
        catch (CelSyntaxException exception)
        {
            faults.Add($"error decoding 'trip': invalid Expr \"{text.Replace("\\", @"\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal)}\": {exception.Message}");
            return null;
        }
    }

    private static void ThrowIfAny(string name, List<string> faults)
    {
        if (faults.Count == 0)
            return;
        faults.Sort(StringComparer.Ordinal);
        // daprd says "retry" for circuit breakers too.
        throw new InvalidPolicyException($"invalid retry configuration \"{name}\": {faults.Count} error(s) decoding:\n\n{string.Join('\n', faults.Select(fault => "* " + fault))}");
    }
}
