using RealTimeMesh.DeltaLake;

namespace RealTimeMesh.DuckDb.Writes;

/// <summary>OPTIMIZE: the rows of each group of files in new files.</summary>
internal sealed class CompactRun(DuckDbSession session, DataFiles data, CompactRows operation)
{
    public async Task<FileChanges> RunAsync(CancellationToken cancellationToken)
    {
        List<AddFile> added = [];
        foreach (var group in operation.Groups)
        {
            var scan = (await session.PrepareScanAsync(operation.Target.Table, operation.Target, group, cancellationToken, rowIds: operation.RowTracking)).Sql;
            var (rows, order) = operation.ZOrderBy.Count == 0 ? (scan, "") : await ZOrder.OrderAsync(session, scan, operation.ZOrderBy, cancellationToken);
            added.AddRange(await data.WriteAsync(operation.Target, rows, operation.TargetFileBytes, cancellationToken, new FileLayout { Order = order, RowsOfFile = RowsOfFile(group), Partition = group[0] }, operation.RowTracking));
        }

        IReadOnlyList<AddFile> removed = [.. operation.Groups.SelectMany(group => group)];
        return new FileChanges
        {
            Added = added,
            Removed = removed,
            Read = removed,
            MayMatch = _ => false,
            KeepsRowIds = true,
            Metrics = new Dictionary<string, long>
            {
                ["numRemovedFiles"] = removed.Count,
                ["numRemovedBytes"] = removed.Sum(file => file.Size),
                ["numAddedFiles"] = added.Count,
                ["numAddedBytes"] = added.Sum(file => file.Size),
                ["numDeletionVectorsRemoved"] = removed.Count(file => file.DeletionVector is not null),
            },
        };
    }

    /// <summary>Rows that make a file of the target's size, by the bytes that rows take now.</summary>
    private long? RowsOfFile(IReadOnlyList<AddFile> group)
    {
        var (rows, bytes) = (group.Sum(file => Math.Max(0, file.LiveRecords)), group.Sum(file => file.Size));
        return operation.TargetFileBytes is { } target && bytes > target && rows > 0 ? (long)((double)rows * target / bytes) : null;
    }
}
