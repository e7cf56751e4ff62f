using RealTimeMesh.Ingestion.Generators;
using RealTimeMesh.Ingestion.Streams;
using RealTimeMesh.Pipelines;

namespace RealTimeMesh.Ingestion.Sources;

/// <summary>Opens sources by their format.</summary>
internal sealed class SourceOpener(GeneratorCatalog generators, IngestionOptions options)
{
    private static readonly string[] Formats = ["csv", "ndjson", "parquet"];

    /// <summary>Throws where a source can't be run at all, so that the service says it at start.</summary>
    public void Validate(StreamDefinition stream, SourceDefinition source)
    {
        if (source.Generator is not null)
            generators.Find(source.Generator, stream.Topic);
        else if (!Formats.Contains(source.Format))
            throw new SourceException($"stream '{stream.Topic}': source '{source.Name}': format: found '{source.Format}'; expected {string.Join(", ", Formats)}. Set 'format' in pipeline.yaml.");
    }

    /// <summary>The file's fingerprint; throws where it is not the file that was begun. Null for a generator.</summary>
    public async Task<FileFingerprint?> CheckFileAsync(SourceDefinition source, FileFingerprint? begun, CancellationToken cancellationToken)
    {
        if (source.File is null)
            return null;
        var found = await FileFingerprint.OfAsync(source.File, cancellationToken);
        if (begun is null || begun == found)
            return found;
        var what = begun.Length == found.Length ? "other first bytes" : $"{found.Length} bytes";
        throw new SourceException($"file '{source.File}': found {what}; expected the file that was begun ({begun.Length} bytes). Put it back, or give the new file a name of its own.");
    }

    public async Task<IRowSource> OpenAsync(SourceStatus status, StreamSpec stream, SourcePosition position, CancellationToken cancellationToken)
    {
        var source = status.Source;
        if (source.Generator is not null)
            return new GeneratorSource(generators.Find(source.Generator, stream.Topic), source, position, options);
        return source.Format switch
        {
            "csv" => await CsvSource.OpenAsync(source.File!, stream.Contract.Rows, position, options, cancellationToken),
            "ndjson" => new NdjsonSource(source.File!, position, options),
            _ => await ParquetSource.OpenAsync(source.File!, stream.Contract.Rows, position, options, cancellationToken),
        };
    }
}
