using System.Collections.Concurrent;

namespace RealTimeMesh.ObjectStores.Tests;

internal sealed record TestObject(byte[] Content, DateTimeOffset ModifiedAt)
{
#pragma warning disable CA5351 // S3 names contents by MD5; nothing is kept secret by it.
    public string ETag { get; } = Convert.ToHexStringLower(System.Security.Cryptography.MD5.HashData(Content));
#pragma warning restore CA5351
}

/// <summary>Objects of a test server: strongly consistent.</summary>
internal sealed class TestBucket
{
    private readonly SortedDictionary<string, TestObject> _objects = new(StringComparer.Ordinal);

    /// <summary>Uploads in parts that go on.</summary>
    public ConcurrentDictionary<string, SortedDictionary<int, byte[]>> Uploads { get; } = new(StringComparer.Ordinal);

    public IReadOnlyDictionary<string, TestObject> Objects
    {
        get
        {
            lock (_objects)
                return new Dictionary<string, TestObject>(_objects);
        }
    }

    /// <summary>Writes the objects under a prefix into a folder.</summary>
    public async Task SaveAsync(string prefix, string folder)
    {
        foreach (var (key, item) in Objects.Where(item => item.Key.StartsWith(prefix, StringComparison.Ordinal)))
        {
            var path = Path.Combine(folder, key);
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            await File.WriteAllBytesAsync(path, item.Content);
        }
    }

    public TestObject? Find(string key)
    {
        lock (_objects)
            return _objects.GetValueOrDefault(key);
    }

    /// <summary>False where the object was to be absent and is not.</summary>
    public bool Put(string key, byte[] content, bool ifAbsent)
    {
        lock (_objects)
        {
            if (ifAbsent && _objects.ContainsKey(key))
                return false;
            _objects[key] = new TestObject(content, TimeProvider.System.GetUtcNow());
            return true;
        }
    }

    public bool Delete(string key)
    {
        lock (_objects)
            return _objects.Remove(key);
    }

    /// <summary>Objects and common prefixes after a key, at most so many, and whether there are more.</summary>
    public (List<KeyValuePair<string, TestObject>> Objects, List<string> Prefixes, string? Last, bool More) List(string prefix, string? delimiter, string? after, int most)
    {
        List<KeyValuePair<string, TestObject>> objects = [];
        List<string> prefixes = [];
        string? last = null;
        foreach (var item in Objects.OrderBy(item => item.Key, StringComparer.Ordinal).Where(item => item.Key.StartsWith(prefix, StringComparison.Ordinal)))
        {
            var cut = string.IsNullOrEmpty(delimiter) ? -1 : item.Key.IndexOf(delimiter, prefix.Length, StringComparison.Ordinal);
            var name = cut < 0 ? item.Key : item.Key[..(cut + delimiter!.Length)];
            if (string.CompareOrdinal(name, after) <= 0 || name == last)
                continue;
            if (objects.Count + prefixes.Count == most)
                return (objects, prefixes, last, true);
            last = name;
            if (cut < 0)
                objects.Add(item);
            else
                prefixes.Add(name);
        }

        return (objects, prefixes, last, false);
    }
}
