using RealTimeMesh.Ingestion.Streams;
using RealTimeMesh.Pipelines;

namespace RealTimeMesh.Ingestion.Sources;

/// <summary>Single files, read once from beginning to end.</summary>
internal sealed class FileSourceKind(IngestionOptions options) : ISourceKind
{
    private static readonly string[] Formats = ["csv", "ndjson", "parquet"];

    public bool Takes(SourceDefinition source) => source.File is not null;

    public string NameOf(SourceDefinition source) => source.Format ?? "file";

    public void Validate(StreamDefinition stream, SourceDefinition source)
    {
        if (!Formats.Contains(source.Format))
            throw new SourceException($"stream '{stream.Topic}': source '{source.Name}': format: found '{source.Format}'; expected {string.Join(", ", Formats)}. Set 'format' in pipeline.yaml.");
    }

    public async Task<IRowSource> OpenAsync(SourceStatus status, StreamSpec stream, SourcePosition position, CancellationToken cancellationToken)
    {
        var path = status.Source.File!;
        position = position with { File = await CheckAsync(path, position.File, cancellationToken) };
        return status.Source.Format switch
        {
            "csv" => await CsvSource.OpenAsync(path, stream.Contract.Rows, position, options, cancellationToken),
            "ndjson" => new NdjsonSource(path, position, options),
            _ => await ParquetSource.OpenAsync(path, stream.Contract.Rows, position, options, cancellationToken),
        };
    }

    /// <summary>The file's fingerprint; throws where it is not the file that was begun.</summary>
    private static async Task<FileFingerprint> CheckAsync(string path, FileFingerprint? begun, CancellationToken cancellationToken)
    {
        var found = await FileFingerprint.OfAsync(path, cancellationToken);
        if (begun is null || begun == found)
            return found;
        var what = begun.Length == found.Length ? "other first bytes" : $"{found.Length} bytes";
        throw new SourceException($"file '{path}': found {what}; expected the file that was begun ({begun.Length} bytes). Put it back, or give the new file a name of its own.");
    }
}
