using System.Globalization;

namespace RealTimeMesh.DeltaLake;

/// <summary>
/// What a log folder holds, or the end of it. A local folder is always listed whole: that costs less than the doubt whether the hint of
/// <c>_last_checkpoint</c> is stale. Names that are not of the protocol are ignored.
/// </summary>
internal sealed class LogListing
{
    private readonly SortedSet<long> _commits = [];
    private readonly Dictionary<long, long> _times = [];
    private readonly SortedDictionary<long, List<CheckpointFiles>> _checkpoints = [];
    private readonly Dictionary<(long Version, int Parts), string?[]> _parts = [];

    /// <summary>Oldest commit, or -1.</summary>
    public long FirstCommit => _commits.Count == 0 ? -1 : _commits.Min;

    /// <summary>Newest commit, or -1.</summary>
    public long LastCommit => _commits.Count == 0 ? -1 : _commits.Max;

    /// <summary>Newest version that the log tells of, or -1.</summary>
    public long LastVersion => Math.Max(LastCommit, _checkpoints.Count == 0 ? -1 : _checkpoints.Keys.Last());

    /// <summary>Commits, oldest first.</summary>
    public IReadOnlyCollection<long> Commits => _commits;

    /// <summary>Log compaction files: first and last version that each holds.</summary>
    public List<(long First, long Last, string Path)> Compactions { get; } = [];

    /// <summary>Version checksum files.</summary>
    public List<(long Version, string Path)> Checksums { get; } = [];

    /// <summary>Every checkpoint file, complete or not.</summary>
    public List<(long Version, string Path)> CheckpointPaths { get; } = [];

    /// <summary>Versions with a complete checkpoint, oldest first.</summary>
    public IEnumerable<long> CheckpointVersions => _checkpoints.Keys;

    /// <summary>Complete checkpoints up to a version, newest first.</summary>
    public IEnumerable<CheckpointFiles> CheckpointsUpTo(long version) =>
        _checkpoints.Reverse().Where(item => item.Key <= version).SelectMany(item => item.Value);

    public bool HasCommit(long version) => _commits.Contains(version);

    /// <summary>Time of a commit's file, milliseconds since 1970-01-01T00:00:00Z; null where the listing did not tell.</summary>
    public long? TimeOf(long version) => _times.TryGetValue(version, out var time) ? time : null;

    public void AddCommit(long version) => _commits.Add(version);

    /// <summary>Versions between the oldest and the newest commit that have none, newest first; as many as are asked for, since a name may claim any version.</summary>
    public IReadOnlyList<long> MissingCommits(int most)
    {
        List<long> missing = [];
        var next = LastCommit;
        foreach (var version in _commits.Reverse())
        {
            for (; next > version && missing.Count < most; next--)
                missing.Add(next);
            next = version - 1;
        }

        return missing;
    }

    /// <summary>The first version after <paramref name="after"/> up to <paramref name="last"/> without a commit, or null.</summary>
    public long? FirstGap(long after, long last)
    {
        for (var version = after + 1; version <= last; version++)
        {
            if (!_commits.Contains(version))
                return version;
        }

        return null;
    }

    /// <summary>The oldest version that can be read: from there on no commit is missing, and it is 0 or has a checkpoint. -1 where there is none.</summary>
    public long FirstReadable()
    {
        if (LastVersion < 0)
            return -1;
        var unbroken = LastCommit < 0 ? long.MaxValue : LastCommit;
        while (unbroken != long.MaxValue && unbroken > 0 && _commits.Contains(unbroken - 1))
            unbroken--;
        if (unbroken == 0)
            return 0;
        foreach (var version in _checkpoints.Keys)
        {
            if (version >= unbroken - 1 || version == LastVersion)
                return version;
        }

        return -1;
    }

    public void Add(string name, string path, long modifiedAt = -1)
    {
        if (name.Length < 22 || name[20] != '.' || !TryVersion(name.AsSpan(0, 20), out var version))
            return;
        var parts = name[21..].Split('.');
        switch (parts)
        {
            case ["json"]:
                _commits.Add(version);
                if (modifiedAt >= 0)
                    _times[version] = modifiedAt;
                break;
            case ["crc"]:
                Checksums.Add((version, path));
                break;
            case [{ Length: 20 } last, "compacted", "json"] when TryVersion(last, out var end) && end >= version:
                Compactions.Add((version, end, path));
                break;
            case ["checkpoint", "parquet"]:
                Checkpoint(version, [path]);
                break;
            case ["checkpoint", { Length: 36 } id, "json" or "parquet"] when Guid.TryParse(id, out _):
                Checkpoint(version, [path]);
                break;
            case ["checkpoint", { Length: 10 } part, { Length: 10 } count, "parquet"] when int.TryParse(part, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && int.TryParse(count, NumberStyles.None, CultureInfo.InvariantCulture, out var total) && number >= 1 && number <= total:
                Part(version, number, total, path);
                break;
            default:
                break;
        }
    }

    private static bool TryVersion(ReadOnlySpan<char> text, out long version) => long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out version);

    private void Part(long version, int part, int parts, string path)
    {
        CheckpointPaths.Add((version, path));
        // Bounded by what stands in the folder: a name may claim any number.
        if (parts > 1_000_000)
            return;
        if (!_parts.TryGetValue((version, parts), out var paths))
            _parts[(version, parts)] = paths = new string?[parts];
        paths[part - 1] = path;
        if (Array.TrueForAll(paths, item => item is not null))
            Complete(version, paths!);
    }

    private void Checkpoint(long version, string[] paths)
    {
        CheckpointPaths.Add((version, paths[0]));
        Complete(version, paths);
    }

    private void Complete(long version, string[] paths)
    {
        if (!_checkpoints.TryGetValue(version, out var files))
            _checkpoints[version] = files = [];
        files.Add(new CheckpointFiles(version, paths));
    }
}
