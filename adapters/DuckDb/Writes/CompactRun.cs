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
            var scan = (await session.PrepareScanAsync(operation.Target.Table, operation.Target, group, cancellationToken)).Sql;
            var order = operation.ZOrderBy.Count == 0 ? "" : await ZOrder.OrderAsync(session, scan, operation.ZOrderBy, cancellationToken);
            added.AddRange(await data.WriteAsync(operation.Target, scan, operation.TargetFileBytes, cancellationToken, order));
        }

        IReadOnlyList<AddFile> removed = [.. operation.Groups.SelectMany(group => group)];
        return new FileChanges
        {
            Added = added,
            Removed = removed,
            Read = removed,
            MayMatch = _ => false,
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
}
