using System.Globalization;
using System.Text.RegularExpressions;

namespace RealTimeMesh.Testing.DeltaLogs;

/// <summary>What stands in a <c>_delta_log</c>, by name.</summary>
internal sealed partial class LogFiles
{
    public LogFiles(string table)
    {
        Folder = Path.Combine(table, "_delta_log");
        foreach (var path in Directory.Exists(Folder) ? [.. Directory.GetFiles(Folder).Order(StringComparer.Ordinal)] : Array.Empty<string>())
        {
            var name = Path.GetFileName(path);
            if (CommitName().Match(name) is { Success: true } commit)
                Commits[Number(commit, 1)] = path;
            else if (ChecksumName().Match(name) is { Success: true } checksum)
                Checksums[Number(checksum, 1)] = path;
            else if (CompactionName().Match(name) is { Success: true } compaction)
                Compactions.Add((Number(compaction, 1), Number(compaction, 2), path));
            else if (CheckpointName().Match(name) is { Success: true } checkpoint)
                Checkpoint(Number(checkpoint, 1), checkpoint.Groups[2].Value, path);
        }

        foreach (var ((version, parts), paths) in _parts)
        {
            if (paths.Count == parts)
                Add(version, paths);
        }
    }

    private readonly Dictionary<(long Version, int Parts), List<string>> _parts = [];

    public string Folder { get; }

    public SortedDictionary<long, string> Commits { get; } = [];

    public SortedDictionary<long, string> Checksums { get; } = [];

    public List<(long From, long To, string Path)> Compactions { get; } = [];

    /// <summary>The files of each complete checkpoint.</summary>
    public SortedDictionary<long, List<IReadOnlyList<string>>> Checkpoints { get; } = [];

    private void Checkpoint(long version, string rest, string path)
    {
        if (PartName().Match(rest) is { Success: true } part)
        {
            var key = (version, (int)Number(part, 2));
            if (!_parts.TryGetValue(key, out var paths))
                _parts[key] = paths = [];
            paths.Add(path);
        }
        else
        {
            Add(version, [path]);
        }
    }

    private void Add(long version, IReadOnlyList<string> paths)
    {
        if (!Checkpoints.TryGetValue(version, out var list))
            Checkpoints[version] = list = [];
        list.Add(paths);
    }

    private static long Number(Match match, int group) => long.Parse(match.Groups[group].ValueSpan, CultureInfo.InvariantCulture);

    [GeneratedRegex(@"^(\d{20})\.json$")]
    private static partial Regex CommitName();

    [GeneratedRegex(@"^(\d{20})\.crc$")]
    private static partial Regex ChecksumName();

    [GeneratedRegex(@"^(\d{20})\.(\d{20})\.compacted\.json$")]
    private static partial Regex CompactionName();

    [GeneratedRegex(@"^(\d{20})\.checkpoint\.(parquet|\d{10}\.\d{10}\.parquet|[0-9a-fA-F-]{36}\.(?:json|parquet))$")]
    private static partial Regex CheckpointName();

    [GeneratedRegex(@"^(\d{10})\.(\d{10})\.parquet$")]
    private static partial Regex PartName();
}
