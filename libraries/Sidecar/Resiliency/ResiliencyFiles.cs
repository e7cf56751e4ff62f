using Microsoft.Extensions.Logging;
using YamlDotNet.Core;

namespace RealTimeMesh.Sidecar.Resiliency;

/// <summary>
/// Finds Resiliency documents in resource folders as daprd does: the first document of each YAML file, files by name,
/// those whose scopes leave the app out are left out. What cannot be read is logged and skipped.
/// </summary>
internal static class ResiliencyFiles
{
    public static IReadOnlyList<ResiliencyDocument> Load(IEnumerable<string> folders, string appId, ILogger logger)
    {
        var documents = new List<ResiliencyDocument>();
        foreach (var folder in folders)
        {
            if (Path.Exists(folder))
                LoadFolder(folder, documents, logger);
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
            var name = Path.GetFileName(file);
            if (Path.GetExtension(name) is ".yaml" or ".yml")
                LoadFile(file, name, documents, logger);
            else
                Log.ResiliencyFileSkipped(logger, name);
        }
    }

    private static void LoadFile(string file, string name, List<ResiliencyDocument> documents, ILogger logger)
    {
        List<YamlTree> trees;
        try
        {
            trees = YamlTree.Parse(File.ReadAllText(file));
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            Log.ResiliencyFileUnreadable(logger, name, exception.Message);
            return;
        }
        catch (YamlException exception)
        {
            Log.ResourceTypeUnknown(logger, $"error converting YAML to JSON: yaml: line {exception.Start.Line}: {exception.Message}");
            return;
        }

        if (trees.Skip(1).Any(tree => ResiliencyReader.KindOf(tree) == ResiliencyReader.Kind))
            Log.ResiliencyNotFirst(logger, name);
        if (trees.Count == 0 || ResiliencyReader.KindOf(trees[0]) != ResiliencyReader.Kind)
            return;
        try
        {
            documents.Add(ResiliencyReader.Read(trees[0]));
        }
        catch (ResourceTypeException exception)
        {
            Log.ResiliencyFileRefused(logger, name, exception.Message);
        }
    }
}
