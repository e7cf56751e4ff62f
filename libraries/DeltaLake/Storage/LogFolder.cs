using System.Globalization;

namespace RealTimeMesh.DeltaLake;

/// <summary>The <c>_delta_log</c> of a table on a local file system.</summary>
internal sealed class LogFolder(string table)
{
    public string Table { get; } = table;

    public string Path { get; } = System.IO.Path.Combine(table, "_delta_log");

    public string CommitPath(long version) => System.IO.Path.Combine(Path, version.ToString("D20", CultureInfo.InvariantCulture) + ".json");

    public string CheckpointPath(long version) => System.IO.Path.Combine(Path, version.ToString("D20", CultureInfo.InvariantCulture) + ".checkpoint.parquet");

    public string LastCheckpointPath => System.IO.Path.Combine(Path, "_last_checkpoint");

    public string TemporaryPath(Guid id) => System.IO.Path.Combine(Path, $".{id:N}.tmp");

    /// <summary>Actions of a version, with the time of its file; null where the version does not exist.</summary>
    public async Task<(LogCommit Commit, long FileTime)?> ReadCommitAsync(long version, CancellationToken cancellationToken)
    {
        var path = CommitPath(version);
        if (!File.Exists(path))
            return null;
        byte[] content;
        try
        {
            content = await File.ReadAllBytesAsync(path, cancellationToken);
        }
        catch (Exception exception) when (exception is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }

        var time = new DateTimeOffset(File.GetLastWriteTimeUtc(path)).ToUnixTimeMilliseconds();
        return (ActionReader.Read(Table, version, content), time);
    }

    public LogListing List()
    {
        var listing = new LogListing();
        if (!Directory.Exists(Path))
            return listing;
        foreach (var path in Directory.EnumerateFiles(Path))
            listing.Add(System.IO.Path.GetFileName(path), path);
        return listing;
    }
}
