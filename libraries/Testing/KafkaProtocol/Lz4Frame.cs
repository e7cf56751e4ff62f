using System.Buffers.Binary;

namespace RealTimeMesh.Testing.KafkaProtocol;

/// <summary>Decodes LZ4's frame format. Checksums are not looked at: the batch around it has one.</summary>
internal static class Lz4Frame
{
    private const uint Magic = 0x184D2204;
    private const int MinimumMatch = 4;

    public static byte[] Decode(ReadOnlySpan<byte> frame)
    {
        if (frame.Length < 7 || BinaryPrimitives.ReadUInt32LittleEndian(frame) != Magic)
            throw new WireException("found no LZ4 frame; expected one");
        var flags = frame[4];
        var hasSize = (flags & 0x08) != 0;
        var hasSums = (flags & 0x10) != 0;
        var at = 7 + (hasSize ? 8 : 0);
        var plain = new List<byte>();
        while (BinaryPrimitives.ReadUInt32LittleEndian(frame[at..]) is not 0 and var head)
        {
            var length = (int)(head & 0x7fffffff);
            var block = frame.Slice(at + 4, length);
            if ((head & 0x80000000) != 0)
                plain.AddRange(block);
            else
                DecodeBlock(block, plain);
            at += 4 + length + (hasSums ? 4 : 0);
        }

        return [.. plain];
    }

    /// <summary>Sequences of literals and of copies of what stands before.</summary>
    private static void DecodeBlock(ReadOnlySpan<byte> block, List<byte> plain)
    {
        var at = 0;
        while (at < block.Length)
        {
            var token = block[at++];
            var literals = Length(token >> 4, block, ref at);
            plain.AddRange(block.Slice(at, literals));
            at += literals;
            if (at >= block.Length)
                return;
            var from = plain.Count - BinaryPrimitives.ReadUInt16LittleEndian(block[at..]);
            at += 2;
            var count = Length(token & 15, block, ref at) + MinimumMatch;
            for (var i = 0; i < count; i++)
                plain.Add(plain[from + i]);
        }
    }

    private static int Length(int nibble, ReadOnlySpan<byte> block, ref int at)
    {
        var length = nibble;
        if (nibble != 15)
            return length;
        byte more;
        do
        {
            more = block[at++];
            length += more;
        }
        while (more == 255);
        return length;
    }
}
