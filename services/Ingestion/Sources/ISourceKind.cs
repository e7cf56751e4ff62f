using RealTimeMesh.Ingestion.Streams;
using RealTimeMesh.Pipelines;

namespace RealTimeMesh.Ingestion.Sources;

/// <summary>One kind of source: files, folders, generators and so on.</summary>
internal interface ISourceKind
{
    bool Takes(SourceDefinition source);

    /// <summary>What the source is called on <c>GET /v1/sources</c>.</summary>
    string NameOf(SourceDefinition source);

    /// <summary>Throws <see cref="SourceException"/> where the source can't be run at all, so that the service says it at start.</summary>
    void Validate(StreamDefinition stream, SourceDefinition source);

    /// <summary>Opens the source where its stored position says. Throws <see cref="SourceException"/> where it can't be read as it is; it is tried again later.</summary>
    Task<IRowSource> OpenAsync(SourceStatus status, StreamSpec stream, SourcePosition position, CancellationToken cancellationToken);
}
