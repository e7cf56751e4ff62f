namespace RealTimeMesh.ChangeCapture;

/// <summary>One change, or with <see cref="ChangeOperation.Progress"/> a position that has been reached.</summary>
/// <param name="Table">Null only with progress.</param>
/// <param name="Lsn">Place of its transaction's commit in the log: orders transactions. Of rows that were read at first, where the log begins to be followed.</param>
/// <param name="Index">Its place among the captured changes of the transaction, from 0; -1 for rows that were read at first.</param>
/// <param name="Transaction">The database's number of the transaction; 0 for rows that were read at first.</param>
/// <param name="CommittedAt">Microseconds since 1970-01-01T00:00:00Z.</param>
/// <param name="Values">Where its values begin in the block.</param>
/// <param name="Position">Only with progress.</param>
public readonly record struct Change(ChangeOperation Operation, ChangeTable? Table, long Lsn, long Index, long Transaction, long CommittedAt, int Values, ChangePosition? Position);

/// <summary>What is known of a value.</summary>
public enum ChangeValue
{
    /// <summary>It has a text.</summary>
    Known,

    /// <summary>It is null.</summary>
    Null,

    /// <summary>It is not told, as of a deleted row whose key alone is known.</summary>
    Absent,

    /// <summary>It did not change and could not be read again, because the row is gone meanwhile.</summary>
    Lost,

    /// <summary>It did not change and was not sent; resolved before the block is handed over.</summary>
    Unchanged,
}

/// <summary>Changes in the order of the log with their values as UTF-8 text; reused. Not thread-safe.</summary>
public sealed class ChangeBlock
{
    private const int RetainedBytes = 4 * 1024 * 1024;

    private readonly List<Change> _changes = [];
    private readonly List<(int Start, int Length)> _values = [];
    private byte[] _text = new byte[64 * 1024];
    private int _length;

    public int Count => _changes.Count;

    /// <summary>Bytes of text.</summary>
    public int Bytes => _length;

    /// <summary>True where a value may be <see cref="ChangeValue.Unchanged"/>.</summary>
    public bool HasUnchanged { get; private set; }

    public Change this[int index] => _changes[index];

    public ChangeValue StateOf(in Change change, int column) => _values[change.Values + column].Length switch
    {
        >= 0 => ChangeValue.Known,
        var code => (ChangeValue)(-code),
    };

    /// <summary>The text of a known value; valid until the block is cleared or written to.</summary>
    public ReadOnlySpan<byte> TextOf(in Change change, int column)
    {
        var (start, length) = _values[change.Values + column];
        return _text.AsSpan(start, Math.Max(length, 0));
    }

    /// <summary>Bytes of text of one change.</summary>
    public long BytesOf(in Change change)
    {
        long bytes = 0;
        for (var i = 0; i < change.Table?.Columns.Count && change.Operation != ChangeOperation.Truncate; i++)
            bytes += Math.Max(_values[change.Values + i].Length, 0);
        return bytes;
    }

    /// <summary>Adds a change; then its values are added, one for each column of its table (none for truncate and progress).</summary>
    public void Add(ChangeOperation operation, ChangeTable? table, long lsn, long index, long transaction, long committedAt, ChangePosition? position = null) =>
        _changes.Add(new Change(operation, table, lsn, index, transaction, committedAt, _values.Count, position));

    public void AddText(ReadOnlySpan<byte> text)
    {
        _values.Add((_length, text.Length));
        text.CopyTo(Room(text.Length));
        _length += text.Length;
    }

    /// <summary>Adds a value without text.</summary>
    public void AddState(ChangeValue state)
    {
        _values.Add((0, -(int)state));
        HasUnchanged |= state == ChangeValue.Unchanged;
    }

    /// <summary>Gives a value that was added before another text.</summary>
    public void Replace(in Change change, int column, ReadOnlySpan<byte> text)
    {
        _values[change.Values + column] = (_length, text.Length);
        text.CopyTo(Room(text.Length));
        _length += text.Length;
    }

    /// <summary>Gives a value that was added before another state.</summary>
    public void Replace(in Change change, int column, ChangeValue state) => _values[change.Values + column] = (0, -(int)state);

    /// <summary>Lets a value be that of another change of this block.</summary>
    public void Copy(in Change from, in Change to, int column) => _values[to.Values + column] = _values[from.Values + column];

    /// <summary>Adds all values of another block's change.</summary>
    public void AddValues(ChangeBlock source, in Change change)
    {
        for (var i = 0; i < change.Table!.Columns.Count; i++)
        {
            if (source.StateOf(change, i) == ChangeValue.Known)
                AddText(source.TextOf(change, i));
            else
                AddState(source.StateOf(change, i));
        }
    }

    public void Clear()
    {
        _changes.Clear();
        _values.Clear();
        _length = 0;
        HasUnchanged = false;
        if (_text.Length > RetainedBytes)
            _text = new byte[64 * 1024];
    }

    private Span<byte> Room(int length)
    {
        if (_length + length > _text.Length)
            Array.Resize(ref _text, Math.Max(_length + length, (int)Math.Min(_text.Length * 2L, Array.MaxLength)));
        return _text.AsSpan(_length, length);
    }
}
