using System.Buffers.Binary;

namespace RealTimeMesh.Contracts;

/// <summary>Confluent wire format: magic byte 0, schema id as 4 bytes big-endian, then the payload.</summary>
public static class ConfluentFrame
{
    /// <summary>Length of the header in bytes.</summary>
    public const int HeaderLength = 5;

    public static void WriteHeader(Span<byte> destination, int schemaId)
    {
        destination[0] = 0;
        BinaryPrimitives.WriteInt32BigEndian(destination[1..], schemaId);
    }

    /// <summary>Splits a framed message. False where it is too short or the magic byte is not 0.</summary>
    public static bool TryRead(ReadOnlySpan<byte> message, out int schemaId, out ReadOnlySpan<byte> payload)
    {
        if (message.Length < HeaderLength || message[0] != 0)
        {
            schemaId = 0;
            payload = default;
            return false;
        }

        schemaId = BinaryPrimitives.ReadInt32BigEndian(message[1..]);
        payload = message[HeaderLength..];
        return true;
    }
}
