using System.Collections;

namespace RealTimeMesh.Postgres.Tests;

/// <summary>A set that has every name.</summary>
internal sealed class AnyColumn : IReadOnlySet<string>
{
    public static readonly AnyColumn Set = new();

    public int Count => int.MaxValue;

    public bool Contains(string item) => true;

    public bool IsProperSubsetOf(IEnumerable<string> other) => false;

    public bool IsProperSupersetOf(IEnumerable<string> other) => true;

    public bool IsSubsetOf(IEnumerable<string> other) => false;

    public bool IsSupersetOf(IEnumerable<string> other) => true;

    public bool Overlaps(IEnumerable<string> other) => true;

    public bool SetEquals(IEnumerable<string> other) => false;

    public IEnumerator<string> GetEnumerator() => Enumerable.Empty<string>().GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
