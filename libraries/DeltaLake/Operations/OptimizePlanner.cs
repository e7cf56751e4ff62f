using RealTimeMesh.DeltaLake.Expressions;

namespace RealTimeMesh.DeltaLake;

/// <summary>Plans OPTIMIZE: which files of which partition to write anew.</summary>
internal sealed class OptimizePlanner(DeltaTable table, RowPlanner planner, OptimizeRequest request, Func<Guid> newId)
{
    private const long DefaultTarget = 100L << 20;
    private const string CubeTag = "ZCUBE_ID";
    private const string CubeOrderTag = "ZCUBE_ZORDER_BY";

    /// <summary>The groups of files that are worth it on a snapshot, in batches that fit one commit each.</summary>
    public IReadOnlyList<IReadOnlyList<IReadOnlyList<AddFile>>> Batches(Snapshot snapshot)
    {
        var target = Target(snapshot);
        var files = Selected(snapshot);
        var order = Order(snapshot);
        var groups = files.GroupBy(new PartitionKeys(snapshot).Of, StringComparer.Ordinal).SelectMany(partition => order.Count > 0 ? Whole(partition, Text(order)) : Bins(partition, target));
        List<IReadOnlyList<IReadOnlyList<AddFile>>> batches = [];
        List<IReadOnlyList<AddFile>> batch = [];
        long bytes = 0;
        foreach (var group in groups)
        {
            var size = group.Sum(file => file.Size);
            if (batch.Count > 0 && bytes + size > request.MaxCommitBytes)
            {
                batches.Add(batch);
                (batch, bytes) = ([], 0);
            }

            batch.Add(group);
            bytes += size;
        }

        if (batch.Count > 0)
            batches.Add(batch);
        return batches;
    }

    /// <summary>Writes one batch anew; null where a concurrent commit has changed all its files.</summary>
    public async Task<OperationPlan?> PlanAsync(Snapshot? snapshot, IReadOnlyList<IReadOnlyList<AddFile>> batch, ITableWork work, CancellationToken cancellationToken)
    {
        snapshot ??= await table.RequireSnapshotAsync((long?)null, cancellationToken);
        var transaction = planner.Begin(snapshot, removesRows: false);
        var live = snapshot.Files.Select(file => file.Key).ToHashSet();
        IReadOnlyList<IReadOnlyList<AddFile>> groups = [.. batch.Select(group => (IReadOnlyList<AddFile>)[.. group.Where(file => live.Contains(file.Key))]).Where(group => group.Count > 0)];
        if (groups.Count == 0)
            return null;
        var order = Order(snapshot);
        var operation = planner.Configure(new CompactRows(snapshot, groups, order), snapshot) with { TargetFileBytes = Target(snapshot) };
        var changes = await work.RunAsync(operation, cancellationToken);
        var clusters = request.ZOrderBy.Count == 0 && order.Count > 0;
        if (order.Count > 0)
        {
            var tags = new Dictionary<string, string?> { [CubeTag] = newId().ToString(), [CubeOrderTag] = Text(order), ["ZCUBE_ZORDER_CURVE"] = "zorder" };
            changes = changes with { Added = [.. changes.Added.Select(file => file with { Tags = tags, ClusteringProvider = clusters ? "liquid" : null })] };
        }

        RowPlanner.Record(transaction, changes, dataChange: false);
        return new OperationPlan(transaction, "OPTIMIZE", new Dictionary<string, string>
        {
            ["predicate"] = Parameters.List(request.Where is null ? [] : [request.Where]),
            ["zOrderBy"] = Parameters.List(request.ZOrderBy),
            ["clusterBy"] = Parameters.List(clusters ? order.Select(NameOf) : []),
            ["auto"] = "false",
        }, changes.Metrics);
    }

    private long Target(Snapshot snapshot) => request.TargetFileBytes ?? FileSizes.TargetOf(table.Path, snapshot.Configuration) ?? DefaultTarget;

    private IReadOnlyList<AddFile> Selected(Snapshot snapshot)
    {
        if (request.Where is null)
            return snapshot.Files;
        var where = planner.Predicate(request.Where, ExpressionScope.Of(snapshot.Schema));
        if (!FilePruning.IsPartitionOnly(snapshot, where))
            throw new DeltaException(table.Path, $"OPTIMIZE was asked for rows with {where}; expected only partition columns: {string.Join(", ", snapshot.PartitionColumns)}.");
        return FilePruning.Prune(snapshot, where).Files;
    }

    /// <summary>Columns by which rows are put together: those asked for, or those of a clustered table; fields inside structs too.</summary>
    private IReadOnlyList<ColumnReference> Order(Snapshot snapshot) => request.ZOrderBy.Count > 0
        ? [.. request.ZOrderBy.Select(name => Asked(snapshot, name))]
        : [.. ClusteringColumns.Of(table.Path, snapshot.Domains).Select(path => Clustered(snapshot, path))];

    private ColumnReference Asked(Snapshot snapshot, string name)
    {
        var column = snapshot.Schema.Find(name) is { } field ? Reference([field]) : Parsed(snapshot, name);
        return column is { Type: { IsPrimitive: true } } && !snapshot.PartitionColumns.Contains(column.Path[0].Name, StringComparer.OrdinalIgnoreCase)
            ? column
            : throw new DeltaException(table.Path, $"Z-ORDER was asked for by '{name}'; expected a column of a primitive type that is no partition column.");
    }

    private static ColumnReference? Parsed(Snapshot snapshot, string name)
    {
        try
        {
            return DeltaExpression.Parse(name).Resolve(snapshot.Schema, DateTimeOffset.UnixEpoch) as ColumnReference;
        }
        catch (ExpressionException)
        {
            // The refusal says what was expected.
            return null;
        }
    }

    private ColumnReference Clustered(Snapshot snapshot, IReadOnlyList<string> path)
    {
        List<SchemaField> fields = [];
        DeltaType type = snapshot.Schema;
        foreach (var name in path)
        {
            var field = (type as StructType)?.Fields.FirstOrDefault(item => item.PhysicalName == name);
            if (field is null)
                throw Unsortable(path);
            fields.Add(field);
            type = field.Type;
        }

        return type.IsPrimitive ? Reference(fields) : throw Unsortable(path);
    }

    private static ColumnReference Reference(IReadOnlyList<SchemaField> path) => new([.. path.Select(field => field.Name)]) { Path = path, Type = path[^1].Type };

    private DeltaException Unsortable(IReadOnlyList<string> path) =>
        new(table.Path, $"clustering column '{string.Join('.', path)}' cannot be sorted by; expected a column of a primitive type, or a field of one inside structs; use an engine that supports it.");

    /// <summary>All files of a partition, unless they are what the same order made of it and nothing has come since.</summary>
    private IEnumerable<IReadOnlyList<AddFile>> Whole(IEnumerable<AddFile> partition, string order)
    {
        IReadOnlyList<AddFile> files = [.. partition];
        var cubes = files.Select(file => file.Tags?.GetValueOrDefault(CubeTag)).Distinct().ToList();
        return cubes is [not null] && files.All(file => file.Tags!.GetValueOrDefault(CubeOrderTag) == order && !IsPurged(file)) ? [] : [files];
    }

    /// <summary>Small files and files with many deleted rows, packed first-fit; one file alone only where it has rows to lose.</summary>
    private IEnumerable<IReadOnlyList<AddFile>> Bins(IEnumerable<AddFile> partition, long target)
    {
        List<(List<AddFile> Files, long Bytes)> bins = [];
        foreach (var file in partition.Where(file => file.Size < target * 3 / 4 || IsPurged(file)).OrderBy(file => file.Size))
        {
            var at = bins.Count - 1;
            if (at < 0 || bins[at].Bytes + file.Size > target)
            {
                bins.Add(([], 0));
                at++;
            }

            bins[at].Files.Add(file);
            bins[at] = (bins[at].Files, bins[at].Bytes + file.Size);
        }

        return bins.Where(bin => bin.Files.Count > 1 || bin.Files.Exists(IsPurged)).Select(bin => bin.Files);
    }

    private bool IsPurged(AddFile file) => file.DeletionVector is { } vector && file.NumRecords > 0 && vector.Cardinality > request.MaxDeletedShare * file.NumRecords;

    private static string Text(IReadOnlyList<ColumnReference> order) => Parameters.List(order.Select(NameOf));

    private static string NameOf(ColumnReference column) => string.Join('.', column.Names);
}
