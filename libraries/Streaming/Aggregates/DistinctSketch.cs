using System.Numerics;

namespace RealTimeMesh.Streaming;

/// <summary>
/// Counts distinct values: up to 256 exactly (as 64-bit hashes), beyond that by HyperLogLog with 2,048 registers,
/// whose standard error is 2.3 %. The state depends only on the set of values, not on their order.
/// </summary>
internal sealed class DistinctSketch
{
    private const int ExactLimit = 256;
    private const int Precision = 11;
    private const int Registers = 1 << Precision;

    private HashSet<ulong>? _hashes = [];
    private byte[]? _registers;

    public long Count => _hashes?.Count ?? Estimate();

    public static ulong Hash(string text)
    {
        // FNV-1a over UTF-16, then mixed: stored, so it must not depend on the process as string.GetHashCode does.
        var hash = 14695981039346656037UL;
        foreach (var character in text)
            hash = (hash ^ character) * 1099511628211UL;
        return Hash(hash);
    }

    /// <summary>The finaliser of MurmurHash3.</summary>
    public static ulong Hash(ulong value)
    {
        value = (value ^ (value >> 33)) * 0xff51afd7ed558ccdUL;
        value = (value ^ (value >> 33)) * 0xc4ceb9fe1a85ec53UL;
        return value ^ (value >> 33);
    }

    public void Add(ulong hash)
    {
        if (_hashes is null)
        {
            Register(hash);
            return;
        }

        _hashes.Add(hash);
        if (_hashes.Count > ExactLimit)
            Spill();
    }

    public void Merge(DistinctSketch other)
    {
        if (other._hashes is not null)
        {
            foreach (var hash in other._hashes)
                Add(hash);
            return;
        }

        if (_hashes is not null)
            Spill();
        for (var i = 0; i < Registers; i++)
            _registers![i] = Math.Max(_registers[i], other._registers![i]);
    }

    public DistinctSketch Copy() => new()
    {
        _hashes = _hashes is null ? null : [.. _hashes],
        _registers = _registers?.ToArray(),
    };

    public void Save(BlobWriter blob)
    {
        if (_hashes is null)
        {
            blob.Unsigned(ExactLimit + 1);
            blob.Bytes(_registers);
            return;
        }

        blob.Unsigned((ulong)_hashes.Count);
        foreach (var hash in _hashes)
            blob.Fixed(hash);
    }

    public static DistinctSketch Load(ref BlobReader blob)
    {
        var sketch = new DistinctSketch();
        var count = blob.Unsigned();
        if (count > ExactLimit)
        {
            sketch._hashes = null;
            sketch._registers = blob.Take(Registers).ToArray();
            return sketch;
        }

        for (var i = 0UL; i < count; i++)
            sketch._hashes!.Add(blob.Fixed());
        return sketch;
    }

    private void Spill()
    {
        _registers = new byte[Registers];
        foreach (var hash in _hashes!)
            Register(hash);
        _hashes = null;
    }

    private void Register(ulong hash)
    {
        var index = (int)(hash >> (64 - Precision));
        // The bit below the kept ones bounds the rank.
        var rank = BitOperations.LeadingZeroCount((hash << Precision) | (1UL << (Precision - 1))) + 1;
        if (rank > _registers![index])
            _registers[index] = (byte)rank;
    }

    private long Estimate()
    {
        double sum = 0;
        var empty = 0;
        foreach (var rank in _registers!)
        {
            sum += 1.0 / (1UL << rank);
            if (rank == 0)
                empty++;
        }

        var estimate = 0.7213 / (1 + 1.079 / Registers) * Registers * Registers / sum;
        if (estimate <= 2.5 * Registers && empty > 0)
            estimate = Registers * Math.Log((double)Registers / empty);
        return (long)Math.Round(estimate);
    }
}
