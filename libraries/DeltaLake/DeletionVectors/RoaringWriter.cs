using System.Buffers;
using System.Buffers.Binary;

namespace RealTimeMesh.DeltaLake;

/// <summary>Writes the bytes of a deletion vector in the portable form, each container in its smallest form.</summary>
internal static class RoaringWriter
{
    public static ReadOnlyMemory<byte> Write(RoaringBitmap64 bitmap)
    {
        var output = new ArrayBufferWriter<byte>(1024);
        Int32(output, RoaringReader.PortableMagic);
        var buckets = Enumerable.Range(0, bitmap.Keys.Count).GroupBy(i => bitmap.Keys[i] >> 16).ToList();
        BinaryPrimitives.WriteInt64LittleEndian(output.GetSpan(8), buckets.Count);
        output.Advance(8);
        foreach (var bucket in buckets)
        {
            if (bucket.Key > int.MaxValue)
                throw new ArgumentException($"row {bucket.Key << 32} is beyond what a deletion vector can hold; expected rows below 2^63");
            Int32(output, (int)bucket.Key);
            Bitmap(output, [.. bucket.Select(i => ((ushort)bitmap.Keys[i], bitmap.Containers[i]))]);
        }

        return output.WrittenMemory;
    }

    private static void Bitmap(ArrayBufferWriter<byte> output, List<(ushort Key, RoaringContainer Container)> containers)
    {
        var start = output.WrittenCount;
        var runs = containers.Select(item => item.Container.Runs().Count()).ToArray();
        // Bytes as runs against bytes as array or bitset.
        var isRun = containers.Select((item, i) => 2 + (4 * runs[i]) < PlainSize(item.Container)).ToArray();
        var anyRun = isRun.Contains(true);
        if (anyRun)
        {
            Int32(output, 12347 | ((containers.Count - 1) << 16));
            var flags = new byte[(containers.Count + 7) / 8];
            for (var i = 0; i < isRun.Length; i++)
                flags[i / 8] |= (byte)(isRun[i] ? 1 << (i % 8) : 0);
            output.Write(flags);
        }
        else
        {
            Int32(output, 12346);
            Int32(output, containers.Count);
        }

        foreach (var (key, container) in containers)
        {
            UInt16(output, key);
            UInt16(output, (ushort)(container.Cardinality - 1));
        }

        if (!anyRun || containers.Count >= 4)
        {
            var offset = output.WrittenCount - start + (4 * containers.Count);
            for (var i = 0; i < containers.Count; i++)
            {
                Int32(output, offset);
                offset += isRun[i] ? 2 + (4 * runs[i]) : PlainSize(containers[i].Container);
            }
        }

        for (var i = 0; i < containers.Count; i++)
        {
            if (isRun[i])
                Runs(output, containers[i].Container, runs[i]);
            else
                Plain(output, containers[i].Container);
        }
    }

    private static int PlainSize(RoaringContainer container) =>
        container.Cardinality <= RoaringContainer.ArrayLimit ? 2 * container.Cardinality : 8192;

    private static void Runs(ArrayBufferWriter<byte> output, RoaringContainer container, int count)
    {
        UInt16(output, (ushort)count);
        foreach (var (first, last) in container.Runs())
        {
            UInt16(output, first);
            UInt16(output, (ushort)(last - first));
        }
    }

    private static void Plain(ArrayBufferWriter<byte> output, RoaringContainer container)
    {
        var size = PlainSize(container);
        var span = output.GetSpan(size)[..size];
        span.Clear();
        var at = 0;
        foreach (var (first, last) in container.Runs())
        {
            for (int value = first; value <= last; value++)
            {
                if (size == 8192)
                    span[value >> 3] |= (byte)(1 << (value & 7));
                else
                    BinaryPrimitives.WriteUInt16LittleEndian(span[(2 * at++)..], (ushort)value);
            }
        }

        output.Advance(size);
    }

    private static void Int32(ArrayBufferWriter<byte> output, int value)
    {
        BinaryPrimitives.WriteInt32LittleEndian(output.GetSpan(4), value);
        output.Advance(4);
    }

    private static void UInt16(ArrayBufferWriter<byte> output, ushort value)
    {
        BinaryPrimitives.WriteUInt16LittleEndian(output.GetSpan(2), value);
        output.Advance(2);
    }
}
