using System.IO.Enumeration;
using RealTimeMesh.Pipelines;

namespace RealTimeMesh.Ingestion.Sources.Folders;

/// <summary>Lists the files of a folder that its pattern means.</summary>
internal sealed class FolderScan(FolderDefinition folder)
{
    private static readonly EnumerationOptions Options = new() { AttributesToSkip = 0, IgnoreInaccessible = false, RecurseSubdirectories = true, ReturnSpecialDirectories = false };

    private readonly FilePattern _pattern = new(folder);

    /// <summary>Files in no order. Throws <see cref="SourceException"/> where the folder can't be listed: a folder that is gone is not an empty one.</summary>
    public IEnumerable<FoundFile> Files()
    {
        if (!Directory.Exists(folder.Path))
            throw new SourceException($"folder '{folder.Path}': found no such folder; expected one to read files from. Create it, or mount it again.");
        var skip = folder.Path.Length + (Path.EndsInDirectorySeparator(folder.Path) ? 0 : 1);
        return new FileSystemEnumerable<FoundFile>(
            folder.Path,
            (ref FileSystemEntry entry) => new FoundFile(entry.ToFullPath()[skip..].Replace(Path.DirectorySeparatorChar, '/'), entry.Length, entry.LastWriteTimeUtc.UtcTicks),
            Options)
        {
            ShouldIncludePredicate = (ref FileSystemEntry entry) => !entry.IsDirectory && !FilePattern.IsIgnored(entry.FileName) && _pattern.Matches(entry.ToFullPath()[skip..].Replace(Path.DirectorySeparatorChar, '/')),
            // A link to a folder may lead back to this one.
            ShouldRecursePredicate = (ref FileSystemEntry entry) => folder.Recursive && !FilePattern.IsIgnored(entry.FileName) && (entry.Attributes & FileAttributes.ReparsePoint) == 0 && entry.ToFullPath() != folder.Archive,
        };
    }

    /// <summary>The order in which files are taken.</summary>
    public static int Compare(FolderOrder order, in FoundFile left, in FoundFile right)
    {
        var byTime = order == FolderOrder.Modified ? left.Modified.CompareTo(right.Modified) : 0;
        return byTime != 0 ? byTime : string.CompareOrdinal(left.Name, right.Name);
    }
}
