namespace RealTimeMesh.DeltaLake;

/// <summary>
/// The files of a table as the log is replayed. Appends only lengthen the arrays that snapshots look at, so a snapshot after an append
/// costs nothing in the number of files; a removal copies them once, however many files it removes. Not thread-safe.
/// </summary>
internal sealed class LiveFiles
{
    private readonly Dictionary<FileKey, int> _index = [];
    private AddFile?[] _files = [];
    private long[] _addedIn = [];
    private int _length;
    private int _firstHole = int.MaxValue;
    private bool _shared;
    private long _rows;
    private int _withoutRows;

    public int Count => _index.Count;

    /// <summary>Live rows; -1 where a file does not tell.</summary>
    public long Rows => _withoutRows > 0 ? -1 : _rows;

    /// <summary>Sum of the files' sizes.</summary>
    public long Bytes { get; private set; }

    public long DeletionVectors { get; private set; }

    /// <summary>Rows that deletion vectors delete.</summary>
    public long DeletedRows { get; private set; }

    /// <summary>Makes room for files to come.</summary>
    public void Expect(int count)
    {
        if (count <= 16)
            return;
        _index.EnsureCapacity(_index.Count + count);
        if (_length + count > _files.Length)
            Grow(_length + count);
    }

    public void Add(AddFile file, long version)
    {
        if (_index.TryGetValue(file.Key, out var at))
        {
            Unshare();
            Measure(_files[at]!, -1);
            Measure(file, 1);
            (_files[at], _addedIn[at]) = (file, version);
            return;
        }

        if (_length == _files.Length)
            Grow(Math.Max(16, _length * 2));
        (_files[_length], _addedIn[_length]) = (file, version);
        _index[file.Key] = _length++;
        Measure(file, 1);
    }

    public bool Remove(FileKey key)
    {
        if (!_index.Remove(key, out var at))
            return false;
        Unshare();
        Measure(_files[at]!, -1);
        _files[at] = null;
        _firstHole = Math.Min(_firstHole, at);
        return true;
    }

    /// <summary>The files, and for each the version that added it. What is given out never changes.</summary>
    public (IReadOnlyList<AddFile> Files, IReadOnlyList<long> AddedIn) Share()
    {
        Close();
        _shared = true;
        return (new ArraySegment<AddFile>(_files!, 0, _length), new ArraySegment<long>(_addedIn, 0, _length));
    }

    /// <summary>Closes the holes that removals left; the order of the others stays.</summary>
    private void Close()
    {
        if (_firstHole == int.MaxValue)
            return;
        var kept = _firstHole;
        for (var i = _firstHole; i < _length; i++)
        {
            if (_files[i] is not { } file)
                continue;
            (_files[kept], _addedIn[kept]) = (file, _addedIn[i]);
            _index[file.Key] = kept++;
        }

        Array.Clear(_files, kept, _length - kept);
        _length = kept;
        _firstHole = int.MaxValue;
    }

    private void Unshare()
    {
        if (!_shared)
            return;
        _files = _files[..];
        _addedIn = _addedIn[..];
        _shared = false;
    }

    /// <summary>New arrays: snapshots keep the old ones.</summary>
    private void Grow(int length)
    {
        Array.Resize(ref _files, length);
        Array.Resize(ref _addedIn, length);
        _shared = false;
    }

    private void Measure(AddFile file, int sign)
    {
        Bytes += sign * file.Size;
        if (file.DeletionVector is { } vector)
        {
            DeletionVectors += sign;
            DeletedRows += sign * vector.Cardinality;
        }

        if (file.LiveRecords < 0)
            _withoutRows += sign;
        else
            _rows += sign * file.LiveRecords;
    }
}
