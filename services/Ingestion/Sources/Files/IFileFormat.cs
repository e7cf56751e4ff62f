using RealTimeMesh.Ingestion.Streams;

namespace RealTimeMesh.Ingestion.Sources.Files;

/// <summary>How files of one format are read.</summary>
internal interface IFileFormat
{
    /// <summary>As pipeline.yaml names it.</summary>
    string Name { get; }

    /// <summary>Opens a file where a position in it says, which counts its rows from 0. Throws <see cref="SourceException"/> where it is not of the format.</summary>
    Task<IRowSource> OpenAsync(FilePart file, StreamSpec stream, SourcePosition position, CancellationToken cancellationToken);
}
