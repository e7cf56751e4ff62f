namespace RealTimeMesh.Components;

/// <summary>Reads resources paths daprd's way: what cannot be read is left out with a warning.</summary>
internal static class ResourcePaths
{
    // The kinds that daprd reads from a resources path; it walks the path once for each and warns each time.
    private static readonly string[] Kinds = [ComponentReader.Kind, "HTTPEndpoint", "Subscription"];

    public static ComponentLoadResult Load(IEnumerable<string> paths, LoadOptions options)
    {
        var documents = new List<ResourceDocument>();
        var warnings = new List<string>();
        var errors = new List<string>();
        foreach (var path in paths)
        {
            if (Directory.Exists(path))
                LoadFolder(path, documents, warnings);
            else
                errors.Add(File.Exists(path) ? $"readdirent {path}: not a directory" : $"open {path}: no such file or directory");
        }

        var (selected, duplicates) = ResourceSelection.Select(documents, ComponentReader.Kind, ComponentReader.ApiVersion, options, ComponentReader.LogName);
        errors.AddRange(duplicates);
        // daprd skips components without a name without a word.
        var components = errors.Count > 0 ? [] : selected.Where(document => document.Name.Length > 0).Select(ComponentReader.Read).ToList();
        return new ComponentLoadResult(components, [.. documents.Where(document => document.Kind == "Subscription")], [])
        {
            Documents = documents,
            Warnings = warnings,
            Errors = errors,
        };
    }

    private static void LoadFolder(string folder, List<ResourceDocument> documents, List<string> warnings)
    {
        foreach (var file in Directory.EnumerateFiles(folder).Order(StringComparer.Ordinal))
        {
            if (!ResourceFile.IsYaml(file))
            {
                warnings.AddRange(Kinds.Select(kind => $"A non-YAML {kind} file {Path.GetFileName(file)} was detected, it will not be loaded"));
                continue;
            }

            try
            {
                LoadFile(file, documents, warnings);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                warnings.AddRange(Kinds.Select(kind => $"daprd load {kind} error when opening file {file}: {e.Message}"));
            }
        }
    }

    private static void LoadFile(string file, List<ResourceDocument> documents, List<string> warnings)
    {
        var (read, unreadable) = ResourceFile.Read(File.ReadAllText(file), file);
        if (unreadable.Count > 0)
            warnings.AddRange(Kinds.Select(kind => Warning(kind, file, string.Join('\n', unreadable))));
        foreach (var document in read)
        {
            if (Fault(document) is { } fault)
                warnings.Add(Warning(document.Kind, file, fault));
            else
                documents.Add(document);
        }
    }

    private static string? Fault(ResourceDocument document)
    {
        if (document.Name is "." or "..")
            return $"invalid name {GoJson.Quote(document.Name)} for {GoJson.Quote(document.Kind)}: may not be '{document.Name}'";
        var illegal = new[] { '/', '%' }.Where(document.Name.Contains).Select(c => $"may not contain '{c}'").ToList();
        if (illegal.Count > 0)
            return $"invalid name {GoJson.Quote(document.Name)} for {GoJson.Quote(document.Kind)}: {string.Join("; ", illegal)}";
        if (document.Kind != ComponentReader.Kind || document.ApiVersion != ComponentReader.ApiVersion)
            return null;
        try
        {
            ComponentReader.Read(document);
            return null;
        }
        catch (ResourceFormatException e)
        {
            return $"error unmarshaling JSON: while decoding JSON: json: {e.Message}";
        }
    }

    private static string Warning(string kind, string file, string error) => $"daprd load {kind} error when parsing manifests yaml resource in {file}: {error}";
}
