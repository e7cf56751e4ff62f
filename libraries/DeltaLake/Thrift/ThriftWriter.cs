using System.Buffers;

namespace RealTimeMesh.DeltaLake.Thrift;

/// <summary>Writes Thrift's compact protocol.</summary>
internal static class ThriftWriter
{
    /// <summary>A field's header; its value follows.</summary>
    public static void WriteField(IBufferWriter<byte> output, short last, short id, ThriftType type)
    {
        if (id > last && id - last <= 15)
        {
            output.Write([(byte)((id - last) << 4 | (byte)type)]);
            return;
        }

        output.Write([(byte)type]);
        WriteInteger(output, id);
    }

    public static void WriteInteger(IBufferWriter<byte> output, long value) => WriteVarint(output, (ulong)(value << 1) ^ (ulong)(value >> 63));

    public static void WriteListHeader(IBufferWriter<byte> output, ThriftType type, int count)
    {
        if (count < 15)
        {
            output.Write([(byte)(count << 4 | (byte)type)]);
            return;
        }

        output.Write([(byte)(0xF0 | (byte)type)]);
        WriteVarint(output, (ulong)count);
    }

    private static void WriteVarint(IBufferWriter<byte> output, ulong value)
    {
        Span<byte> bytes = stackalloc byte[10];
        var count = 0;
        for (; value >= 0x80; value >>= 7)
            bytes[count++] = (byte)(value | 0x80);
        bytes[count++] = (byte)value;
        output.Write(bytes[..count]);
    }
}
