using System.Buffers;
using System.Runtime.CompilerServices;

namespace RealTimeMesh.Pipelines;

/// <summary>Values of a column between two nodes, in rented memory. A row that is NULL holds a leftover value.</summary>
internal readonly ref struct Vector<T>(int count)
{
    private readonly T[] _values = ArrayPool<T>.Shared.Rent(count);
    private readonly bool[] _nulls = ArrayPool<bool>.Shared.Rent(count);
    private readonly int _count = count;

    public Span<T> Values => _values.AsSpan(0, _count);

    public Span<bool> Nulls => _nulls.AsSpan(0, _count);

    public void Dispose()
    {
        ArrayPool<T>.Shared.Return(_values, RuntimeHelpers.IsReferenceOrContainsReferences<T>());
        ArrayPool<bool>.Shared.Return(_nulls);
    }
}
