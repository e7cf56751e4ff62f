using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using RealTimeMesh.Ingestion.Sources.Files;
using RealTimeMesh.Ingestion.Streams;
using RealTimeMesh.Pipelines;

namespace RealTimeMesh.Ingestion.Sources.Folders;

/// <summary>Folders of files.</summary>
internal sealed class FolderSourceKind(FileFormatCatalog formats, IRecordStore store, IngestionOptions options, TimeProvider time, ILogger<FolderSourceKind> logger) : ISourceKind
{
    // A source that is opened again after a fault has its journal still.
    private readonly ConcurrentDictionary<string, FileJournal> _journals = new(StringComparer.Ordinal);

    public bool Takes(SourceDefinition source) => source.Folder is not null;

    public string NameOf(SourceDefinition source) => source.Folder!.Tail ? "tail" : "folder";

    public void Validate(StreamDefinition stream, SourceDefinition source)
    {
        if (source.Format is not null && formats.Find(source.Format) is null)
            throw new SourceException($"stream '{stream.Topic}': source '{source.Name}': format: found '{source.Format}'; expected {formats.Names}. Set 'format' in pipeline.yaml.");
        FileSourceKind.CheckCsv(stream, source);
    }

    public async Task<IRowSource> OpenAsync(SourceStatus status, StreamSpec stream, SourcePosition position, CancellationToken cancellationToken)
    {
        var folder = status.Source.Folder!;
        var journal = _journals.GetOrAdd(status.Key, key => new FileJournal($"{key}/files", folder, store, options, time, logger));
        await journal.LoadAsync(cancellationToken);
        return new FolderSource(status, stream, formats, journal, position, options, time, logger);
    }
}
