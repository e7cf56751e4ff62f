using System.Buffers;
using System.Text;
using RpcMetadata = Grpc.Core.Metadata;

namespace RealTimeMesh.Sidecar.Subscriptions;

/// <summary>Metadata of a call that hands on events.</summary>
internal static class GrpcMetadata
{
    private const int TraceParentLength = 55;

    public static void Add(RpcMetadata metadata, IReadOnlyList<KeyValuePair<string, string>> headers)
    {
        foreach (var (name, value) in headers)
        {
            if (HeaderRules.GrpcNameOf(name, value) is not { } lower)
                continue;
            if (lower.EndsWith("-bin", StringComparison.Ordinal))
                metadata.Add(lower, Encoding.UTF8.GetBytes(value));
            else
                metadata.Add(lower, value);
        }
    }

    /// <summary>The trace context as text, and where it is a real one also in the older binary form.</summary>
    public static void AddTrace(RpcMetadata metadata, string? traceParent)
    {
        if (traceParent is null || HeaderRules.GrpcNameOf("x", traceParent) is null)
            return;
        metadata.Add("traceparent", traceParent);
        if (Binary(traceParent) is { } bytes)
            metadata.Add("grpc-trace-bin", bytes);
    }

    /// <summary>OpenCensus' form: version 0; field 0, the trace; field 1, the span; field 2, the flags.</summary>
    private static byte[]? Binary(string traceParent)
    {
        if (traceParent.Length != TraceParentLength || traceParent[2] != '-' || traceParent[35] != '-' || traceParent[52] != '-')
            return null;
        var bytes = new byte[29];
        bytes[18] = 1;
        bytes[27] = 2;
        return IsHex(traceParent.AsSpan(3, 32), bytes.AsSpan(2, 16)) && IsHex(traceParent.AsSpan(36, 16), bytes.AsSpan(19, 8)) && IsHex(traceParent.AsSpan(53, 2), bytes.AsSpan(28, 1))
            && bytes.AsSpan(2, 16).ContainsAnyExcept((byte)0)
            ? bytes
            : null;
    }

    private static bool IsHex(ReadOnlySpan<char> text, Span<byte> bytes) => Convert.FromHexString(text, bytes, out _, out _) == OperationStatus.Done;
}
