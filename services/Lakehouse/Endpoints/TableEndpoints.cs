using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using RealTimeMesh.DeltaLake;
using RealTimeMesh.Lakehouse.Queries;
using RealTimeMesh.Lakehouse.Tables;

namespace RealTimeMesh.Lakehouse.Endpoints;

/// <summary><c>/v1/tables</c>: what the lake holds, who wrote it, what it looks like.</summary>
internal static class TableEndpoints
{
    private const int MaxLimit = 1_000;
    private const string Masked = "***";

    public static WebApplication MapTables(this WebApplication app)
    {
        app.MapGet("/v1/tables", TablesAsync);
        app.MapGet("/v1/tables/{pipeline}/{table}/history", HistoryAsync);
        app.MapGet("/v1/tables/{pipeline}/{table}/preview", PreviewAsync);
        return app;
    }

    private static async Task<Ok<TablesAnswer>> TablesAsync(string? pipeline, LakeCatalog catalog, CancellationToken cancellationToken)
    {
        List<TableAnswer> tables = [];
        foreach (var (owner, name) in catalog.List(pipeline))
        {
            try
            {
                if (await catalog.Table(owner, name).GetSnapshotAsync(null, cancellationToken) is { } snapshot)
                    tables.Add(new TableAnswer(owner, name, snapshot.Version, snapshot.RowCount, snapshot.Files.Count, snapshot.Files.Sum(file => file.Size), DateTimeOffset.FromUnixTimeMilliseconds(snapshot.Timestamp), null));
            }
            catch (DeltaException exception)
            {
                // One broken table must not hide the others.
                tables.Add(new TableAnswer(owner, name, -1, -1, 0, 0, null, exception.Message));
            }
        }

        return TypedResults.Ok(new TablesAnswer(tables));
    }

    private static async Task<Results<Ok<HistoryAnswer>, NotFound<Fault>>> HistoryAsync(string pipeline, string table, int? limit, LakeCatalog catalog, CancellationToken cancellationToken)
    {
        if (catalog.Find(pipeline, table) is not { } delta)
            return Unknown(pipeline, table, catalog);
        var history = await delta.GetHistoryAsync(Math.Clamp(limit ?? 50, 1, MaxLimit), cancellationToken);
        return TypedResults.Ok(new HistoryAnswer(pipeline, table, [.. history.Select(item => new CommitAnswer(
            item.Version, DateTimeOffset.FromUnixTimeMilliseconds(item.Timestamp), item.Operation, item.Parameters, item.FilesAdded, item.FilesRemoved, item.RowsAdded, item.EngineInfo))]));
    }

    private static async Task<Results<Ok<PreviewAnswer>, NotFound<Fault>>> PreviewAsync(string pipeline, string table, int? limit, LakeCatalog catalog, LakeQueries queries, PipelineSet pipelines, CancellationToken cancellationToken)
    {
        if (catalog.Find(pipeline, table) is not { } delta || await delta.GetSnapshotAsync(null, cancellationToken) is not { } snapshot)
            return Unknown(pipeline, table, catalog);
        var page = await queries.PreviewAsync(delta, snapshot, Math.Clamp(limit ?? 50, 1, MaxLimit), cancellationToken);
        var personal = pipelines.Pipelines.Where(item => item.Name == pipeline)
            .SelectMany(item => item.Streams).SelectMany(stream => stream.Contract.Rows.Fields).Where(field => field.Pii).Select(field => field.Name).ToHashSet(StringComparer.Ordinal);
        var masked = page.Columns.Select(column => personal.Contains(column.Name)).ToArray();
        return TypedResults.Ok(new PreviewAnswer(
            pipeline,
            table,
            snapshot.Version,
            [.. page.Columns.Select(column => new ColumnAnswer(column.Name, column.Type))],
            [.. page.Rows.Select(row => (IReadOnlyList<object?>)[.. row.Select((value, i) => value is not null && masked[i] ? Masked : LakeQueries.ToJson(value))])]));
    }

    private static NotFound<Fault> Unknown(string pipeline, string table, LakeCatalog catalog) => TypedResults.NotFound(new Fault(
        $"table '{pipeline}/{table}' was not found; expected one of {string.Join(", ", catalog.List().Select(item => $"{item.Pipeline}/{item.Name}"))}"));

    internal sealed record Fault(string Error);

    internal sealed record TablesAnswer(IReadOnlyList<TableAnswer> Tables);

    internal sealed record TableAnswer(string Pipeline, string Table, long Version, long Rows, int Files, long Bytes, DateTimeOffset? LastCommit, string? Error);

    internal sealed record HistoryAnswer(string Pipeline, string Table, IReadOnlyList<CommitAnswer> Commits);

    internal sealed record CommitAnswer(long Version, DateTimeOffset Time, string? Operation, IReadOnlyDictionary<string, string> Parameters, int FilesAdded, int FilesRemoved, long RowsAdded, string? Engine);

    internal sealed record PreviewAnswer(string Pipeline, string Table, long Version, IReadOnlyList<ColumnAnswer> Columns, IReadOnlyList<IReadOnlyList<object?>> Rows);

    internal sealed record ColumnAnswer(string Name, string Type);
}
