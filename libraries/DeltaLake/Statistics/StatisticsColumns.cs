using System.Text;

namespace RealTimeMesh.DeltaLake;

/// <summary>
/// Which leaf columns of a table have statistics: those of <c>delta.dataSkippingStatsColumns</c>, or else the first
/// <c>delta.dataSkippingNumIndexedCols</c> ones (32 by default, -1 for all); and always those the table is clustered by.
/// </summary>
internal sealed class StatisticsColumns
{
    private const int DefaultIndexedColumns = 32;

    private StatisticsColumns(IReadOnlyList<IReadOnlyList<SchemaField>> leaves) => Leaves = leaves;

    /// <summary>Paths from the top-level field down, in the schema's order.</summary>
    public IReadOnlyList<IReadOnlyList<SchemaField>> Leaves { get; }

    public static StatisticsColumns For(Snapshot snapshot) =>
        For(snapshot.Table, snapshot.Schema, snapshot.PartitionColumns, snapshot.Configuration, snapshot.Domains);

    public static StatisticsColumns For(string table, StructType schema, IReadOnlyList<string> partitionColumns, IReadOnlyDictionary<string, string?> configuration, IReadOnlyDictionary<string, string>? domains = null)
    {
        var leaves = schema.Fields.Where(field => !partitionColumns.Contains(field.Name, StringComparer.OrdinalIgnoreCase)).SelectMany(field => LeavesOf([field])).ToList();
        var clustered = ClusteringColumns.Of(table, domains);
        Func<IReadOnlyList<SchemaField>, int, bool> wanted;
        if (TableProperties.Text(configuration, TableProperties.StatsColumns) is { Length: > 0 } names)
        {
            var named = SplitNames(names).Where(name => !(name.Count == 1 && partitionColumns.Contains(name[0], StringComparer.OrdinalIgnoreCase))).ToList();
            foreach (var name in named.Where(name => !leaves.Exists(leaf => Begins(leaf, name, field => field.Name))))
                throw new DeltaException(table, $"property '{TableProperties.StatsColumns}' names '{string.Join('.', name)}', which is no column with data; expected names of columns, or of structs for all their fields.");
            wanted = (leaf, _) => named.Exists(name => Begins(leaf, name, field => field.Name));
        }
        else
        {
            var count = TableProperties.Whole(configuration, TableProperties.StatsIndexedColumns, DefaultIndexedColumns);
            wanted = (_, at) => count < 0 || at < count;
        }

        return new StatisticsColumns([.. leaves.Where((leaf, at) => wanted(leaf, at) || clustered.Any(name => Begins(leaf, name, field => field.PhysicalName)))]);
    }

    private static IEnumerable<IReadOnlyList<SchemaField>> LeavesOf(IReadOnlyList<SchemaField> path) => path[^1].Type is StructType structure
        ? structure.Fields.SelectMany(field => LeavesOf([.. path, field]))
        : path[^1].Type.Kind == DeltaTypeKind.Void ? [] : [path];

    private static bool Begins(IReadOnlyList<SchemaField> leaf, IReadOnlyList<string> name, Func<SchemaField, string> nameOf) =>
        name.Count <= leaf.Count && name.Select((part, i) => string.Equals(part, nameOf(leaf[i]), StringComparison.OrdinalIgnoreCase)).All(same => same);

    /// <summary><c>a, b.c, `odd.name`</c>.</summary>
    private static IEnumerable<IReadOnlyList<string>> SplitNames(string text)
    {
        List<string> path = [];
        var name = new StringBuilder();
        var quoted = false;
        for (var i = 0; i <= text.Length; i++)
        {
            var c = i < text.Length ? text[i] : ',';
            if (c == '`' && i < text.Length)
            {
                if (quoted && i + 1 < text.Length && text[i + 1] == '`')
                    name.Append(text[++i]);
                else
                    quoted = !quoted;
            }
            else if (!quoted && c is '.' or ',')
            {
                path.Add(name.ToString().Trim());
                name.Clear();
                if (c == ',')
                {
                    if (path is not [""])
                        yield return path;
                    path = [];
                }
            }
            else
            {
                name.Append(c);
            }
        }
    }
}
