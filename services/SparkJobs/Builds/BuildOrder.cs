using RealTimeMesh.Pipelines;

namespace RealTimeMesh.SparkJobs.Builds;

/// <summary>The SQL tables of a pipeline so that each comes after those it reads.</summary>
internal static class BuildOrder
{
    public static IReadOnlyList<TableDefinition> Of(PipelineDefinition pipeline)
    {
        var ordered = new List<TableDefinition>();
        var visited = new HashSet<string>(StringComparer.Ordinal);
        foreach (var table in pipeline.Tables)
            Visit(pipeline, table, visited, ordered);
        return ordered;
    }

    private static void Visit(PipelineDefinition pipeline, TableDefinition table, HashSet<string> visited, List<TableDefinition> ordered)
    {
        if (!visited.Add(table.Name))
            return;
        foreach (var read in pipeline.Tables.Where(other => table.Reads.Contains(other.Name)))
            Visit(pipeline, read, visited, ordered);
        if (table.Sql is not null)
            ordered.Add(table);
    }
}
