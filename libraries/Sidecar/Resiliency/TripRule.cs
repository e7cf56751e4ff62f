using RealTimeMesh.Cel;

namespace RealTimeMesh.Sidecar.Resiliency;

/// <summary>A circuit breaker's <c>trip</c>: CEL over its counts. What fails or is no boolean does not trip.</summary>
internal static class TripRule
{
    /// <exception cref="CelSyntaxException">The text is no expression.</exception>
    public static Func<BreakerCounts, bool> Parse(string text)
    {
        var expression = CelExpression.Parse(text);
        return counts => expression.Evaluate(
            ("requests", CelValue.Int(counts.Requests)),
            ("totalSuccesses", CelValue.Int(counts.TotalSuccesses)),
            ("totalFailures", CelValue.Int(counts.TotalFailures)),
            ("consecutiveSuccesses", CelValue.Int(counts.ConsecutiveSuccesses)),
            ("consecutiveFailures", CelValue.Int(counts.ConsecutiveFailures))).IsTrue;
    }
}
