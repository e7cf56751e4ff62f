using System.Globalization;

namespace RealTimeMesh.DeltaLake;

/// <summary>
/// What a log folder holds: commits and complete classic checkpoints. The folder is always listed; <c>_last_checkpoint</c> is only
/// a hint, and on a local disk a listing costs less than the doubt whether the hint is stale.
/// </summary>
internal sealed class LogListing
{
    private readonly SortedDictionary<long, List<(int Part, int Parts, string Path)>> _checkpoints = [];

    public long FirstCommit { get; private set; } = -1;

    public long LastCommit { get; private set; } = -1;

    /// <summary>Complete checkpoints up to a version, newest first.</summary>
    public IEnumerable<(long Version, IReadOnlyList<string> Files)> CheckpointsUpTo(long version)
    {
        foreach (var (at, files) in _checkpoints.Reverse())
        {
            if (at > version)
                continue;
            foreach (var set in files.GroupBy(file => file.Parts))
            {
                if (set.Count() == set.Key)
                    yield return (at, [.. set.OrderBy(file => file.Part).Select(file => file.Path)]);
            }
        }
    }

    public void Add(string name, string path)
    {
        var parts = name.Split('.');
        if (parts[0].Length != 20 || !long.TryParse(parts[0], NumberStyles.None, CultureInfo.InvariantCulture, out var version))
            return;
        if (parts is [_, "json"])
        {
            FirstCommit = FirstCommit < 0 ? version : Math.Min(FirstCommit, version);
            LastCommit = Math.Max(LastCommit, version);
        }
        else if (parts is [_, "checkpoint", "parquet"])
        {
            Checkpoint(version, 1, 1, path);
        }
        else if (parts is [_, "checkpoint", { Length: 10 } part, { Length: 10 } count, "parquet"] && int.TryParse(part, out var number) && int.TryParse(count, out var total))
        {
            Checkpoint(version, number, total, path);
        }
    }

    private void Checkpoint(long version, int part, int parts, string path)
    {
        if (!_checkpoints.TryGetValue(version, out var files))
            _checkpoints[version] = files = [];
        files.Add((part, parts, path));
    }
}
