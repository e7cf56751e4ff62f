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
        return [.. page.Rows.Select(row => (IReadOnlyList<object?>)[.. row.Select((value, i) => value is not null && masked[i] ? Masked : LakeQueries.ToJson(value))])];
    }

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
