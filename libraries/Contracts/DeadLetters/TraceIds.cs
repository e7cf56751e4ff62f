using System.Buffers;

namespace RealTimeMesh.Contracts.DeadLetters;

/// <summary>Trace ids as dead letters name them.</summary>
public static class TraceIds
{
    private static readonly SearchValues<char> s_hex = SearchValues.Create("0123456789abcdefABCDEF");

    /// <summary>The 32 hex digits of a W3C <c>traceparent</c>; null where it is none, or of no trace.</summary>
    public static string? Of(string? traceParent)
    {
        if (traceParent is not { Length: >= 55 } || traceParent[2] != '-' || traceParent[35] != '-')
            return null;
        var id = traceParent.AsSpan(3, 32);
        return id.ContainsAnyExcept(s_hex) || !id.ContainsAnyExcept('0') ? null : id.ToString().ToLowerInvariant();
    }
}
