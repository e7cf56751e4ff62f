using RealTimeMesh.Pipelines;

namespace RealTimeMesh.Ingestion.Sources.Files;

/// <summary>A file, or a part of one between two line breaks, that is read to its end.</summary>
/// <param name="Path">Absolute path.</param>
/// <param name="Format">One of <see cref="FileFormats"/>.</param>
/// <param name="From">Offset of its first byte; above 0 only for text without compression.</param>
/// <param name="End">Offset behind its last byte: what is there later is not read.</param>
internal sealed record FilePart(string Path, string Format, long From, long End)
{
    public CsvLayout Csv { get; init; } = CsvLayout.Default;

    public FileFaultPolicy OnError { get; init; }

    public string? Compression => FileFormats.CompressionOf(Path);
}
