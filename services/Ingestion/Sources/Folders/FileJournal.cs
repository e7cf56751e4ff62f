using System.Text.Json;
using Dapr;
using Grpc.Core;
using Microsoft.Extensions.Logging;
using RealTimeMesh.Ingestion.Streams;
using RealTimeMesh.Ingestion.Telemetry;
using RealTimeMesh.Pipelines;

namespace RealTimeMesh.Ingestion.Sources.Folders;

/// <summary>
/// The files of a folder in the order they are read, durable before the first row of them is published: after a crash the
/// same rows get the same sequence numbers, whatever files have come meanwhile. A source's position is an entry here;
/// what stands in front of it is done. Pages of bounded length are stored one by one; the oldest are dropped
/// beyond a bound, and only the last file of them is remembered.
/// </summary>
internal sealed class FileJournal(string key, FolderDefinition folder, IRecordStore store, IngestionOptions options, TimeProvider time, ILogger logger)
{
    /// <summary>Entries of a page: a page is written again for each file that comes alone.</summary>
    public const int PageSize = 200;

    private readonly Dictionary<int, List<JournalEntry>> _pages = [];
    private readonly Dictionary<string, (JournalEntry Entry, int Page, int Place)> _latest = new(StringComparer.Ordinal);
    private readonly Lock _lock = new();
    private (int Page, int Place, int Count) _attempts;
    private bool _loaded;

    public JournalHead Head { get; private set; } = new();

    /// <summary>Page and place behind the last entry.</summary>
    public (int Page, int Place) End { get; private set; }

    /// <summary>The last entry of each file.</summary>
    public IReadOnlyList<JournalEntry> Latest
    {
        get
        {
            lock (_lock)
                return [.. _latest.Values.Select(latest => latest.Entry)];
        }
    }

    /// <summary>The oldest page, where there are more than are to be kept; else null.</summary>
    public IReadOnlyList<JournalEntry>? FirstPageBeyondBound => _pages.Count * PageSize > options.FilesRemembered ? _pages.GetValueOrDefault(Head.First) : null;

    /// <summary>The next place behind one, across pages.</summary>
    public static (int Page, int Place) Next(int page, int place) => place + 1 < PageSize ? (page, place + 1) : (page + 1, 0);

    public async Task LoadAsync(CancellationToken cancellationToken)
    {
        if (_loaded)
            return;
        _pages.Clear();
        _latest.Clear();
        var head = await store.ReadAsync(key, cancellationToken);
        if (!head.IsEmpty)
            Head = JsonSerializer.Deserialize(head.Span, JournalJson.Default.JournalHead) ?? new JournalHead();
        End = (Head.First, 0);
        for (var number = Head.First; ; number++)
        {
            var json = await store.ReadAsync(KeyOf(number), cancellationToken);
            if (json.IsEmpty || JsonSerializer.Deserialize(json.Span, JournalJson.Default.JournalPage) is not { Files.Count: > 0 } page)
                break;
            Keep(number, page.Files);
        }

        _loaded = true;
    }

    public JournalEntry? Find(int page, int place)
    {
        lock (_lock)
            return _pages.TryGetValue(page, out var entries) && place < entries.Count ? entries[place] : null;
    }

    /// <summary>Counts attempts at the entry that is being read; it outlives the source that tries.</summary>
    public int CountAttempt(int page, int place)
    {
        _attempts = (_attempts.Page, _attempts.Place) == (page, place) ? _attempts with { Count = _attempts.Count + 1 } : (page, place, 1);
        return _attempts.Count;
    }

    /// <summary>The last entry of a file, and where it stands; null where the file is not remembered.</summary>
    public (JournalEntry Entry, int Page, int Place)? FindLatest(string name)
    {
        lock (_lock)
            return _latest.TryGetValue(name, out var latest) ? latest : null;
    }

    /// <summary>True where a file stands, in the folder's order, among those whose entries were dropped.</summary>
    public bool IsFolded(in FoundFile file) => Head.Name is not null && FolderScan.Compare(folder.Order, file, new FoundFile(Head.Name, 0, Head.Modified)) <= 0;

    /// <summary>Appends entries, durably.</summary>
    public async Task AppendAsync(IReadOnlyList<JournalEntry> entries, CancellationToken cancellationToken)
    {
        for (var from = 0; from < entries.Count;)
        {
            var (number, place) = End;
            var count = Math.Min(PageSize - place, entries.Count - from);
            List<JournalEntry> page = [.. _pages.GetValueOrDefault(number) ?? [], .. entries.Skip(from).Take(count)];
            await WriteAsync(KeyOf(number), JsonSerializer.SerializeToUtf8Bytes(new JournalPage(page), JournalJson.Default.JournalPage), cancellationToken);
            Keep(number, page);
            from += count;
        }
    }

    /// <summary>Drops the oldest pages beyond the bound, of those whose files are all read.</summary>
    /// <param name="stored">Page of the stored position.</param>
    /// <param name="mayDrop">Asked of each page.</param>
    /// <param name="cancellationToken">Ends it between pages.</param>
    public async Task TrimAsync(int stored, Func<IReadOnlyList<JournalEntry>, bool> mayDrop, CancellationToken cancellationToken)
    {
        while (_pages.Count * PageSize > options.FilesRemembered && Head.First < stored && _pages.TryGetValue(Head.First, out var page) && mayDrop(page))
        {
            var dropped = Head.First;
            var last = page.Select(entry => new FoundFile(entry.Name, entry.End, entry.Modified)).Append(new FoundFile(Head.Name ?? "", 0, Head.Modified)).Max(Comparer<FoundFile>.Create((a, b) => FolderScan.Compare(folder.Order, a, b)));
            // A folder that is emptied or grows needs no memory of what is gone; one that keeps its files needs a line between old and new.
            var head = folder is { After: AfterFile.Keep, Tail: false }
                ? new JournalHead { First = dropped + 1, Name = last.Name, Modified = last.Modified, Count = Head.Count + page.Count }
                : new JournalHead { First = dropped + 1 };
            await WriteAsync(key, JsonSerializer.SerializeToUtf8Bytes(head, JournalJson.Default.JournalHead), cancellationToken);
            Head = head;
            lock (_lock)
            {
                _pages.Remove(dropped);
                foreach (var entry in page)
                {
                    if (_latest.TryGetValue(entry.Name, out var latest) && latest.Page == dropped)
                        _latest.Remove(entry.Name);
                }
            }

            await WriteAsync(KeyOf(dropped), "{\"files\":[]}"u8.ToArray(), cancellationToken);
        }
    }

    /// <summary>Notes that a file was only touched; in memory alone.</summary>
    public void Touch(string name, long modified)
    {
        lock (_lock)
        {
            if (!_latest.TryGetValue(name, out var latest))
                return;
            var entry = latest.Entry with { Modified = modified };
            _pages[latest.Page][latest.Place] = entry;
            _latest[name] = latest with { Entry = entry };
        }
    }

    private void Keep(int number, IReadOnlyList<JournalEntry> entries)
    {
        lock (_lock)
        {
            _pages[number] = [.. entries];
            for (var place = 0; place < entries.Count; place++)
                _latest[entries[place].Name] = (entries[place], number, place);
        }

        End = Next(number, entries.Count - 1);
    }

    private string KeyOf(int page) => $"{key}/{page}";

    /// <summary>Tries until it works: nothing is read that is not in the journal.</summary>
    private async Task WriteAsync(string record, byte[] json, CancellationToken cancellationToken)
    {
        for (var delay = options.FirstRetry; ; delay = Backoff.Next(delay, options.LongestRetry))
        {
            try
            {
                await store.WriteAsync(record, json, cancellationToken);
                return;
            }
            catch (Exception e) when (e is DaprException or RpcException && !cancellationToken.IsCancellationRequested)
            {
                Log.JournalNotStored(logger, record, e.InnerException?.Message ?? e.Message, delay);
                await Task.Delay(delay, time, cancellationToken);
            }
        }
    }
}
