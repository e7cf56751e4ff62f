namespace RealTimeMesh.Ingestion.Sources.Files;

/// <summary>The formats by name.</summary>
internal sealed class FileFormatCatalog
{
    private readonly Dictionary<string, IFileFormat> _formats = new(StringComparer.Ordinal);

    public FileFormatCatalog(IEnumerable<IFileFormat> formats)
    {
        foreach (var format in formats)
        {
            if (!_formats.TryAdd(format.Name, format))
                throw new SourceException($"format '{format.Name}' is registered twice; expected one of each name. Rename one.");
        }
    }

    public string Names => string.Join(", ", _formats.Keys);

    public IFileFormat? Find(string? name) => name is null ? null : _formats.GetValueOrDefault(name);
}
