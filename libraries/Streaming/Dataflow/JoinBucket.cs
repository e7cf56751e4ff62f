using RealTimeMesh.Contracts;

namespace RealTimeMesh.Streaming;

/// <summary>The rows of one side of a join whose times lie in one run, by key.</summary>
internal sealed class JoinBucket(RowSchema schema)
{
    private readonly KeyTable _keys = new();
    private int[] _last = [];
    private int[] _previous = [];
    private int[] _keyOf = [];
    private bool[] _matched = [];

    /// <summary>The rows in the order they came.</summary>
    public DataBatch Rows { get; } = new(schema);

    /// <summary>Rows that the log has.</summary>
    public int Logged { get; set; }

    /// <summary>Rows that the log has and that were matched since.</summary>
    public List<int> NewlyMatched { get; } = [];

    public long Bytes => _keys.Bytes + (Rows.Count * (64L + (16 * schema.Fields.Count)));

    public bool IsMatched(int row) => _matched[row];

    public ReadOnlySpan<byte> KeyOf(int row) => _keyOf[row] < 0 ? [] : _keys.KeyOf(_keyOf[row]);

    /// <summary>The newest row of a key, or -1; <see cref="Previous"/> leads to the others.</summary>
    public int Last(ReadOnlySpan<byte> key, uint hash)
    {
        var slot = _keys.Find(key, hash);
        return slot < 0 ? -1 : _last[slot];
    }

    public int Previous(int row) => _previous[row];

    /// <summary>Notes the row that was just appended to <see cref="Rows"/>; without a key it matches nothing.</summary>
    public int Add(ReadOnlySpan<byte> key, bool hasKey)
    {
        var row = Rows.Count - 1;
        if (row >= _previous.Length)
        {
            var capacity = Math.Max(16, row * 2);
            Array.Resize(ref _previous, capacity);
            Array.Resize(ref _keyOf, capacity);
            Array.Resize(ref _matched, capacity);
        }

        _keyOf[row] = -1;
        if (!hasKey)
            return row;
        var slot = _keys.FindOrAdd(key, KeyHash.Of(key), out var added);
        if (slot >= _last.Length)
            Array.Resize(ref _last, Math.Max(16, slot * 2));
        _previous[row] = added ? -1 : _last[slot];
        _last[slot] = row;
        _keyOf[row] = slot;
        return row;
    }

    public void Match(int row)
    {
        if (_matched[row])
            return;
        _matched[row] = true;
        if (row < Logged)
            NewlyMatched.Add(row);
    }
}
