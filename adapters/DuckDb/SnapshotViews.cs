using System.Globalization;
using RealTimeMesh.DeltaLake;
using RealTimeMesh.DuckDb.Expressions;
using RealTimeMesh.DuckDb.RowGroups;
using RealTimeMesh.DuckDb.Tables;

namespace RealTimeMesh.DuckDb;

/// <summary>Makes Delta snapshots, their changes and reference files readable by name in a session.</summary>
public static class SnapshotViews
{
    /// <summary>
    /// Registers a snapshot of the table in <paramref name="tablePath"/> under a name such as <c>bronze.departures</c>;
    /// <paramref name="files"/> restricts it to some of its files. Registering a name again replaces it.
    /// </summary>
    public static async Task RegisterSnapshotAsync(this DuckDbSession session, string name, string tablePath, Snapshot snapshot, IReadOnlyList<AddFile>? files, CancellationToken cancellationToken)
    {
        var scan = await session.PrepareScanAsync(tablePath, snapshot, files ?? snapshot.Files, cancellationToken);
        await session.CreateViewAsync(name, scan.Sql, cancellationToken);
    }

    /// <summary>Registers what a request reads of a snapshot under a name: its files, columns, predicate and limit.</summary>
    public static async Task RegisterScanAsync(this DuckDbSession session, string name, ScanRequest request, CancellationToken cancellationToken) =>
        await session.CreateViewAsync(name, await session.QueryOfAsync(request, cancellationToken), cancellationToken);

    /// <summary>Registers the changed rows of a range of versions under a name; see <see cref="ChangeColumns"/> for the columns added to the table's.</summary>
    public static async Task RegisterChangesAsync(this DuckDbSession session, string name, ChangeSet changes, CancellationToken cancellationToken) =>
        await session.CreateViewAsync(name, await ChangeScan.PrepareAsync(session, changes, cancellationToken), cancellationToken);

    /// <summary>Registers a CSV file with a header as a table of a name; column types are found by DuckDB.</summary>
    public static async Task RegisterCsvAsync(this DuckDbSession session, string name, string file, CancellationToken cancellationToken)
    {
        if (!File.Exists(file))
            throw new DuckDbFaultException($"reference {name}: found no file '{file}'; expected a CSV file with a header; correct its path in pipeline.yaml.");
        await session.ExecuteAsync(
            $"{CreateSchema(name)}CREATE OR REPLACE TABLE {Quote(name)} AS SELECT * FROM read_csv({SqlText.Literal(file)}, header=true, sample_size=-1)", cancellationToken);
    }

    /// <summary>Where a data file lies.</summary>
    public static string PathOf(string tablePath, AddFile file) => TableScan.PathOf(tablePath, file.Path);

    /// <summary>
    /// A query for the live rows of some of a snapshot's files, good in this session: logical names and types, partition values from the
    /// log, without the rows that deletion vectors delete. <paramref name="withRowNumbers"/> adds the hidden columns of <see cref="PreparedScan"/>,
    /// <paramref name="ranges"/> takes only some rows of each file.
    /// </summary>
    internal static Task<PreparedScan> PrepareScanAsync(this DuckDbSession session, string tablePath, Snapshot snapshot, IReadOnlyList<AddFile> files, CancellationToken cancellationToken, bool withRowNumbers = false, RowTrackingColumns? rowIds = null, IReadOnlyList<IReadOnlyList<RowRange>?>? ranges = null) =>
        new TableScan(session, snapshot.Store, tablePath, snapshot.ColumnMapping, ScanColumn.Of(snapshot)) { WithRowNumbers = withRowNumbers, RowIds = rowIds }.PrepareAsync([.. files.Select((file, i) => ScanFile.Of(file, ranges?[i]))], cancellationToken);

    /// <summary>The query of a request, good in this session.</summary>
    internal static async Task<string> QueryOfAsync(this DuckDbSession session, ScanRequest request, CancellationToken cancellationToken)
    {
        var snapshot = request.Snapshot;
        var names = request.Columns ?? [.. snapshot.Schema.Fields.Select(field => field.Name)];
        var columns = request.WithRowIds
            ? string.Join(", ", names.Union([RowColumns.RowId, RowColumns.RowCommitVersion], StringComparer.OrdinalIgnoreCase).Select(name => HiddenOf(name) ?? SqlText.Identifier(ColumnOf(snapshot, name))))
            : SqlText.Identifiers(names.Select(name => ColumnOf(snapshot, name)));
        var scan = await session.PrepareScanAsync(snapshot.Table, snapshot, request.Files ?? snapshot.Files, cancellationToken, rowIds: request.WithRowIds ? snapshot.RowTracking : null);
        var where = request.Predicate is { } predicate ? $" WHERE {DuckDbExpressions.ToSql(predicate)}" : "";
        var limit = request.Limit is { } most ? string.Create(CultureInfo.InvariantCulture, $" LIMIT {most}") : "";
        return $"SELECT {columns} FROM ({scan.Sql}){where}{limit}";
    }

    internal static string Quote(string name) => string.Join('.', name.Split('.', 2).Select(SqlText.Identifier));

    private static Task<long> CreateViewAsync(this DuckDbSession session, string name, string sql, CancellationToken cancellationToken) =>
        session.ExecuteAsync($"{CreateSchema(name)}CREATE OR REPLACE VIEW {Quote(name)} AS {sql}", cancellationToken);

    private static string? HiddenOf(string name) => name.ToLowerInvariant() switch
    {
        RowColumns.RowId => $"{PreparedScan.RowIdColumn} AS {RowColumns.RowId}",
        RowColumns.RowCommitVersion => $"{PreparedScan.RowVersionColumn} AS {RowColumns.RowCommitVersion}",
        _ => null,
    };

    private static string ColumnOf(Snapshot snapshot, string name) => snapshot.Schema.Find(name)?.Name
        ?? throw new DeltaException(snapshot.Table, $"there is no column '{name}' in version {snapshot.Version}; expected one of {string.Join(", ", snapshot.Schema.Fields.Select(field => field.Name))}.");

    private static string CreateSchema(string name) =>
        name.Contains('.', StringComparison.Ordinal) ? $"CREATE SCHEMA IF NOT EXISTS {SqlText.Identifier(name.Split('.', 2)[0])}; " : "";
}
