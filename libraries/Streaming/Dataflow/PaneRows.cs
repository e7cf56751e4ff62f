namespace RealTimeMesh.Streaming;

/// <summary>The rows of a batch that fall into one pane.</summary>
internal sealed class PaneRows
{
    private int[] _rows = new int[64];

    public int Count { get; private set; }

    public ReadOnlySpan<int> Rows => _rows.AsSpan(0, Count);

    public void Add(int row)
    {
        if (Count == _rows.Length)
            Array.Resize(ref _rows, Count * 2);
        _rows[Count++] = row;
    }

    public void Clear() => Count = 0;
}
