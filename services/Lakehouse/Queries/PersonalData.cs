using RealTimeMesh.DuckDb;

namespace RealTimeMesh.Lakehouse.Queries;

/// <summary>Hides the columns that a pipeline's contracts tag as personal data, in whatever table of the pipeline they appear.</summary>
internal sealed class PersonalData(PipelineSet pipelines)
{
    private const string Masked = "***";

    public bool Hides(string pipeline, string column) => Columns(pipeline).Contains(column);

    /// <summary>Rows as JSON can hold them, without personal data.</summary>
    public IReadOnlyList<IReadOnlyList<object?>> Mask(string pipeline, QueryPage page)
    {
        var hidden = Columns(pipeline);
        var masked = page.Columns.Select(column => hidden.Contains(column.Name)).ToArray();
        return [.. page.Rows.Select(row => (IReadOnlyList<object?>)[.. row.Select((value, i) => value is not null && masked[i] ? Masked : LakeQueries.ToJson(value))])];
    }

    /// <summary>Ignoring case, as Delta does: a silver table may spell a column otherwise.</summary>
    private HashSet<string> Columns(string pipeline) => pipelines.Pipelines.Where(item => item.Name == pipeline)
        .SelectMany(item => item.Streams).SelectMany(stream => stream.Contract.Rows.Fields).Where(field => field.Pii).Select(field => field.Name).ToHashSet(StringComparer.OrdinalIgnoreCase);
}
