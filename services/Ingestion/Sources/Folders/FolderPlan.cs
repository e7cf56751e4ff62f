using System.Globalization;
using RealTimeMesh.Ingestion.Sources.Files;
using RealTimeMesh.Pipelines;

namespace RealTimeMesh.Ingestion.Sources.Folders;

/// <summary>Decides which files of a folder are taken next: new ones that are no longer written to, in the folder's order.</summary>
internal sealed class FolderPlan(SourceDefinition source, FileJournal journal, FileProblems problems, IngestionOptions options, TimeProvider time)
{
    /// <summary>Most entries of one plan: few writes for many small files, and a bound on what is examined before the first is read.</summary>
    private const int PlanSize = 4 * FileJournal.PageSize;

    private readonly FolderDefinition _folder = source.Folder!;
    private readonly FolderScan _scan = new(source.Folder!);
    private readonly GrowingFiles _growing = new(source, journal, options);
    private Dictionary<string, (FoundFile File, long Since)> _unsettled = new(StringComparer.Ordinal);
    private readonly Queue<FoundFile> _candidates = [];

    /// <summary>Time until the next file that is being written may be taken; null where there is none.</summary>
    public TimeSpan? SettlesIn { get; private set; }

    /// <summary>Files that were found and are not taken yet.</summary>
    public int Waiting => _candidates.Count + _unsettled.Count;

    /// <summary>The next entries; none where nothing is to be read now.</summary>
    /// <param name="atHand">Told each file that is there and was taken as it is, with its place in the journal.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public async Task<List<JournalEntry>> NextAsync(Action<JournalEntry, int, int> atHand, CancellationToken cancellationToken)
    {
        if (_candidates.Count == 0)
            Scan(atHand);
        List<JournalEntry> entries = [];
        while (entries.Count < PlanSize && _candidates.TryPeek(out var file))
        {
            try
            {
                if (_folder.Tail)
                    await _growing.ExamineAsync(file, entries, cancellationToken);
                else if (await ExamineAsync(file, cancellationToken) is { } entry)
                    entries.Add(entry);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException or SourceException)
            {
                if (e is FileNotFoundException or DirectoryNotFoundException)
                {
                    // Gone since it was listed; if it is another fault of the folder, the next listing says so.
                    _candidates.Dequeue();
                    continue;
                }

                var fault = $"file '{Path.Combine(_folder.Path, file.Name)}': found {e.Message}; expected a file that can be read. Correct its permissions or move it away, or set 'onError: skip' to go on with the others.";
                problems.Set(file.Name, fault);
                if (source.OnError == FileFaultPolicy.Stop)
                {
                    if (entries.Count > 0)
                        break;
                    _candidates.Clear();
                    throw new SourceException(fault, e);
                }
            }

            _candidates.Dequeue();
        }

        return entries;
    }

    private void Scan(Action<JournalEntry, int, int> atHand)
    {
        problems.Clear();
        var now = time.GetUtcNow().UtcTicks;
        var settle = _folder.Tail ? 0 : _folder.Settle.Ticks;
        var wait = long.MaxValue;
        long late = 0;
        Dictionary<string, (FoundFile File, long Since)> unsettled = new(StringComparer.Ordinal);
        // Of more files than may be remembered the first by the folder's order are kept.
        var first = new PriorityQueue<FoundFile, FoundFile>(Comparer<FoundFile>.Create((a, b) => FolderScan.Compare(_folder.Order, b, a)));
        foreach (var file in _scan.Files())
        {
            if (journal.FindLatest(file.Name) is { } taken && taken.Entry.Is(file))
            {
                atHand(taken.Entry, taken.Page, taken.Place);
                continue;
            }

            if (journal.IsFolded(file) && journal.FindLatest(file.Name) is null)
            {
                late++;
                continue;
            }

            // By the writer's clock, or by ours since we saw the file change last: clocks differ.
            var since = _unsettled.TryGetValue(file.Name, out var before) && before.File == file ? before.Since : now;
            var age = Math.Max(now - file.Modified, now - since);
            if (settle > 0 && age < settle)
            {
                unsettled[file.Name] = (file, since);
                wait = Math.Min(wait, settle - age);
                continue;
            }

            if (first.Count < options.FilesRemembered)
                first.Enqueue(file, file);
            else
                first.EnqueueDequeue(file, file);
        }

        _unsettled = unsettled;
        SettlesIn = wait == long.MaxValue ? null : TimeSpan.FromTicks(wait) + TimeSpan.FromMilliseconds(1);
        if (late > journal.Head.Count)
            problems.Set(journal.Head.Name!, string.Create(CultureInfo.InvariantCulture, $"folder '{_folder.Path}': {late - journal.Head.Count} files sort before '{journal.Head.Name}', of which no record is kept; expected new files behind it. They are not read; give them names (times) behind it."));
        var sorted = new FoundFile[first.Count];
        for (var i = sorted.Length - 1; i >= 0; i--)
            sorted[i] = first.Dequeue();
        foreach (var file in sorted)
            _candidates.Enqueue(file);
    }

    /// <summary>The entry of a new file; null where it is not taken now.</summary>
    private async Task<JournalEntry?> ExamineAsync(FoundFile file, CancellationToken cancellationToken)
    {
        var path = Path.Combine(_folder.Path, file.Name);
        var info = new FileInfo(path);
        if (!info.Exists || info.Length != file.Length || info.LastWriteTimeUtc.Ticks != file.Modified)
            return null;
        if (source.Format is null && FileFormats.Of(file.Name) is null)
            throw new SourceException($"an extension that names no format; expected {string.Join(", ", FileFormats.All)}, or 'format' in pipeline.yaml");
        var hash = await Fingerprints.OfAsync(path, file.Length, growing: false, cancellationToken);
        if (hash is null)
            return null;
        var entry = new JournalEntry { Name = file.Name, End = file.Length, Modified = file.Modified, Hash = hash };
        if (journal.FindLatest(file.Name)?.Entry is not { } before)
            return entry;
        if (before.End == entry.End && before.Hash == entry.Hash)
        {
            if (_folder.After == AfterFile.Keep)
            {
                journal.Touch(file.Name, file.Modified);
                return null;
            }

            // The one that was read is gone: this is the next of its name.
            return entry;
        }

        if (_folder.Changed == ChangedFile.Again || _folder.After != AfterFile.Keep)
            return entry;
        problems.Set(file.Name, string.Create(CultureInfo.InvariantCulture, $"file '{path}': found {file.Length} bytes that are not those that were read; expected the {before.End} bytes that were taken. Give the new file a name of its own, or set 'changed: again' to read it whole as new events."));
        return null;
    }
}
