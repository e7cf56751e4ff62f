using Parquet.Meta;

namespace RealTimeMesh.DeltaLake;

/// <summary>The tree of a Parquet file's schema: groups by name, and for each leaf the number of its column chunk.</summary>
internal sealed class FooterColumns
{
    private readonly Dictionary<string, FooterColumns> _children = new(StringComparer.Ordinal);

    private FooterColumns(SchemaElement element) => Element = element;

    public SchemaElement Element { get; }

    /// <summary>The position among the column chunks; -1 for a group.</summary>
    public int Ordinal { get; private set; } = -1;

    public IEnumerable<FooterColumns> Children => _children.Values;

    public static FooterColumns Read(IReadOnlyList<SchemaElement> elements)
    {
        int at = 0, ordinal = 0;
        return Read(elements, ref at, ref ordinal);
    }

    /// <summary>The child of a name; case matters only where two names differ by nothing else, as for those who read the rows.</summary>
    public FooterColumns? Find(string name) =>
        _children.GetValueOrDefault(name) ?? _children.FirstOrDefault(item => string.Equals(item.Key, name, StringComparison.OrdinalIgnoreCase)).Value;

    public FooterColumns? Find(IEnumerable<string> path) => path.Aggregate((FooterColumns?)this, (parent, name) => parent?.Find(name));

    private static FooterColumns Read(IReadOnlyList<SchemaElement> elements, ref int at, ref int ordinal)
    {
        var result = new FooterColumns(elements[at++]);
        if (result.Element.NumChildren is not > 0)
        {
            result.Ordinal = ordinal++;
            return result;
        }

        for (var i = 0; i < result.Element.NumChildren; i++)
        {
            var child = Read(elements, ref at, ref ordinal);
            result._children[child.Element.Name] = child;
        }

        return result;
    }
}
