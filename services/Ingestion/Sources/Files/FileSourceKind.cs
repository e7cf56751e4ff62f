using RealTimeMesh.Contracts;
using RealTimeMesh.Ingestion.Streams;
using RealTimeMesh.Pipelines;

namespace RealTimeMesh.Ingestion.Sources.Files;

/// <summary>Single files, read once from beginning to end.</summary>
internal sealed class FileSourceKind(FileFormatCatalog formats) : ISourceKind
{
    public bool Takes(SourceDefinition source) => source.File is not null;

    public string NameOf(SourceDefinition source) => source.Format ?? "file";

    public void Validate(StreamDefinition stream, SourceDefinition source)
    {
        if (formats.Find(source.Format) is null)
            throw new SourceException($"stream '{stream.Topic}': source '{source.Name}': format: found '{source.Format}'; expected {formats.Names}. Set 'format' in pipeline.yaml.");
        CheckCsv(stream, source);
    }

    public async Task<IRowSource> OpenAsync(SourceStatus status, StreamSpec stream, SourcePosition position, CancellationToken cancellationToken)
    {
        var source = status.Source;
        var fingerprint = await CheckAsync(source.File!, position.File, cancellationToken);
        var part = new FilePart(source.File!, source.Format!, 0, fingerprint.Length) { Csv = source.Csv, OnError = source.OnError };
        var reading = new FileReading(formats.Find(source.Format)!, part, stream, position with { File = fingerprint });
        if (source.OnError == FileFaultPolicy.Stop)
            await reading.OpenAsync(cancellationToken);
        return reading;
    }

    /// <summary>Throws where the layout of CSV speaks of fields that are not in the contract or hold no time.</summary>
    public static void CheckCsv(StreamDefinition stream, SourceDefinition source)
    {
        foreach (var name in source.Csv.Formats.Keys)
        {
            var i = stream.Contract.Rows.IndexOf(name);
            if (i < 0 || stream.Contract.Rows.Fields[i].Type is not (FieldType.Timestamp or FieldType.Date))
                throw new SourceException($"stream '{stream.Topic}': source '{source.Name}': formats: found field '{name}'{(i < 0 ? "" : $" of type {stream.Contract.Rows.Fields[i].Type.ToString().ToLowerInvariant()}")}; expected a date or timestamp field of the contract. Correct it in pipeline.yaml.");
        }
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
