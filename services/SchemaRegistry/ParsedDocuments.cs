using RealTimeMesh.Contracts;

namespace RealTimeMesh.SchemaRegistry;

/// <summary>Documents that were read lately. What was not asked for the longest time goes first, and is read again when it is.</summary>
internal sealed class ParsedDocuments
{
    private const int MostDocuments = 1024;

    // A parsed document takes ten to twenty times the memory of its text; the collector walks all of it again and again.
    private const int MostCharacters = 12 * 1024 * 1024;

    private readonly Lock _gate = new();
    private readonly LinkedList<(SchemaContent Content, SchemaDocument Document)> _byUse = [];
    private readonly Dictionary<SchemaContent, LinkedListNode<(SchemaContent Content, SchemaDocument Document)>> _found = new(ReferenceEqualityComparer.Instance);
    private int _characters;

    public SchemaDocument? Find(SchemaContent content)
    {
        lock (_gate)
        {
            if (!_found.TryGetValue(content, out var node))
                return null;

            _byUse.Remove(node);
            _byUse.AddFirst(node);
            return node.Value.Document;
        }
    }

    public void Keep(SchemaContent content, SchemaDocument document)
    {
        lock (_gate)
        {
            if (_found.ContainsKey(content))
                return;

            _found.Add(content, _byUse.AddFirst((content, document)));
            _characters += content.Text.Length;

            // The newest stays whatever its size: the next version is judged against it.
            while (_byUse.Count > 1 && (_characters > MostCharacters || _byUse.Count > MostDocuments))
            {
                var oldest = _byUse.Last!.Value.Content;
                _byUse.RemoveLast();
                _found.Remove(oldest);
                _characters -= oldest.Text.Length;
            }
        }
    }
}
