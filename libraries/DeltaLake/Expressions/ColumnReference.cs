using System.Text;

namespace RealTimeMesh.DeltaLake.Expressions;

/// <summary>A column, or a field inside it: <c>a.b.c</c>.</summary>
public sealed record ColumnReference(IReadOnlyList<string> Names) : DeltaExpression
{
    /// <summary>Once resolved: the relation of the scope it is in (an empty string for the only one).</summary>
    public string Relation { get; init; } = "";

    /// <summary>Once resolved: the field at each step, with its logical and physical name.</summary>
    public IReadOnlyList<SchemaField> Path { get; init; } = [];

    /// <summary>The field it leads to.</summary>
    public SchemaField Field => Path[^1];

    /// <summary>The physical names of the path, as statistics and partition values have them.</summary>
    public IEnumerable<string> PhysicalPath => Path.Select(step => step.PhysicalName);

    public bool Equals(ColumnReference? other) => other is not null && Relation == other.Relation && Names.SequenceEqual(other.Names) && Type == other.Type;

    public override int GetHashCode() => HashCode.Combine(Relation, Names.Count, Names[^1]);

    internal override DeltaExpression With(IReadOnlyList<DeltaExpression> children) => this;

    internal override void Print(StringBuilder text)
    {
        var names = Path.Count > 0 ? Path.Select(step => step.Name) : Names;
        text.AppendJoin('.', (Relation.Length > 0 ? names.Prepend(Relation) : names).Select(Quote));
    }

    internal static string Quote(string name) =>
        name.Length > 0 && !Keywords.IsReserved(name) && (char.IsAsciiLetter(name[0]) || name[0] == '_') && name.All(c => char.IsAsciiLetterOrDigit(c) || c == '_')
            ? name
            : $"`{name.Replace("`", "``", StringComparison.Ordinal)}`";
}
