namespace RealTimeMesh.Streaming;

/// <summary>
/// The windows of one group within one aligned run of <see cref="ViewPlan.PageWindows"/> windows: one state row.
/// Only windows that exist take room; a page can be known from the index without its content being in memory.
/// </summary>
internal sealed class Page(ViewKey key, long number)
{
    private byte[] _slots = [];
    private long[] _cells = [];
    private object?[] _objects = [];

    public ViewKey Key { get; } = key;

    /// <summary>Page number: start = number * page length.</summary>
    public long Number { get; } = number;

    /// <summary>Content is in memory. False only for a page that the store has.</summary>
    public bool IsLoaded { get; set; } = true;

    /// <summary>The store has a row of it.</summary>
    public bool IsStored { get; set; }

    /// <summary>Differs from the stored row.</summary>
    public bool IsDirty { get; set; }

    /// <summary>When it was last written, all its windows were closed; unknown (false) once it was read back.</summary>
    public bool IsFinal { get; set; }

    /// <summary>Already asked for by the batch that is being prepared.</summary>
    public bool IsRequested { get; set; }

    /// <summary>Windows that exist in memory.</summary>
    public int Count { get; private set; }

    /// <summary>The slot of a window of this page (0-based from the page's start), or -1.</summary>
    public int Find(int window) => window < _slots.Length ? _slots[window] - 1 : -1;

    public int FindOrAdd(int window, ViewPlan plan)
    {
        if (_slots.Length == 0)
            _slots = new byte[plan.PageWindows];
        var slot = _slots[window] - 1;
        if (slot >= 0)
            return slot;
        slot = Count++;
        _slots[window] = (byte)Count;
        if (Count * plan.CellStride > _cells.Length)
            Array.Resize(ref _cells, Capacity(plan) * plan.CellStride);
        if (Count * plan.Aggregators.Length > _objects.Length)
            Array.Resize(ref _objects, Capacity(plan) * plan.Aggregators.Length);
        return slot;
    }

    public Span<long> CellsOf(int slot, ViewPlan plan) => _cells.AsSpan(slot * plan.CellStride, plan.CellStride);

    public Span<object?> ObjectsOf(int slot, ViewPlan plan) => _objects.AsSpan(slot * plan.Aggregators.Length, plan.Aggregators.Length);

    /// <summary>Forgets the content; it is read from the store when it is needed again.</summary>
    public void Unload()
    {
        _slots = [];
        _cells = [];
        _objects = [];
        Count = 0;
        IsLoaded = false;
        IsFinal = false;
    }

    private int Capacity(ViewPlan plan) => Math.Min(plan.PageWindows, Math.Max(2, (Count - 1) * 2));
}
