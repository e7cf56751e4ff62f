using System.Globalization;
using RealTimeMesh.DeltaLake;

namespace RealTimeMesh.DuckDb.Tables;

/// <summary>SQL for the changed rows of a range of versions.</summary>
internal static class ChangeScan
{
    public static async Task<string> PrepareAsync(DuckDbSession session, ChangeSet changes, CancellationToken cancellationToken)
    {
        var recorded = changes.Files.Where(file => file.Kind == ChangeKind.Recorded).ToList();
        var derived = changes.Files.Where(file => file.Kind != ChangeKind.Recorded).ToList();
        var queries = new List<string>();
        if (recorded.Count > 0)
            queries.Add(await ScanAsync(session, changes.Snapshot, recorded, kindStored: true, cancellationToken));
        if (derived.Count > 0 || queries.Count == 0)
            queries.Add(await ScanAsync(session, changes.Snapshot, derived, kindStored: false, cancellationToken));
        return string.Join(" UNION ALL ", queries);
    }

    private static async Task<string> ScanAsync(DuckDbSession session, Snapshot snapshot, IReadOnlyList<ChangeFile> files, bool kindStored, CancellationToken cancellationToken)
    {
        IReadOnlyList<ScanColumn> columns =
        [
            .. ScanColumn.Of(snapshot),
            new ScanColumn(ChangeColumns.ChangeType, PrimitiveType.String) { Constant = kindStored ? -1 : 2 },
            new ScanColumn(ChangeColumns.CommitVersion, PrimitiveType.Long) { Constant = 0 },
            new ScanColumn(ChangeColumns.CommitTimestamp, PrimitiveType.Timestamp) { Constant = 1 },
        ];
        var scan = new TableScan(session, snapshot.Store, snapshot.Table, snapshot.ColumnMapping, columns);
        return (await scan.PrepareAsync([.. files.Select(ScanFileOf)], cancellationToken)).Sql;
    }

    private static ScanFile ScanFileOf(ChangeFile file) => new(file.Path, file.PartitionValues,
    [
        string.Create(CultureInfo.InvariantCulture, $"CAST({file.Version} AS BIGINT)"),
        string.Create(CultureInfo.InvariantCulture, $"TIMESTAMPTZ '{DateTimeOffset.FromUnixTimeMilliseconds(file.Timestamp):yyyy-MM-dd HH:mm:ss.fff}+00'"),
        file.Kind == ChangeKind.Insert ? "'insert'" : "'delete'",
    ])
    {
        Only = file.Only,
        Without = file.Without,
    };
}
