using System.Text.Json;
using RealTimeMesh.DeltaLake;
using RealTimeMesh.DuckDb;
using RealTimeMesh.Lakehouse.Tables;

namespace RealTimeMesh.Lakehouse.Queries;

/// <summary>
/// Hides the columns that a pipeline's contracts, or versions of them that its bronze tables have taken in, tag as personal data, in whatever
/// table of the pipeline they appear.
/// </summary>
internal sealed class PersonalData(PipelineSet pipelines, LakeCatalog catalog)
{
    private const string Masked = "***";

    /// <summary>In the tables of dead letters and of quarantined events: the field that was at fault, and the columns that tell what was found in it.</summary>
    private const string ReasonField = "reason_field";

    private static readonly HashSet<string> s_values = new(["found", "error", "message"], StringComparer.Ordinal);

    /// <summary>The columns of a pipeline that are hidden; ignoring case, as Delta does: a silver table may spell a column otherwise.</summary>
    public async Task<IReadOnlySet<string>> ColumnsAsync(string pipeline, CancellationToken cancellationToken)
    {
        var columns = pipelines.Pipelines.Where(item => item.Name == pipeline)
            .SelectMany(item => item.Streams).SelectMany(stream => stream.Contract.Rows.Fields).Where(field => field.Pii).Select(field => field.Name).ToHashSet(StringComparer.OrdinalIgnoreCase);
        foreach (var (owner, name) in catalog.List(pipeline).ToList())
        {
            if (await SnapshotAsync(owner, name, cancellationToken) is { } snapshot)
                columns.UnionWith(snapshot.Schema.Fields.Where(field => field.Metadata.TryGetValue(TableColumns.Personal, out var tag) && tag.ValueKind == JsonValueKind.True).Select(field => field.Name));
        }

        return columns;
    }

    /// <summary>Rows as JSON can hold them, without personal data.</summary>
    public async Task<IReadOnlyList<IReadOnlyList<object?>>> MaskAsync(string pipeline, QueryPage page, CancellationToken cancellationToken)
    {
        var hidden = await ColumnsAsync(pipeline, cancellationToken);
        var masked = page.Columns.Select(column => hidden.Contains(column.Name)).ToArray();
        var field = page.Columns.ToList().FindIndex(column => column.Name == ReasonField);
        return [.. page.Rows.Select(row => Mask(row, field >= 0 && IsAbout(row[field], hidden)))];

        IReadOnlyList<object?> Mask(object?[] row, bool values) =>
            [.. row.Select((value, i) => value is not null && (masked[i] || (values && s_values.Contains(page.Columns[i].Name))) ? Masked : LakeQueries.ToJson(value))];
    }

    /// <summary>Whether an event was refused because of the value of a hidden column: then the reason tells the value.</summary>
    private static bool IsAbout(object? fields, IReadOnlySet<string> hidden) => fields is string text && text.Split(", ").Any(hidden.Contains);

    /// <summary>Null where it cannot be read: rows of it cannot be seen either.</summary>
    private async Task<Snapshot?> SnapshotAsync(string pipeline, string table, CancellationToken cancellationToken)
    {
        try
        {
            return await catalog.Table(pipeline, table).GetSnapshotAsync(null, cancellationToken);
        }
        catch (Exception exception) when (exception is DeltaException or IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
