namespace RealTimeMesh.SchemaRegistry.Storage;

/// <summary>The ids of one context.</summary>
internal sealed class ContextState
{
    private readonly Dictionary<int, (SchemaContent Content, int Uses)> _byId = [];
    private readonly Dictionary<string, int> _byKey = new(StringComparer.Ordinal);

    /// <summary>The next id that was never given.</summary>
    public int NextId { get; private set; } = 1;

    public int Count => _byId.Count;

    public IEnumerable<KeyValuePair<int, SchemaContent>> All => _byId.Select(pair => KeyValuePair.Create(pair.Key, pair.Value.Content));

    public SchemaContent? Find(int id) => _byId.TryGetValue(id, out var found) ? found.Content : null;

    public int? IdOf(SchemaContent content) => _byKey.TryGetValue(content.Key, out var id) ? id : null;

    /// <summary>Counts one use more; returns the content that the id stands for.</summary>
    public SchemaContent Use(int id, SchemaContent content)
    {
        NextId = Math.Max(NextId, id + 1);
        if (_byId.TryGetValue(id, out var present))
        {
            _byId[id] = (present.Content, present.Uses + 1);
            return present.Content.Key == content.Key ? present.Content : content;
        }

        _byId.Add(id, (content, 1));
        _byKey.TryAdd(content.Key, id);
        return content;
    }

    /// <summary>Counts one use less; an id without use is not found any more.</summary>
    public void Release(int id)
    {
        if (!_byId.TryGetValue(id, out var found))
            return;

        if (found.Uses > 1)
        {
            _byId[id] = (found.Content, found.Uses - 1);
            return;
        }

        _byId.Remove(id);
        if (_byKey.TryGetValue(found.Content.Key, out var owner) && owner == id)
            _byKey.Remove(found.Content.Key);
    }
}
