namespace RealTimeMesh.Streaming;

/// <summary>
/// One view in one partition: its groups and pages, and the steps of taking in a batch. The steps are
/// <see cref="Prepare"/> (which windows), <see cref="Resolve"/> (which pages), <see cref="Apply"/> (accumulate) and
/// <see cref="Collect"/> (what to write); between them the owner reads what <see cref="Requests"/> asks for.
/// Not thread-safe.
/// </summary>
internal sealed class PartitionView
{
    private const long NoWindow = long.MinValue;

    private readonly Dictionary<string, ViewKey> _keys = new(StringComparer.Ordinal);
    private readonly Dictionary<string, ViewKey>.AlternateLookup<ReadOnlySpan<char>> _lookup;
    private readonly SortedDictionary<long, Shelf> _shelves = [];
    private readonly List<Page> _dirty = [];
    private readonly List<Shelf> _expired = [];
    private readonly KeyCodec _codec;
    private readonly PageFormat _format;
    private readonly int _partition;
    private long[] _windows = [];
    private Page?[] _targets = [];
    private Shelf? _lastShelf;

    public PartitionView(ViewPlan plan, int partition)
    {
        Plan = plan;
        _partition = partition;
        _lookup = _keys.GetAlternateLookup<ReadOnlySpan<char>>();
        _codec = plan.NewKeyCodec();
        _format = new PageFormat(plan);
    }

    public ViewPlan Plan { get; }

    /// <summary>Events that this view dropped as late.</summary>
    public long Late { get; set; }

    /// <summary>Windows in memory.</summary>
    public int WindowCount { get; private set; }

    public int KeyCount => _keys.Count;

    public IReadOnlyDictionary<long, Shelf> Shelves => _shelves;

    /// <summary>Rows to read from the store before the next step.</summary>
    public List<ViewRead> Requests { get; } = [];

    public ViewKey? FindKey(string text) => _keys.GetValueOrDefault(text);

    /// <summary>Adds shelves that the store has, from the partition's position record.</summary>
    public void Restore(long first, long last)
    {
        for (var number = first; number <= last; number++)
            _shelves.Add(number, new Shelf(number) { IsIndexed = false, IsStored = true, IsUnloaded = true });
    }

    /// <summary>Finds each row's window, drops the late ones, and asks for the indexes of the shelves concerned.</summary>
    public void Prepare(BatchRows batch, int maxDeletes)
    {
        if (_windows.Length < batch.Count)
        {
            _windows = new long[batch.Count];
            _targets = new Page?[batch.Count];
        }

        var where = Plan.Definition.Where;
        var previousPage = NoWindow;
        for (var i = 0; i < batch.Count; i++)
        {
            _windows[i] = NoWindow;
            if (batch.Times[i] == BatchRows.NoTime)
                continue;
            var window = Plan.WindowOf(batch.Times[i]);
            if (batch.Marks[i] != BatchRows.NoTime && Plan.ClosesAt(window) <= batch.Marks[i])
            {
                batch.LateViews[i]++;
                Late++;
                continue;
            }

            if (where is not null && !where.IsTrue(batch.Rows, i))
                continue;
            _windows[i] = window;
            var page = Plan.PageOf(window);
            if (page == previousPage)
                continue;
            previousPage = page;
            if (_shelves.TryGetValue(page, out var shelf))
                RequestIndex(shelf);
        }

        FindExpired(batch.NewWatermark, maxDeletes);
        foreach (var shelf in Closing(batch))
            RequestIndex(shelf);
    }

    /// <summary>Finds each row's page and asks for the content of those that are not in memory.</summary>
    public void Resolve(BatchRows batch)
    {
        for (var i = 0; i < batch.Count; i++)
        {
            if (_windows[i] == NoWindow)
                continue;
            var text = _codec.Read(batch.Rows, i);
            if (!_lookup.TryGetValue(text, out var key))
            {
                key = new ViewKey(text.ToString());
                _keys.Add(key.Text, key);
            }

            var number = Plan.PageOf(_windows[i]);
            var page = key.Find(number) ?? AddPage(key, number);
            _targets[i] = page;
            if (!page.IsLoaded)
                RequestPage(page);
        }

        foreach (var shelf in Closing(batch))
        {
            foreach (var page in shelf.Pages)
            {
                if (!page.IsLoaded)
                    RequestPage(page);
            }
        }
    }

    public void Apply(BatchRows batch)
    {
        var aggregators = Plan.Aggregators;
        for (var i = 0; i < batch.Count; i++)
        {
            if (_windows[i] == NoWindow)
                continue;
            var page = _targets[i]!;
            _targets[i] = null;
            var known = page.Count;
            var slot = page.FindOrAdd((int)(_windows[i] - page.Number * Plan.PageWindows), Plan);
            WindowCount += page.Count - known;
            MarkDirty(page);
            var cells = page.CellsOf(slot, Plan);
            var objects = page.ObjectsOf(slot, Plan);
            for (var a = 0; a < aggregators.Length; a++)
                aggregators[a].Add(Plan.Cells(cells, a), ref objects[a], batch.Rows, i, batch.Times[i], batch.Offsets[i]);
        }

        // The last write of a page whose windows are all closed: its row then says so for good.
        foreach (var shelf in Closing(batch))
        {
            foreach (var page in shelf.Pages)
            {
                if (page is { IsDirty: false, IsFinal: false, IsLoaded: true })
                    MarkDirty(page);
            }
        }
    }

    /// <summary>Adds what the batch changed to the transaction.</summary>
    public void Collect(ChangeSet changes, BatchRows batch)
    {
        foreach (var shelf in _expired)
            Delete(shelf, changes);
        foreach (var page in _dirty)
        {
            if (!page.IsDirty)
                continue;
            page.IsFinal = _format.Write(changes.Begin(Plan.PageKey(page.Key.Text, page.Number, _partition)), page, batch.NewWatermark);
            changes.End();
        }

        foreach (var shelf in _shelves.Values)
        {
            if (!shelf.IsDirty)
                continue;
            var json = changes.Begin(Plan.IndexKey(shelf.Number, _partition));
            json.WriteStartArray();
            foreach (var page in shelf.Pages)
                json.WriteStringValue(page.Key.Text);
            json.WriteEndArray();
            changes.End();
        }
    }

    /// <summary>The transaction is stored: memory equals the store again.</summary>
    public void Committed()
    {
        foreach (var page in _dirty)
        {
            page.IsDirty = false;
            page.IsStored = true;
        }

        _dirty.Clear();
        _expired.Clear();
        foreach (var shelf in _shelves.Values)
        {
            shelf.IsStored |= shelf.IsDirty;
            shelf.IsDirty = false;
        }
    }

    /// <summary>Takes in a row that was asked for; null where the store has none.</summary>
    public void Receive(ViewRead read, StoredState? stored)
    {
        if (stored is null)
            throw new StreamingException($"view '{Plan.FullName}': state row '{read.Key}' is missing; expected it because the partition's index names it; delete the view's state to start it anew.");
        if (read.Page is not null)
        {
            _format.Read(stored.Value.Span, read.Page);
            read.Page.IsRequested = false;
            WindowCount += read.Page.Count;
            if (_shelves.TryGetValue(read.Page.Number, out var shelf))
                shelf.IsUnloaded = false;
            return;
        }

        ReadIndex(read.Shelf!, stored.Value.Span);
    }

    public void RequestIndex(Shelf shelf)
    {
        if (shelf.IsIndexed || Requests.Exists(read => read.Shelf == shelf))
            return;
        Requests.Add(new ViewRead(Plan.IndexKey(shelf.Number, _partition), shelf, null));
    }

    public void RequestPage(Page page)
    {
        if (page.IsLoaded || page.IsRequested)
            return;
        page.IsRequested = true;
        Requests.Add(new ViewRead(Plan.PageKey(page.Key.Text, page.Number, _partition), null, page));
    }

    /// <summary>Forgets the content of the oldest shelf in memory. False where there is none.</summary>
    public bool UnloadOldest()
    {
        foreach (var shelf in _shelves.Values)
        {
            if (shelf.IsUnloaded)
                continue;
            shelf.IsUnloaded = true;
            foreach (var page in shelf.Pages)
            {
                if (page is not { IsLoaded: true, IsStored: true })
                    continue;
                WindowCount -= page.Count;
                page.Unload();
            }

            return true;
        }

        return false;
    }

    private Page AddPage(ViewKey key, long number)
    {
        if (_lastShelf?.Number != number)
        {
            if (!_shelves.TryGetValue(number, out _lastShelf))
                _shelves.Add(number, _lastShelf = new Shelf(number));
        }

        var page = new Page(key, number);
        key.Add(page);
        _lastShelf.Pages.Add(page);
        _lastShelf.IsDirty = true;
        _lastShelf.IsUnloaded = false;
        return page;
    }

    private void ReadIndex(Shelf shelf, ReadOnlySpan<byte> row)
    {
        var reader = new System.Text.Json.Utf8JsonReader(row);
        reader.Read();
        while (reader.Read() && reader.TokenType == System.Text.Json.JsonTokenType.String)
        {
            var text = reader.GetString()!;
            if (!_keys.TryGetValue(text, out var key))
                _keys.Add(text, key = new ViewKey(text));
            var page = new Page(key, shelf.Number) { IsLoaded = false, IsStored = true };
            key.Add(page);
            shelf.Pages.Add(page);
        }

        shelf.IsIndexed = true;
    }

    private void MarkDirty(Page page)
    {
        if (page.IsDirty)
            return;
        page.IsDirty = true;
        _dirty.Add(page);
    }

    /// <summary>Shelves whose last window closes with this batch, but that stay readable.</summary>
    private IEnumerable<Shelf> Closing(BatchRows batch)
    {
        if (batch.NewWatermark == batch.OldWatermark)
            yield break;
        foreach (var shelf in _shelves.Values)
        {
            var closesAt = Plan.PageEnd(shelf.Number) + Plan.Lateness;
            if (closesAt > batch.NewWatermark)
                yield break;
            if (closesAt > batch.OldWatermark && !_expired.Contains(shelf))
                yield return shelf;
        }
    }

    private void FindExpired(long watermark, int maxDeletes)
    {
        _expired.Clear();
        if (watermark == BatchRows.NoTime)
            return;
        var deletes = 0;
        foreach (var shelf in _shelves.Values)
        {
            if (Plan.PageEnd(shelf.Number) + Plan.Retain > watermark || deletes > 0 && deletes + shelf.Pages.Count > maxDeletes)
                return;
            deletes += Math.Max(1, shelf.Pages.Count);
            _expired.Add(shelf);
            RequestIndex(shelf);
        }
    }

    private void Delete(Shelf shelf, ChangeSet changes)
    {
        foreach (var page in shelf.Pages)
        {
            if (page.IsStored)
                changes.Delete(Plan.PageKey(page.Key.Text, page.Number, _partition));
            page.IsDirty = false;
            if (page.IsLoaded)
                WindowCount -= page.Count;
            page.Key.Remove(page);
            if (page.Key.Pages.Count == 0)
                _keys.Remove(page.Key.Text);
        }

        if (shelf.IsStored)
            changes.Delete(Plan.IndexKey(shelf.Number, _partition));
        _shelves.Remove(shelf.Number);
        if (_lastShelf == shelf)
            _lastShelf = null;
    }
}

/// <summary>A state row that a view needs: the index of a shelf or the content of a page.</summary>
internal readonly record struct ViewRead(string Key, Shelf? Shelf, Page? Page);
