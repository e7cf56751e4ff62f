namespace RealTimeMesh.Contracts.Values;

/// <summary>Compares values of the generic form by content.</summary>
public sealed class AvroValueComparer : IEqualityComparer<object?>
{
    public static AvroValueComparer Instance { get; } = new();

    public new bool Equals(object? x, object? y) => (x, y) switch
    {
        (byte[] a, byte[] b) => a.AsSpan().SequenceEqual(b),
        (IReadOnlyDictionary<string, object?> a, IReadOnlyDictionary<string, object?> b) => Same(a, b),
        (IReadOnlyList<object?> a, IReadOnlyList<object?> b) => Enumerable.SequenceEqual(a, b, this),
        _ => object.Equals(x, y),
    };

    public int GetHashCode(object? obj) => obj switch
    {
        byte[] bytes => bytes.Length,
        IReadOnlyDictionary<string, object?> items => items.Count,
        IReadOnlyList<object?> items => items.Count,
        _ => obj?.GetHashCode() ?? 0,
    };

    private bool Same(IReadOnlyDictionary<string, object?> a, IReadOnlyDictionary<string, object?> b)
    {
        foreach (var (key, value) in a)
        {
            if (!b.TryGetValue(key, out var other) || !Equals(value, other))
                return false;
        }

        return a.Count == b.Count;
    }
}
