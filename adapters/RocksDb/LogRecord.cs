using System.Buffers.Binary;
using System.Numerics;
using System.Text;
using RealTimeMesh.Components;

namespace RealTimeMesh.RocksDb;

/// <summary>
/// A stored message, little-endian: CRC-32C (4) of the offset and all that follows it; timestamp in ms (8); bytes of
/// records in the partition up to and including this one (8); key length, -1 for none (4); headers length (4); key; headers; value.
/// </summary>
internal static class LogRecord
{
    public const int HeaderLength = 28;

    public static int LengthOf(in OutgoingMessage message) =>
        HeaderLength + (message.Key is null ? 0 : Encoding.UTF8.GetByteCount(message.Key)) + message.Headers.Block.Length + message.Value.Length;

    /// <summary>Writes all but what only the writer knows: checksum, timestamp and byte count.</summary>
    public static void Write(Span<byte> record, in OutgoingMessage message)
    {
        var key = message.Key is null ? 0 : Encoding.UTF8.GetBytes(message.Key, record[HeaderLength..]);
        BinaryPrimitives.WriteInt32LittleEndian(record[20..], message.Key is null ? -1 : key);
        var headers = message.Headers.Block.Span;
        BinaryPrimitives.WriteInt32LittleEndian(record[24..], headers.Length);
        headers.CopyTo(record[(HeaderLength + key)..]);
        message.Value.Span.CopyTo(record[(HeaderLength + key + headers.Length)..]);
    }

    public static void Seal(Span<byte> record, long offset, long timestamp, long totalBytes)
    {
        BinaryPrimitives.WriteInt64LittleEndian(record[4..], timestamp);
        BinaryPrimitives.WriteInt64LittleEndian(record[12..], totalBytes);
        BinaryPrimitives.WriteUInt32LittleEndian(record, Checksum(record, offset));
    }

    /// <summary>False where the record is damaged.</summary>
    public static bool Verify(ReadOnlySpan<byte> record, long offset)
    {
        if (record.Length < HeaderLength || BinaryPrimitives.ReadUInt32LittleEndian(record) != Checksum(record, offset))
            return false;
        var (key, headers) = (KeyLength(record), HeadersLength(record));
        return key >= -1 && headers >= 0 && (long)HeaderLength + Math.Max(0, key) + headers <= record.Length;
    }

    public static long Timestamp(ReadOnlySpan<byte> record) => BinaryPrimitives.ReadInt64LittleEndian(record[4..]);

    public static long TotalBytes(ReadOnlySpan<byte> record) => BinaryPrimitives.ReadInt64LittleEndian(record[12..]);

    /// <summary>Length of the key, -1 where there is none.</summary>
    public static int KeyLength(ReadOnlySpan<byte> record) => BinaryPrimitives.ReadInt32LittleEndian(record[20..]);

    public static int HeadersLength(ReadOnlySpan<byte> record) => BinaryPrimitives.ReadInt32LittleEndian(record[24..]);

    private static uint Checksum(ReadOnlySpan<byte> record, long offset)
    {
        var crc = BitOperations.Crc32C(uint.MaxValue, (ulong)offset);
        var rest = record[4..];
        for (; rest.Length >= 8; rest = rest[8..])
            crc = BitOperations.Crc32C(crc, BinaryPrimitives.ReadUInt64LittleEndian(rest));
        foreach (var b in rest)
            crc = BitOperations.Crc32C(crc, b);
        return ~crc;
    }
}
