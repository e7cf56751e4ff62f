using System.Text.Json;

namespace RealTimeMesh.DeltaLake;

/// <summary>The columns a table is clustered by (PROTOCOL.md, "Clustered Table").</summary>
internal static class ClusteringColumns
{
    public const string Domain = "delta.clustering";

    /// <summary>Paths of physical names: Spark writes an array for each column, the protocol shows a name.</summary>
    public static IReadOnlyList<IReadOnlyList<string>> Of(string table, IReadOnlyDictionary<string, string>? domains)
    {
        if (domains?.GetValueOrDefault(Domain) is not { Length: > 0 } text)
            return [];
        try
        {
            using var json = JsonDocument.Parse(text);
            return json.RootElement.TryGetProperty("clusteringColumns", out var columns) && columns.ValueKind == JsonValueKind.Array
                ? [.. columns.EnumerateArray().Select(column => (IReadOnlyList<string>)(column.ValueKind == JsonValueKind.Array ? [.. column.EnumerateArray().Select(part => part.GetString()!)] : [column.GetString()!]))]
                : [];
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            throw new DeltaException(table, $"domain {Domain} is '{text}'; expected {{\"clusteringColumns\":[[\"column\"]]}}; restore the log.", exception);
        }
    }
}
