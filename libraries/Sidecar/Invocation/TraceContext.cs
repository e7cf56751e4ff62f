using System.Buffers.Binary;
using System.Diagnostics;

namespace RealTimeMesh.Sidecar.Invocation;

/// <summary>The span under which a call runs in the app: a child of the caller's, or a new one.</summary>
internal sealed record TraceContext(string TraceParent, string? TraceState)
{
    /// <summary>gRPC's binary form: version, then trace id, span id and flags, each behind its number.</summary>
    private const int BinaryLength = 29;

    /// <summary>Of the current span where there is one, else under the caller's.</summary>
    public static TraceContext Under(string? traceParent, string? traceState)
    {
        if (Activity.Current is { IdFormat: ActivityIdFormat.W3C, Id: { } id } current)
            return new TraceContext(id, current.TraceStateString ?? traceState);
        var hasParent = ActivityContext.TryParse(traceParent, traceState, isRemote: true, out var parent);
        var trace = hasParent ? parent.TraceId : ActivityTraceId.CreateRandom();
        var flags = hasParent ? traceParent![^2..] : "00";
        return new TraceContext($"00-{trace.ToHexString()}-{ActivitySpanId.CreateRandom().ToHexString()}-{flags}", hasParent ? traceState : null);
    }

    /// <summary>The value of <c>grpc-trace-bin</c>.</summary>
    public byte[] ToBinary()
    {
        var binary = new byte[BinaryLength];
        Convert.FromHexString(TraceParent.AsSpan(3, 32), binary.AsSpan(2, 16), out _, out _);
        binary[18] = 1;
        Convert.FromHexString(TraceParent.AsSpan(36, 16), binary.AsSpan(19, 8), out _, out _);
        binary[27] = 2;
        Convert.FromHexString(TraceParent.AsSpan(53, 2), binary.AsSpan(28, 1), out _, out _);
        return binary;
    }

    /// <summary>Reads <c>grpc-trace-bin</c>; null where it is none.</summary>
    public static string? FromBinary(ReadOnlySpan<byte> binary) =>
        binary.Length == BinaryLength && BinaryPrimitives.ReadUInt16BigEndian(binary) == 0 && binary[18] == 1 && binary[27] == 2
            ? $"00-{Convert.ToHexStringLower(binary.Slice(2, 16))}-{Convert.ToHexStringLower(binary.Slice(19, 8))}-{Convert.ToHexStringLower(binary.Slice(28, 1))}"
            : null;
}
