using RealTimeMesh.Contracts;

namespace RealTimeMesh.Ingestion.Forms;

/// <summary>Confluent's frame of a Protobuf message: schema id, then the places of the message and of those around it in their documents, as zig-zag integers after their number; a single 0 stands for the first message.</summary>
internal readonly record struct ProtobufFrame(int SchemaId, int[] Indexes, int Length)
{
    private const int MaxIndexes = 64;

    /// <summary>False where the bytes are no such frame.</summary>
    public static bool TryRead(ReadOnlySpan<byte> message, out ProtobufFrame frame)
    {
        frame = default;
        if (!ConfluentFrame.TryRead(message, out var id, out _))
            return false;
        var at = ConfluentFrame.HeaderLength;
        if (!TryInteger(message, ref at, out var count) || count is < 0 or > MaxIndexes)
            return false;
        var indexes = new int[Math.Max(1, count)];
        for (var i = 0; i < count; i++)
        {
            if (!TryInteger(message, ref at, out indexes[i]) || indexes[i] < 0)
                return false;
        }

        frame = new ProtobufFrame(id, indexes, at);
        return true;
    }

    private static bool TryInteger(ReadOnlySpan<byte> message, ref int at, out int value)
    {
        uint bits = 0;
        value = 0;
        for (var shift = 0; shift < 35; shift += 7)
        {
            if (at >= message.Length)
                return false;
            var b = message[at++];
            bits |= (uint)(b & 0x7F) << shift;
            if (b < 0x80)
            {
                value = (int)(bits >> 1) ^ -(int)(bits & 1);
                return true;
            }
        }

        return false;
    }
}
