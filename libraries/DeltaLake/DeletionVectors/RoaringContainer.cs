using System.Numerics;

namespace RealTimeMesh.DeltaLake;

/// <summary>
/// A set of 16-bit numbers in one of Roaring's three forms: a sorted array (up to 4,096 numbers), a bitset, or runs. Runs are only
/// read; the first change turns them into one of the others. Not thread-safe.
/// </summary>
internal sealed class RoaringContainer
{
    public const int ArrayLimit = 4096;
    private const int Words = 1024;

    private ushort[]? _array;
    private ulong[]? _bits;
    private (ushort First, ushort Last)[]? _runs;

    private RoaringContainer()
    {
    }

    public int Cardinality { get; private set; }

    public static RoaringContainer Empty() => new() { _array = new ushort[4] };

    /// <summary>Takes over sorted, distinct numbers.</summary>
    public static RoaringContainer OfArray(ushort[] sorted) => new() { _array = sorted, Cardinality = sorted.Length };

    public static RoaringContainer OfBits(ulong[] bits) => new() { _bits = bits, Cardinality = bits.Sum(BitOperations.PopCount) };

    /// <summary>Takes over sorted runs that neither overlap nor touch.</summary>
    public static RoaringContainer OfRuns((ushort First, ushort Last)[] runs) => new() { _runs = runs, Cardinality = runs.Sum(run => run.Last - run.First + 1) };

    public RoaringContainer Clone() => new() { _array = _array?[..], _bits = _bits?[..], _runs = _runs, Cardinality = Cardinality };

    public bool Contains(ushort value)
    {
        if (_bits is not null)
            return (_bits[value >> 6] >> (value & 63) & 1) != 0;
        if (_array is not null)
            return _array.AsSpan(0, Cardinality).BinarySearch(value) >= 0;
        var at = Array.BinarySearch(_runs!, (value, value), Comparer<(ushort First, ushort Last)>.Create((a, b) => a.First.CompareTo(b.First)));
        return at >= 0 || (~at > 0 && _runs![~at - 1].Last >= value);
    }

    public bool Add(ushort value)
    {
        Unroll();
        if (_bits is not null)
        {
            ref var word = ref _bits[value >> 6];
            var bit = 1UL << (value & 63);
            if ((word & bit) != 0)
                return false;
            word |= bit;
            Cardinality++;
            return true;
        }

        var at = Cardinality > 0 && _array![Cardinality - 1] < value ? ~Cardinality : _array.AsSpan(0, Cardinality).BinarySearch(value);
        if (at >= 0)
            return false;
        if (Cardinality == ArrayLimit)
        {
            _bits = ToBits();
            _array = null;
            return Add(value);
        }

        if (Cardinality == _array!.Length)
            Array.Resize(ref _array, Math.Min(ArrayLimit, Math.Max(4, Cardinality * 2)));
        _array.AsSpan(~at, Cardinality - ~at).CopyTo(_array.AsSpan(~at + 1));
        _array[~at] = value;
        Cardinality++;
        return true;
    }

    /// <summary>Adds <paramref name="first"/> to <paramref name="last"/>, both included.</summary>
    public void AddRange(ushort first, ushort last)
    {
        if (last - first < 16)
        {
            for (int value = first; value <= last; value++)
                Add((ushort)value);
            return;
        }

        Set(Combine(ToBits(), FromRun(first, last), (a, b) => a | b));
    }

    public void UnionWith(RoaringContainer other) => Set(Combine(ToBits(), other.ToBits(), (a, b) => a | b));

    public void ExceptWith(RoaringContainer other) => Set(Combine(ToBits(), other.ToBits(), (a, b) => a & ~b));

    /// <summary>The runs of consecutive numbers, in order.</summary>
    public IEnumerable<(ushort First, ushort Last)> Runs()
    {
        if (_runs is not null)
            return _runs;
        return _array is not null ? ArrayRuns(_array, Cardinality) : BitRuns(_bits!);
    }

    private static IEnumerable<(ushort First, ushort Last)> ArrayRuns(ushort[] array, int count)
    {
        for (var i = 0; i < count; i++)
        {
            var first = array[i];
            while (i + 1 < count && array[i + 1] == array[i] + 1)
                i++;
            yield return (first, array[i]);
        }
    }

    private static IEnumerable<(ushort First, ushort Last)> BitRuns(ulong[] bits)
    {
        var at = 0;
        while (Next(bits, at, set: true) is >= 0 and var first)
        {
            var end = Next(bits, first, set: false);
            at = end < 0 ? Words * 64 : end;
            yield return ((ushort)first, (ushort)(at - 1));
        }
    }

    /// <summary>The first bit at or after a position that is set (or clear), or -1.</summary>
    private static int Next(ulong[] bits, int from, bool set)
    {
        for (var word = from >> 6; word < Words; word++)
        {
            var value = set ? bits[word] : ~bits[word];
            if (word == from >> 6)
                value &= ulong.MaxValue << (from & 63);
            if (value != 0)
                return (word << 6) + BitOperations.TrailingZeroCount(value);
        }

        return -1;
    }

    private static ulong[] FromRun(ushort first, ushort last)
    {
        var bits = new ulong[Words];
        Fill(bits, first, last);
        return bits;
    }

    private static void Fill(ulong[] bits, ushort first, ushort last)
    {
        for (var word = first >> 6; word <= last >> 6; word++)
        {
            var mask = ulong.MaxValue;
            if (word == first >> 6)
                mask &= ulong.MaxValue << (first & 63);
            if (word == last >> 6)
                mask &= ulong.MaxValue >> (63 - (last & 63));
            bits[word] |= mask;
        }
    }

    private static ulong[] Combine(ulong[] mine, ulong[] other, Func<ulong, ulong, ulong> combine)
    {
        for (var i = 0; i < Words; i++)
            mine[i] = combine(mine[i], other[i]);
        return mine;
    }

    /// <summary>A bitset of its own.</summary>
    private ulong[] ToBits()
    {
        if (_bits is not null)
            return _bits[..];
        var bits = new ulong[Words];
        foreach (var (first, last) in Runs())
            Fill(bits, first, last);
        return bits;
    }

    /// <summary>Takes over a bitset, or the array that holds the same where it is small.</summary>
    private void Set(ulong[] bits)
    {
        _runs = null;
        Cardinality = bits.Sum(BitOperations.PopCount);
        if (Cardinality > ArrayLimit)
        {
            (_bits, _array) = (bits, null);
            return;
        }

        var array = new ushort[Math.Max(4, Cardinality)];
        var count = 0;
        foreach (var (first, last) in BitRuns(bits))
        {
            for (int value = first; value <= last; value++)
                array[count++] = (ushort)value;
        }

        (_bits, _array) = (null, array);
    }

    private void Unroll()
    {
        if (_runs is not null)
            Set(ToBits());
    }
}
