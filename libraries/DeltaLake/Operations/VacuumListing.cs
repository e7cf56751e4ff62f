using System.Runtime.CompilerServices;

namespace RealTimeMesh.DeltaLake;

/// <summary>A file that vacuum may delete. <paramref name="Path"/> is relative to the table, with <c>/</c>.</summary>
internal readonly record struct VacuumFile(string Path, long Bytes);

/// <summary>
/// The files in a table's folder that may belong to it. Hidden ones (<c>_</c> or <c>.</c> first) are left alone, except change files,
/// indexes and partitions of a column whose name begins so; links are not followed, and a table inside the table is its own.
/// </summary>
internal sealed class VacuumListing(Snapshot snapshot, DateTime cutoff)
{
    private readonly string _table = snapshot.Table;
    private readonly List<string> _empty = [];

    private readonly string[] _partitions =
    [
        .. snapshot.PartitionColumns
            .SelectMany(name => new[] { name, snapshot.Schema.Find(name)?.PhysicalName ?? name })
            .Select(name => PathEncoding.PartitionFolder(name, "")).Distinct(StringComparer.Ordinal),
    ];

    /// <summary>Folders without anything in them since before the cutoff; known after <see cref="ExpiredAsync"/> was read.</summary>
    public IReadOnlyList<string> EmptyFolders => _empty;

    /// <summary>Files last written before the cutoff.</summary>
    public async IAsyncEnumerable<VacuumFile> ExpiredAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var files = snapshot.Store.IsLocal
            ? Expired(new DirectoryInfo(_table))
            : await RemoteListing.ExpiredAsync(snapshot.Store, _table, new DateTimeOffset(cutoff).ToUnixTimeMilliseconds(), IsHidden, cancellationToken);
        foreach (var file in files)
        {
            cancellationToken.ThrowIfCancellationRequested();
            yield return file;
        }
    }

    /// <summary>Those of some files (relative to the table, or absolute) that lie in the table's folder and exist.</summary>
    public async IAsyncEnumerable<VacuumFile> NamedAsync(IEnumerable<string> paths, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        foreach (var path in paths.Select(path => Canonical(_table, path)).Distinct(StringComparer.Ordinal))
        {
            if (!Path.IsPathRooted(path) && !TablePaths.IsUri(path) && await snapshot.Store.DescribeAsync(TablePaths.Combine(_table, path), cancellationToken) is var (size, _))
                yield return new VacuumFile(path, size);
        }
    }

    /// <summary>One text for one file: relative to the table where it lies in it.</summary>
    public static string Canonical(string table, string path)
    {
        if (TablePaths.IsUri(table))
            return path.StartsWith(table + "/", StringComparison.Ordinal) ? path[(table.Length + 1)..] : path;
        var relative = Path.GetRelativePath(table, Path.GetFullPath(path, table));
        return (relative.StartsWith("..", StringComparison.Ordinal) ? Path.GetFullPath(path, table) : relative).Replace(Path.DirectorySeparatorChar, '/');
    }

    private IEnumerable<VacuumFile> Expired(DirectoryInfo folder)
    {
        var isEmpty = true;
        foreach (var entry in folder.EnumerateFileSystemInfos())
        {
            isEmpty = false;
            if (IsHidden(entry.Name) || entry.Attributes.HasFlag(FileAttributes.ReparsePoint))
                continue;
            switch (entry)
            {
                case DirectoryInfo inner when !Directory.Exists(Path.Combine(inner.FullName, "_delta_log")):
                    foreach (var file in Expired(inner))
                        yield return file;
                    break;
                case FileInfo file when file.LastWriteTimeUtc < cutoff:
                    yield return new VacuumFile(Canonical(_table, file.FullName), file.Length);
                    break;
                default:
                    break;
            }
        }

        if (isEmpty && folder.LastWriteTimeUtc < cutoff && folder.FullName != _table)
            _empty.Add(folder.FullName);
    }

    private bool IsHidden(string name) =>
        name[0] is '_' or '.'
        && name is not ("_change_data" or "_delta_index")
        && !Array.Exists(_partitions, prefix => name.StartsWith(prefix, StringComparison.Ordinal));
}
