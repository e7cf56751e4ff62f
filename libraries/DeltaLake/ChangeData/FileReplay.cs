namespace RealTimeMesh.DeltaLake;

/// <summary>
/// Replays commits to what they changed in rows. Rearranged rows (<c>dataChange</c> false) are followed: while their new files are whole,
/// the files they came from stand for them, so that an incremental reader sees new rows once and old rows not at all. Where such a file is
/// then changed, all that was rearranged with it counts as removed, and what is left of it as added.
/// </summary>
internal sealed class FileReplay
{
    private readonly Dictionary<FileKey, AddFile> _added = [];
    private readonly HashSet<FileKey> _removed = [];

    /// <summary>Live files made by a rearrangement that is whole.</summary>
    private readonly Dictionary<FileKey, Rearrangement> _madeBy = [];

    /// <summary>Files that a rearrangement took.</summary>
    private readonly Dictionary<FileKey, Rearrangement> _takenBy = [];

    public IReadOnlyCollection<AddFile> Added => _added.Values;

    /// <summary>Keys of files from before the first commit whose rows went.</summary>
    public IReadOnlySet<FileKey> Removed => _removed;

    public void Apply(LogCommit commit)
    {
        var rearranged = new Rearrangement();
        foreach (var file in commit.Removes)
        {
            if (file.DataChange)
            {
                Remove(file.Key);
                continue;
            }

            rearranged.Sources.Add(file.Key);
            _takenBy[file.Key] = rearranged;
        }

        foreach (var file in commit.Adds)
        {
            if (file.DataChange)
            {
                // A restored file is what it was.
                if (!_removed.Remove(file.Key))
                    _added[file.Key] = file;
            }
            else if (rearranged.Sources.Count > 0)
            {
                rearranged.Made.Add(file);
                _madeBy[file.Key] = rearranged;
            }
            else if (_added.ContainsKey(file.Key))
            {
                // The same file told anew, with other statistics.
                _added[file.Key] = file;
            }
        }
    }

    private void Remove(FileKey key)
    {
        if (_madeBy.Remove(key, out var rearrangement))
            Break(rearrangement);
        else if (!_added.Remove(key))
            _removed.Add(key);
    }

    /// <summary>Its sources no longer stand for its rows: its files do, as far as they are there.</summary>
    private void Break(Rearrangement rearrangement)
    {
        if (rearrangement.IsBroken)
            return;
        rearrangement.IsBroken = true;
        foreach (var key in rearrangement.Sources)
        {
            if (_madeBy.Remove(key, out var earlier))
                Break(earlier);
            else if (!_added.Remove(key))
                _removed.Add(key);
        }

        foreach (var file in rearrangement.Made)
        {
            if (_takenBy.TryGetValue(file.Key, out var later))
            {
                _madeBy.Remove(file.Key);
                Break(later);
            }
            else if (_madeBy.Remove(file.Key))
            {
                _added[file.Key] = file;
            }
        }
    }

    /// <summary>What one commit rearranged.</summary>
    private sealed class Rearrangement
    {
        public List<FileKey> Sources { get; } = [];

        public List<AddFile> Made { get; } = [];

        public bool IsBroken { get; set; }
    }
}
