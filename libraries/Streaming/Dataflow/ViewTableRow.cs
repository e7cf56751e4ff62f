namespace RealTimeMesh.Streaming;

/// <summary>A result of a view that readers may ask for.</summary>
/// <param name="key">Text of its key.</param>
/// <param name="start">Start of its window, microseconds.</param>
internal sealed class ViewTableRow(string key, long start)
{
    public string Key { get; } = key;

    public long Start { get; } = start;

    public long End { get; set; }

    /// <summary>Properties of its columns, as they stand in a JSON object.</summary>
    public byte[] Columns { get; set; } = [];

    /// <summary>It was given a first result, which may have no columns besides the key.</summary>
    public bool IsSet { get; set; }

    /// <summary>No event changes it any more.</summary>
    public bool IsFinal { get; set; }

    public bool IsDirty { get; set; }

    public bool IsGone { get; set; }
}
