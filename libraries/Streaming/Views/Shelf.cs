namespace RealTimeMesh.Streaming;

/// <summary>All pages of one view and partition with the same page number; its index row lists their keys.</summary>
internal sealed class Shelf(long number)
{
    public long Number { get; } = number;

    /// <summary>The index row has been read, or there is none because the shelf is new.</summary>
    public bool IsIndexed { get; set; } = true;

    /// <summary>The store has an index row.</summary>
    public bool IsStored { get; set; }

    /// <summary>Keys were added since the index row was written.</summary>
    public bool IsDirty { get; set; }

    /// <summary>Nothing of it is in memory beyond the list of its pages.</summary>
    public bool IsUnloaded { get; set; }

    public List<Page> Pages { get; } = [];
}
