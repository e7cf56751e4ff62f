namespace RealTimeMesh.Streaming;

/// <summary>A session of one key: rows whose distances are less than the gap.</summary>
internal sealed class Session(int key, long start, long last, int group)
{
    /// <summary>Slot of the key.</summary>
    public int Key { get; } = key;

    /// <summary>Time of its first row; names the session among those of its key.</summary>
    public long Start { get; } = start;

    /// <summary>Time of its last row.</summary>
    public long Last { get; set; } = last;

    /// <summary>Slot of its aggregates.</summary>
    public int Group { get; } = group;

    /// <summary>Its result was given.</summary>
    public bool IsGiven { get; set; }

    /// <summary>It became part of another session, or was forgotten.</summary>
    public bool IsGone { get; set; }
}
