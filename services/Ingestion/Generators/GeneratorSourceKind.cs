using RealTimeMesh.Ingestion.Sources;
using RealTimeMesh.Ingestion.Streams;
using RealTimeMesh.Pipelines;

namespace RealTimeMesh.Ingestion.Generators;

/// <summary>The built-in generators as sources.</summary>
internal sealed class GeneratorSourceKind(GeneratorCatalog generators, IngestionOptions options) : ISourceKind
{
    public bool Takes(SourceDefinition source) => source.Generator is not null;

    public string NameOf(SourceDefinition source) => "generator";

    public void Validate(StreamDefinition stream, SourceDefinition source) => generators.Find(source.Generator!, stream.Topic);

    public Task<IRowSource> OpenAsync(SourceStatus status, StreamSpec stream, SourcePosition position, CancellationToken cancellationToken) =>
        Task.FromResult<IRowSource>(new GeneratorSource(generators.Find(status.Source.Generator!, stream.Topic), status.Source, position, options));
}
