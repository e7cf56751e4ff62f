using System.Text;

namespace RealTimeMesh.DeltaLake;

/// <summary>Gives texts that come again and again, such as keys and partition values, as one string. Forgets where two of them meet. Not thread-safe.</summary>
internal sealed class TextCache
{
    private const int Slots = 1024;
    private readonly (byte[] Bytes, string Text)[] _slots = new (byte[], string)[Slots];

    public string Get(ReadOnlySpan<byte> utf8)
    {
        var hash = new HashCode();
        hash.AddBytes(utf8);
        ref var slot = ref _slots[(uint)hash.ToHashCode() % Slots];
        if (slot.Text is null || !utf8.SequenceEqual(slot.Bytes))
            slot = (utf8.ToArray(), Encoding.UTF8.GetString(utf8));
        return slot.Text;
    }
}

/// <summary>Gives maps of the same entries as one: files of a partition have the same partition values. Not thread-safe.</summary>
internal sealed class MapCache
{
    private const int Slots = 1024;
    private static readonly Dictionary<string, string?> s_empty = [];
    private readonly Dictionary<string, string?>?[] _slots = new Dictionary<string, string?>?[Slots];

    public IReadOnlyDictionary<string, string?> Get(List<KeyValuePair<string, string?>> entries)
    {
        if (entries.Count == 0)
            return s_empty;
        var hash = new HashCode();
        foreach (var (key, value) in entries)
        {
            hash.Add(key, StringComparer.Ordinal);
            hash.Add(value, StringComparer.Ordinal);
        }

        ref var slot = ref _slots[(uint)hash.ToHashCode() % Slots];
        if (slot is null || !Same(slot, entries))
        {
            slot = new Dictionary<string, string?>(entries.Count, StringComparer.Ordinal);
            foreach (var (key, value) in entries)
                slot[key] = value;
        }

        return slot;
    }

    private static bool Same(Dictionary<string, string?> map, List<KeyValuePair<string, string?>> entries)
    {
        if (map.Count != entries.Count)
            return false;
        foreach (var (key, value) in entries)
        {
            if (!map.TryGetValue(key, out var own) || own != value)
                return false;
        }

        return true;
    }
}
