using System.Buffers.Binary;

namespace RealTimeMesh.DeltaLake;

/// <summary>Reads the bytes of a deletion vector: magic number, then 32-bit Roaring bitmaps by their high key (PROTOCOL.md, "Deletion Vector Format"). Throws <see cref="FormatException"/>.</summary>
internal ref struct RoaringReader
{
    public const int PortableMagic = 1681511377;

    /// <summary>An older form of Spark's, of either byte order: the bitmaps of the high keys 0, 1, 2, ..., each after its length.</summary>
    public const int NativeMagic = 1681511376;

    private const int NoRunsCookie = 12346;
    private const int RunsCookie = 12347;
    private readonly ReadOnlySpan<byte> _bytes;
    private int _at;

    private RoaringReader(ReadOnlySpan<byte> bytes) => _bytes = bytes;

    public static RoaringBitmap64 Read(ReadOnlySpan<byte> bytes)
    {
        var reader = new RoaringReader(bytes);
        var result = new RoaringBitmap64();
        var magic = reader.Int32();
        var bigEndian = BinaryPrimitives.ReverseEndianness(magic) == NativeMagic;
        if (magic is not (PortableMagic or NativeMagic) && !bigEndian)
            throw new FormatException($"magic number {magic}; expected {PortableMagic}");
        var portable = magic == PortableMagic;
        var count = portable ? reader.Int64() : bigEndian ? BinaryPrimitives.ReverseEndianness(reader.Int32()) : reader.Int32();
        long last = -1;
        for (long i = 0; i < count; i++)
        {
            var high = portable ? reader.Int32() : i;
            if (high <= last)
                throw new FormatException($"high key {high} after {last}; expected ascending keys from 0");
            last = high;
            if (!portable)
                reader.Int32();
            reader.Bitmap(result, high << 16);
        }

        return reader._at == bytes.Length ? result : throw new FormatException($"{bytes.Length - reader._at} bytes after the last bitmap; expected none");
    }

    private void Bitmap(RoaringBitmap64 result, long high)
    {
        var cookie = Int32();
        int count;
        var runs = ReadOnlySpan<byte>.Empty;
        if ((cookie & 0xFFFF) == RunsCookie)
        {
            count = (cookie >>> 16) + 1;
            runs = Take((count + 7) / 8);
        }
        else if (cookie == NoRunsCookie)
        {
            count = Int32();
            if (count is < 0 or > 65536)
                throw new FormatException($"{count} containers in a bitmap; expected at most 65536");
        }
        else
        {
            throw new FormatException($"cookie {cookie}; expected {NoRunsCookie} or {RunsCookie}");
        }

        var header = Take(count * 4);
        // Offsets of the containers, which follow one another anyway.
        if (runs.IsEmpty || count >= 4)
            Take(count * 4);
        var last = -1;
        for (var i = 0; i < count; i++)
        {
            int key = BinaryPrimitives.ReadUInt16LittleEndian(header[(i * 4)..]);
            var cardinality = BinaryPrimitives.ReadUInt16LittleEndian(header[((i * 4) + 2)..]) + 1;
            if (key <= last)
                throw new FormatException($"container key {key} after {last}; expected ascending keys");
            last = key;
            var isRun = !runs.IsEmpty && (runs[i / 8] >> (i % 8) & 1) != 0;
            var container = isRun ? Runs() : cardinality <= RoaringContainer.ArrayLimit ? Array(cardinality) : Bits();
            if (container.Cardinality != cardinality)
                throw new FormatException($"a container of {container.Cardinality} rows; expected {cardinality}");
            result.Append(high | (long)key, container);
        }
    }

    private RoaringContainer Array(int cardinality)
    {
        var bytes = Take(cardinality * 2);
        var values = new ushort[cardinality];
        for (var i = 0; i < cardinality; i++)
        {
            values[i] = BinaryPrimitives.ReadUInt16LittleEndian(bytes[(i * 2)..]);
            if (i > 0 && values[i] <= values[i - 1])
                throw new FormatException($"row {values[i]} after {values[i - 1]} in an array; expected ascending rows");
        }

        return RoaringContainer.OfArray(values);
    }

    private RoaringContainer Bits()
    {
        var bytes = Take(8192);
        var words = new ulong[1024];
        for (var i = 0; i < words.Length; i++)
            words[i] = BinaryPrimitives.ReadUInt64LittleEndian(bytes[(i * 8)..]);
        return RoaringContainer.OfBits(words);
    }

    private RoaringContainer Runs()
    {
        var runs = new List<(ushort First, ushort Last)>();
        int count = BinaryPrimitives.ReadUInt16LittleEndian(Take(2));
        var bytes = Take(count * 4);
        for (var i = 0; i < count; i++)
        {
            int first = BinaryPrimitives.ReadUInt16LittleEndian(bytes[(i * 4)..]);
            var last = first + BinaryPrimitives.ReadUInt16LittleEndian(bytes[((i * 4) + 2)..]);
            if (last > ushort.MaxValue || (runs.Count > 0 && first <= runs[^1].Last))
                throw new FormatException($"a run from {first} to {last}; expected ascending runs up to 65535");
            // Runs that touch are allowed and are one.
            if (runs.Count > 0 && first == runs[^1].Last + 1)
                runs[^1] = (runs[^1].First, (ushort)last);
            else
                runs.Add(((ushort)first, (ushort)last));
        }

        return RoaringContainer.OfRuns([.. runs]);
    }

    private int Int32() => BinaryPrimitives.ReadInt32LittleEndian(Take(4));

    private long Int64() => BinaryPrimitives.ReadInt64LittleEndian(Take(8));

    private ReadOnlySpan<byte> Take(int count)
    {
        if (count > _bytes.Length - _at)
            throw new FormatException($"{_bytes.Length} bytes; expected at least {_at + count}");
        _at += count;
        return _bytes.Slice(_at - count, count);
    }
}
