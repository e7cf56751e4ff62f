using System.Buffers.Binary;
using System.Text;

namespace RealTimeMesh.Components;

/// <summary>Austin Appleby's MurmurHash2 (32 bit) with the seed of Kafka's default partitioner, so that a key lands in the same partition here and there.</summary>
public static class Murmur2
{
    private const uint Seed = 0x9747b28c;
    private const uint Multiplier = 0x5bd1e995;
    private const int Shift = 24;

    public static int Hash(ReadOnlySpan<byte> data)
    {
        var hash = Seed ^ (uint)data.Length;
        while (data.Length >= 4)
        {
            var block = BinaryPrimitives.ReadUInt32LittleEndian(data) * Multiplier;
            block = (block ^ (block >> Shift)) * Multiplier;
            hash = (hash * Multiplier) ^ block;
            data = data[4..];
        }

        if (!data.IsEmpty)
        {
            for (var i = data.Length - 1; i >= 0; i--)
                hash ^= (uint)data[i] << (8 * i);
            hash *= Multiplier;
        }

        hash = (hash ^ (hash >> 13)) * Multiplier;
        return (int)(hash ^ (hash >> 15));
    }

    /// <summary>The partition of a UTF-8 key.</summary>
    public static int Partition(ReadOnlySpan<byte> key, int partitions) => (Hash(key) & 0x7fffffff) % partitions;

    /// <summary>The partition of a key.</summary>
    public static int Partition(string key, int partitions)
    {
        var most = Encoding.UTF8.GetMaxByteCount(key.Length);
        if (most > 512)
            return Partition(Encoding.UTF8.GetBytes(key), partitions);
        Span<byte> utf8 = stackalloc byte[most];
        return Partition(utf8[..Encoding.UTF8.GetBytes(key, utf8)], partitions);
    }
}
