using Microsoft.Extensions.Logging;
using RealTimeMesh.Components;

namespace RealTimeMesh.Sidecar.Resiliency;

/// <summary>
/// Finds Resiliency documents in resource folders as daprd does: the first document of each YAML file, files by name,
/// those whose scopes leave the app out are left out. What cannot be read is logged and skipped.
/// </summary>
internal static class ResiliencyFiles
{
    /// <param name="paths">Folders, or files.</param>
    public static IReadOnlyList<ResiliencyDocument> Load(IEnumerable<string> paths, string appId, ILogger logger)
    {
        var documents = new List<ResiliencyDocument>();
        foreach (var path in paths)
        {
            if (File.Exists(path))
                LoadFile(path, documents, logger);
            else if (Directory.Exists(path))
                LoadFolder(path, documents, logger);
        }

        documents.RemoveAll(document => !document.IsFor(appId));
        return documents;
    }

    private static void LoadFolder(string folder, List<ResiliencyDocument> documents, ILogger logger)
    {
        string[] files;
        try
        {
            files = Directory.GetFileSystemEntries(folder);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            Log.ResiliencyFolderUnreadable(logger, folder, exception.Message);
            return;
        }

        Array.Sort(files, StringComparer.Ordinal);
        foreach (var file in files)
        {
            if (ResourceFile.IsYaml(file))
                LoadFile(file, documents, logger);
            else
                Log.ResiliencyFileSkipped(logger, Path.GetFileName(file));
        }
    }

    private static void LoadFile(string file, List<ResiliencyDocument> documents, ILogger logger)
    {
        var name = Path.GetFileName(file);
        string text;
        try
        {
            text = File.ReadAllText(file);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            Log.ResiliencyFileUnreadable(logger, name, exception.Message);
            return;
        }

        var (found, errors) = ResourceFile.Read(text, file);
        if (found.Count == 0 && errors.Count > 0)
            Log.ResourceTypeUnknown(logger, errors[0]);
        if (found.Skip(1).Any(document => document.Kind == ResiliencyReader.Kind))
            Log.ResiliencyNotFirst(logger, name);
        if (found.Count == 0 || found[0].Kind != ResiliencyReader.Kind)
            return;
        try
        {
            documents.Add(ResiliencyReader.Read(found[0]));
        }
        catch (ResourceTypeException exception)
        {
            Log.ResiliencyFileRefused(logger, name, exception.Message);
        }
    }
}
