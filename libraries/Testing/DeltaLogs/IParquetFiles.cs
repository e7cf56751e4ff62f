using System.Text.Json.Nodes;

namespace RealTimeMesh.Testing.DeltaLogs;

/// <summary>What the validator asks of Parquet files; answered by a reader that is not the one under test.</summary>
public interface IParquetFiles
{
    /// <summary>The rows as JSON: structs and maps as objects, nulls as absent fields or null.</summary>
    IReadOnlyList<JsonObject> ReadRows(string path);

    /// <summary>Counts rows of a data file, and for each column its nulls and the values outside the bounds.</summary>
    FileFacts Measure(string path, IReadOnlyList<ColumnBounds> columns);

    /// <summary>How often each text stands in a column of texts.</summary>
    IReadOnlyDictionary<string, long> CountTexts(string path, string column);
}

/// <summary>What the log says of a leaf column of a data file.</summary>
/// <param name="Path">Physical names from the top-level column down.</param>
/// <param name="Type">Delta's name of the type.</param>
/// <param name="Min">The text of the bound, without JSON's quotes; null for none.</param>
public sealed record ColumnBounds(IReadOnlyList<string> Path, string Type, string? Min, string? Max);

/// <summary>What a data file holds.</summary>
public sealed record FileFacts(long Rows, IReadOnlyList<ColumnFacts> Columns);

/// <summary>What a column of a data file holds.</summary>
/// <param name="Below">Values below the minimum, or 0 where there is none; likewise above the maximum.</param>
public sealed record ColumnFacts(long Nulls, long Below, long Above);
