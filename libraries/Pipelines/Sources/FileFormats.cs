namespace RealTimeMesh.Pipelines;

/// <summary>The formats of files that sources read, and what extensions say of them.</summary>
public static class FileFormats
{
    public const string Csv = "csv";
    public const string Ndjson = "ndjson";
    public const string Parquet = "parquet";
    public const string Avro = "avro";

    /// <summary>All of them.</summary>
    public static IReadOnlyList<string> All { get; } = [Csv, Ndjson, Parquet, Avro];

    /// <summary>The format that a file's name tells, behind an extension of compression; null where it tells none.</summary>
    public static string? Of(string path) => Path.GetExtension(CompressionOf(path) is null ? path : Path.GetFileNameWithoutExtension(path)).ToLowerInvariant() switch
    {
        ".csv" or ".tsv" => Csv,
        ".ndjson" or ".jsonl" => Ndjson,
        ".parquet" => Parquet,
        ".avro" => Avro,
        _ => null,
    };

    /// <summary><c>gzip</c> or <c>zstd</c> by a file's name; null where it is not compressed as a whole.</summary>
    public static string? CompressionOf(string path) => Path.GetExtension(path).ToLowerInvariant() switch
    {
        ".gz" => "gzip",
        ".zst" => "zstd",
        _ => null,
    };

    /// <summary>Formats whose files may be compressed as a whole, and may grow: text, line by line.</summary>
    public static bool IsText(string format) => format is Csv or Ndjson;
}
