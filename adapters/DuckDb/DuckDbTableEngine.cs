using System.Globalization;
using System.Runtime.CompilerServices;
using Apache.Arrow;
using RealTimeMesh.DeltaLake;
using RealTimeMesh.DuckDb.Tables;

namespace RealTimeMesh.DuckDb;

/// <summary>Reads Delta tables with DuckDB: a private session for each scan, with the memory limit and the spill folder of the options.</summary>
public sealed class DuckDbTableEngine(DuckDbOptions options) : ITableEngine
{
    public string Name => "duckdb";

    public async IAsyncEnumerable<RecordBatch> ScanAsync(ScanRequest request, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var snapshot = request.Snapshot;
        using var session = DuckDbSession.Open(options);
        var scan = await session.PrepareScanAsync(snapshot.Table, snapshot, request.Files ?? snapshot.Files, cancellationToken);
        var columns = request.Columns is null ? "*" : SqlText.Identifiers(request.Columns.Select(name => ColumnOf(snapshot, name)));
        var limit = request.Limit is { } most ? string.Create(CultureInfo.InvariantCulture, $" LIMIT {most}") : "";
        using var rows = await session.OpenArrowAsync($"SELECT {columns} FROM ({scan.Sql}){limit}", cancellationToken);
        await foreach (var batch in rows.ReadAsync(cancellationToken))
            yield return batch;
    }

    public async IAsyncEnumerable<RecordBatch> ScanChangesAsync(ChangeSet changes, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var session = DuckDbSession.Open(options);
        using var rows = await session.OpenArrowAsync(await ChangeScan.PrepareAsync(session, changes, cancellationToken), cancellationToken);
        await foreach (var batch in rows.ReadAsync(cancellationToken))
            yield return batch;
    }

    private static string ColumnOf(Snapshot snapshot, string name) => snapshot.Schema.Find(name)?.Name
        ?? throw new DeltaException(snapshot.Table, $"there is no column '{name}' in version {snapshot.Version}; expected one of {string.Join(", ", snapshot.Schema.Fields.Select(field => field.Name))}.");
}
