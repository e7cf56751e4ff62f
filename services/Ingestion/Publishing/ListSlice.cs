using System.Collections;

namespace RealTimeMesh.Ingestion.Publishing;

/// <summary>A window on a list, without a copy.</summary>
internal sealed class ListSlice<T>(IReadOnlyList<T> list, int start, int count) : IReadOnlyList<T>
{
    public int Count => count;

    public T this[int index] => list[start + index];

    public IEnumerator<T> GetEnumerator()
    {
        for (var i = 0; i < count; i++)
            yield return list[start + i];
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
