using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using RealTimeMesh.DeltaLake;
using RealTimeMesh.Lakehouse.Queries;
using RealTimeMesh.Lakehouse.Requests;
using RealTimeMesh.Lakehouse.Tables;

namespace RealTimeMesh.Lakehouse.Endpoints;

/// <summary><c>/v1/tables</c>: what the lake holds, who wrote it, what it looks like and looked like.</summary>
internal static class TableEndpoints
{
    private const string Cursor = "the 'next' of an earlier answer";

    public static WebApplication MapTables(this WebApplication app)
    {
        var tables = app.MapGroup("/v1/tables").AddEndpointFilter<DeltaFaults>();
        tables.MapGet("", TablesAsync);
        tables.MapGet("/{pipeline}/{table}", DetailAsync);
        tables.MapGet("/{pipeline}/{table}/history", HistoryAsync);
        tables.MapGet("/{pipeline}/{table}/preview", PreviewAsync);
        tables.MapGet("/{pipeline}/{table}/changes", ChangesAsync);
        return app;
    }

    /// <summary><c>pipeline</c>, <c>limit</c>, <c>after</c>: the cursor of the page before.</summary>
    private static async Task<IResult> TablesAsync(HttpRequest request, LakeCatalog catalog, CancellationToken cancellationToken)
    {
        var parameters = new RequestParameters(request.Query);
        var (pipeline, limit, after) = (parameters.Text("pipeline"), parameters.Limit(RequestParameters.MaxLimit), parameters.Text("after"));
        if (after is not null && !after.Contains('/', StringComparison.Ordinal))
            parameters.Fault("after", after, Cursor);
        if (parameters.Refusal() is { } refusal)
            return refusal;
        var page = catalog.List(pipeline).SkipWhile(item => after is not null && !IsAfter(item, after)).Take(limit + 1).ToList();
        List<TableAnswer> tables = [];
        foreach (var (owner, name) in page.Take(limit))
        {
            try
            {
                if (await catalog.Table(owner, name).GetSnapshotAsync(null, cancellationToken) is { } snapshot)
                    tables.Add(new TableAnswer(owner, name, snapshot.Version, snapshot.RowCount, snapshot.Files.Count, snapshot.Files.Sum(file => file.Size), DateTimeOffset.FromUnixTimeMilliseconds(snapshot.Timestamp), null));
            }
            catch (Exception exception) when (exception is DeltaException or IOException or UnauthorizedAccessException)
            {
                // One broken table must not hide the others.
                tables.Add(new TableAnswer(owner, name, -1, -1, 0, 0, null, exception.Message));
            }
        }

        return TypedResults.Ok(new TablesAnswer(tables, page.Count > limit ? $"{page[limit - 1].Pipeline}/{page[limit - 1].Name}" : null));
    }

    /// <summary>In the order of the list: by pipeline, then by layer, then by name.</summary>
    private static bool IsAfter((string Pipeline, string Name) item, string cursor)
    {
        var (mine, other) = ($"{item.Pipeline}/{item.Name}".Split('/', '.'), cursor.Split('/', '.'));
        for (var i = 0; i < Math.Min(mine.Length, other.Length); i++)
        {
            if (string.CompareOrdinal(mine[i], other[i]) is not 0 and var order)
                return order > 0;
        }

        return mine.Length > other.Length;
    }

    /// <summary>Schema, properties and sizes of a table; <c>version</c> or <c>timestamp</c> for an earlier one.</summary>
    private static async Task<IResult> DetailAsync(string pipeline, string table, HttpRequest request, TableDoor door, PersonalData personal, CancellationToken cancellationToken)
    {
        var parameters = new RequestParameters(request.Query);
        var (version, timestamp) = (parameters.Whole("version", 0, long.MaxValue), parameters.Time("timestamp"));
        if (parameters.Refusal() is { } refusal)
            return refusal;
        var (open, refused) = await door.OpenAsync(pipeline, table, version, timestamp, cancellationToken);
        if (open is null)
            return refused!;
        var range = await open.Delta.GetVersionRangeAsync(cancellationToken);
        var hidden = await personal.ColumnsAsync(pipeline, cancellationToken);
        return TypedResults.Ok(TableDetail.Of(open, range!, hidden.Contains));
    }

    /// <summary><c>limit</c>, <c>before</c>: commits before this version.</summary>
    private static async Task<IResult> HistoryAsync(string pipeline, string table, HttpRequest request, TableDoor door, CancellationToken cancellationToken)
    {
        var parameters = new RequestParameters(request.Query);
        var (limit, before) = (parameters.Limit(50), parameters.Whole("before", 0, long.MaxValue) ?? long.MaxValue);
        if (parameters.Refusal() is { } refusal)
            return refusal;
        var (open, refused) = await door.OpenAsync(pipeline, table, cancellationToken);
        if (open is null)
            return refused!;
        var history = await open.Delta.GetHistoryAsync(before, limit, cancellationToken);
        var range = await open.Delta.GetVersionRangeAsync(cancellationToken);
        var next = history is [.., var last] && last.Version > range!.Oldest ? last.Version : (long?)null;
        return TypedResults.Ok(new HistoryAnswer(pipeline, table, [.. history.Select(item => new CommitAnswer(
            item.Version, DateTimeOffset.FromUnixTimeMilliseconds(item.Timestamp), item.Operation, item.Parameters, item.Metrics, item.FilesAdded, item.FilesRemoved, item.RowsAdded, item.EngineInfo, item.UserMetadata))], next));
    }

    /// <summary>Some rows; <c>version</c> or <c>timestamp</c> for those of an earlier version.</summary>
    private static async Task<IResult> PreviewAsync(string pipeline, string table, HttpRequest request, TableDoor door, LakeQueries queries, PersonalData personal, CancellationToken cancellationToken)
    {
        var parameters = new RequestParameters(request.Query);
        var (limit, version, timestamp) = (parameters.Limit(50), parameters.Whole("version", 0, long.MaxValue), parameters.Time("timestamp"));
        if (parameters.Refusal() is { } refusal)
            return refusal;
        var (open, refused) = await door.OpenAsync(pipeline, table, version, timestamp, cancellationToken);
        if (open is null)
            return refused!;
        var page = await queries.PreviewAsync(open.Delta, open.Snapshot, limit, cancellationToken);
        return TypedResults.Ok(new PreviewAnswer(
            pipeline, table, open.Snapshot.Version, DateTimeOffset.FromUnixTimeMilliseconds(open.Snapshot.Timestamp), [.. page.Columns.Select(column => new ColumnAnswer(column.Name, column.Type))], await personal.MaskAsync(pipeline, page, cancellationToken)));
    }

    /// <summary>Changed rows of the versions <c>from</c> to <c>to</c> (both included; the newest where left out), page by page with <c>offset</c>.</summary>
    private static async Task<IResult> ChangesAsync(string pipeline, string table, HttpRequest request, TableDoor door, LakeQueries queries, PersonalData personal, CancellationToken cancellationToken)
    {
        var parameters = new RequestParameters(request.Query);
        var (limit, offset) = (parameters.Limit(50), parameters.Whole("offset", 0, 1_000_000) ?? 0);
        var (from, to) = (parameters.Whole("from", 0, long.MaxValue), parameters.Whole("to", 0, long.MaxValue));
        if (from is null && parameters.Text("from") is null)
            parameters.Fault("from", "", "the first version whose changes are wanted", "give from, and to where not all up to the newest are wanted");
        if (parameters.Refusal() is { } refusal)
            return refusal;
        var (open, refused) = await door.OpenAsync(pipeline, table, cancellationToken);
        if (open is null)
            return refused!;
        ChangeSet changes;
        try
        {
            changes = await open.Delta.GetChangesAsync(from!.Value, to, cancellationToken);
        }
        catch (DeltaException exception) when (exception is not DeltaUnsupportedException)
        {
            return Refusals.BadRequest(new RequestFault($"changes of table '{pipeline}/{table}'", exception.Message, "versions that the change data feed has", "ask for such versions"));
        }

        var page = await queries.ChangesAsync(changes, offset, limit, cancellationToken);
        return TypedResults.Ok(new ChangesAnswer(
            pipeline, table, from.Value, changes.Snapshot.Version, [.. page.Columns.Select(column => new ColumnAnswer(column.Name, column.Type))], await personal.MaskAsync(pipeline, page, cancellationToken), page.More ? offset + limit : null));
    }

    internal sealed record TablesAnswer(IReadOnlyList<TableAnswer> Tables, string? Next);

    internal sealed record TableAnswer(string Pipeline, string Table, long Version, long Rows, int Files, long Bytes, DateTimeOffset? LastCommit, string? Error);

    internal sealed record HistoryAnswer(string Pipeline, string Table, IReadOnlyList<CommitAnswer> Commits, long? Next);

    internal sealed record CommitAnswer(
        long Version, DateTimeOffset Time, string? Operation, IReadOnlyDictionary<string, string> Parameters, IReadOnlyDictionary<string, string> Metrics, int FilesAdded, int FilesRemoved, long RowsAdded, string? Engine, string? UserMetadata);

    internal sealed record PreviewAnswer(string Pipeline, string Table, long Version, DateTimeOffset Time, IReadOnlyList<ColumnAnswer> Columns, IReadOnlyList<IReadOnlyList<object?>> Rows);

    internal sealed record ChangesAnswer(string Pipeline, string Table, long From, long To, IReadOnlyList<ColumnAnswer> Columns, IReadOnlyList<IReadOnlyList<object?>> Rows, long? NextOffset);

    internal sealed record ColumnAnswer(string Name, string Type);
}
