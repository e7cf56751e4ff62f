namespace RealTimeMesh.DeltaLake;

/// <summary>The files under a table's URI that may belong to it, by the rules of <see cref="VacuumListing"/>. An object store has neither links nor empty folders.</summary>
internal static class RemoteListing
{
    private const string Log = "_delta_log/";

    /// <summary>Files last written before a time (milliseconds since 1970-01-01T00:00:00Z).</summary>
    /// <param name="isHidden">Whether a name of a file or a folder is not the table's.</param>
    public static async Task<IReadOnlyList<VacuumFile>> ExpiredAsync(ITableStore store, string table, long cutoff, Func<string, bool> isHidden, CancellationToken cancellationToken)
    {
        List<VacuumFile> files = [];
        var inner = new HashSet<string>(StringComparer.Ordinal);
        await foreach (var file in store.ListTreeAsync(table, cancellationToken))
        {
            var path = file.Path[(table.Length + 1)..];
            if (path.IndexOf("/" + Log, StringComparison.Ordinal) is > 0 and var at)
                inner.Add(path[..(at + 1)]);
            else if (file.ModifiedAt < cutoff && !Array.Exists(path.Split('/'), part => part.Length == 0 || isHidden(part)))
                files.Add(new VacuumFile(path, file.Size));
        }

        // A table inside the table is its own.
        if (inner.Count > 0)
            files.RemoveAll(file => Folders(file.Path).Any(inner.Contains));
        return files;
    }

    private static IEnumerable<string> Folders(string path)
    {
        for (var at = path.IndexOf('/', StringComparison.Ordinal); at >= 0; at = path.IndexOf('/', at + 1))
            yield return path[..(at + 1)];
    }
}
