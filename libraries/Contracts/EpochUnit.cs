namespace RealTimeMesh.Contracts;

/// <summary>The unit of integers that stand for a point in time.</summary>
public enum EpochUnit
{
    /// <summary>Microseconds since 1970-01-01T00:00:00Z.</summary>
    Microseconds,

    /// <summary>Milliseconds since 1970-01-01T00:00:00Z.</summary>
    Milliseconds,
}
