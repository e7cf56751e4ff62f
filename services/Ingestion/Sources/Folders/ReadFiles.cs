using Microsoft.Extensions.Logging;
using RealTimeMesh.Ingestion.Telemetry;
using RealTimeMesh.Pipelines;

namespace RealTimeMesh.Ingestion.Sources.Folders;

/// <summary>Puts files away whose rows are all published and whose position is stored.</summary>
internal sealed class ReadFiles(string source, FolderDefinition folder, FileProblems problems, ILogger logger)
{
    private readonly Lock _lock = new();

    /// <summary>Moves or deletes a file, unless it has changed since it was read; then it is a new one.</summary>
    public void PutAway(JournalEntry entry)
    {
        if (folder.After == AfterFile.Keep)
            return;
        lock (_lock)
        {
            var file = new FileInfo(Path.Combine(folder.Path, entry.Name));
            try
            {
                if (!file.Exists || file.Length != entry.End || file.LastWriteTimeUtc.Ticks != entry.Modified)
                    return;
                if (folder.After == AfterFile.Delete)
                    file.Delete();
                else
                    file.MoveTo(Free(Path.Combine(folder.Archive!, entry.Name)), overwrite: false);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                problems.Set(entry.Name, $"file '{file.FullName}': was read, but cannot be {(folder.After == AfterFile.Delete ? "deleted" : $"moved to '{folder.Archive}'")} ({e.Message}); expected a folder that can be written to. Correct its permissions.");
                Log.FileNotPutAway(logger, source, file.FullName, e.Message);
            }
        }
    }

    /// <summary>A path that is not taken: deliveries of one name stand beside each other.</summary>
    private static string Free(string path)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        var free = path;
        for (var i = 2; File.Exists(free); i++)
            free = $"{path}.{i}";
        return free;
    }
}
