using RealTimeMesh.Ingestion.Streams;
using RealTimeMesh.Pipelines;

namespace RealTimeMesh.Ingestion.Sources;

/// <summary>Finds the kind of a source.</summary>
internal sealed class SourceOpener(IEnumerable<ISourceKind> kinds)
{
    private readonly ISourceKind[] _kinds = [.. kinds];

    public string NameOf(StreamDefinition stream, SourceDefinition source) => Find(stream, source).NameOf(source);

    public void Validate(StreamDefinition stream, SourceDefinition source) => Find(stream, source).Validate(stream, source);

    public Task<IRowSource> OpenAsync(SourceStatus status, StreamSpec stream, SourcePosition position, CancellationToken cancellationToken) =>
        Find(status.Stream, status.Source).OpenAsync(status, stream, position, cancellationToken);

    private ISourceKind Find(StreamDefinition stream, SourceDefinition source) => _kinds.FirstOrDefault(kind => kind.Takes(source))
        ?? throw new SourceException($"stream '{stream.Topic}': source '{source.Name}': found no kind of source that reads it; expected a file, a folder, a generator or a database. Correct it in pipeline.yaml.");
}
