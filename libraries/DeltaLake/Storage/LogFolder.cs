using System.Globalization;
using System.Text.Json;

namespace RealTimeMesh.DeltaLake;

/// <summary>The <c>_delta_log</c> of a table: names of its files, and commits in it.</summary>
internal sealed class LogFolder(string table, ITableStore store)
{
    /// <summary>Commits that are looked for though a listing lacks them. More writers than that do not get ahead of one listing.</summary>
    private const int MaxDoubts = 1000;

    public ITableStore Store => store;

    public string Table { get; } = table;

    public string Path { get; } = TablePaths.Combine(table, "_delta_log");

    public string LastCheckpointPath => TablePaths.Combine(Path, "_last_checkpoint");

    public string SidecarFolder => TablePaths.Combine(Path, "_sidecars");

    public string CommitPath(long version) => Named(version, ".json");

    public string CheckpointPath(long version) => Named(version, ".checkpoint.parquet");

    public string CheckpointPath(long version, Guid id) => Named(version, $".checkpoint.{id:D}.json");

    public string ChecksumPath(long version) => Named(version, ".crc");

    /// <summary>The file of a <c>sidecar</c> action: a name in the sidecars' folder, or an absolute path.</summary>
    public string SidecarPath(string path) => TablePaths.Combine(SidecarFolder, path);

    /// <summary>Actions of a version, with the time of its file; null where the version does not exist.</summary>
    public async Task<(LogCommit Commit, long FileTime)?> ReadCommitAsync(long version, CancellationToken cancellationToken)
    {
        return await store.ReadAsync(CommitPath(version), cancellationToken) is var (content, time)
            ? (ActionReader.Read(Table, version, content), time)
            : null;
    }

    /// <summary>The in-commit timestamp of a version; null where the version does not exist or has none.</summary>
    public async Task<long?> ReadInCommitTimestampAsync(long version, CancellationToken cancellationToken)
    {
        await using (var stream = await store.OpenReadAsync(CommitPath(version), cancellationToken))
        {
            if (stream is null)
                return null;
            using var reader = new StreamReader(stream);
            if (await reader.ReadLineAsync(cancellationToken) is { } line && ActionReader.ReadFirstInfo(line)?.InCommitTimestamp is { } first)
                return first;
        }

        return await ReadCommitAsync(version, cancellationToken) is { } read ? read.Commit.Info?.InCommitTimestamp : null;
    }

    /// <summary>Modification time of a file, milliseconds since 1970-01-01T00:00:00Z.</summary>
    public static long FileTime(string path) => new DateTimeOffset(File.GetLastWriteTimeUtc(path)).ToUnixTimeMilliseconds();

    /// <summary>The version that <c>_last_checkpoint</c> tells of: a hint that may be stale, wrong or torn. Null where there is none.</summary>
    public async Task<long?> ReadHintAsync(CancellationToken cancellationToken)
    {
        if (await store.ReadAsync(LastCheckpointPath, cancellationToken) is not var (content, _))
            return null;
        try
        {
            using var json = JsonDocument.Parse(content);
            return json.RootElement.GetProperty("version").GetInt64() is >= 0 and var version ? version : null;
        }
        catch (Exception exception) when (exception is JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
        {
            // A hint that cannot be read is none: the whole log is listed.
            return null;
        }
    }

    /// <summary>What the log holds, or only the part <paramref name="from"/> a version on.</summary>
    public async Task<LogListing> ListAsync(CancellationToken cancellationToken, long from = 0)
    {
        var listing = new LogListing();
        // Names of a version go on behind its number.
        var after = from > 0 ? from.ToString("D20", CultureInfo.InvariantCulture) : null;
        await foreach (var file in store.ListAsync(Path, after, cancellationToken))
            listing.Add(System.IO.Path.GetFileName(file.Path), file.Path, file.ModifiedAt);
        // A folder that is written to while it is listed may show a new file and not the one before it.
        foreach (var version in listing.MissingCommits(MaxDoubts))
        {
            if (await store.ExistsAsync(CommitPath(version), cancellationToken))
                listing.AddCommit(version);
        }

        return listing;
    }

    private string Named(long version, string ending) => TablePaths.Combine(Path, version.ToString("D20", CultureInfo.InvariantCulture) + ending);
}
