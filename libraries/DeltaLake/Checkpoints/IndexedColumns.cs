namespace RealTimeMesh.DeltaLake;

/// <summary>The leaf columns that a table keeps statistics of: those named, or the first ones (<c>delta.dataSkippingStatsColumns</c>, <c>delta.dataSkippingNumIndexedCols</c>).</summary>
internal sealed class IndexedColumns
{
    private const int Default = 32;
    private readonly HashSet<string> _paths = new(StringComparer.OrdinalIgnoreCase);

    public IndexedColumns(Snapshot snapshot)
    {
        var leaves = Leaves(snapshot.Schema, "").Where(path => !snapshot.PartitionColumns.Contains(path, StringComparer.OrdinalIgnoreCase));
        if (TableProperties.Text(snapshot.Configuration, TableProperties.StatsColumns) is { Length: > 0 } named)
        {
            var names = named.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).Select(name => name.Replace("`", "", StringComparison.Ordinal)).ToList();
            leaves = leaves.Where(path => names.Exists(name => path.Equals(name, StringComparison.OrdinalIgnoreCase) || path.StartsWith(name + ".", StringComparison.OrdinalIgnoreCase)));
        }
        else if (TableProperties.Whole(snapshot.Configuration, TableProperties.StatsIndexedColumns, Default) is >= 0 and var count)
        {
            leaves = leaves.Take((int)Math.Min(count, int.MaxValue));
        }

        _paths.UnionWith(leaves);
    }

    /// <summary>Whether the leaf at a path of logical names, joined by points, has statistics.</summary>
    public bool Has(string path) => _paths.Contains(path);

    private static IEnumerable<string> Leaves(StructType schema, string prefix) =>
        schema.Fields.SelectMany(field => field.Type is StructType inner ? Leaves(inner, $"{prefix}{field.Name}.") : [prefix + field.Name]);
}
