using RealTimeMesh.Contracts;

namespace RealTimeMesh.Streaming;

/// <summary>Rows that come and go, each under a dense number (its slot) that is given out again. No object for a row. Not thread-safe.</summary>
internal sealed class RowStore(RowSchema schema)
{
    private readonly DataBatch _loaded = new(schema);
    private DataBatch _rows = new(schema);
    private DataBatch _spare = new(schema);
    private int[] _rowOf = [];
    private int[] _slotOf = [];
    private int _firstFree = -1;

    /// <summary>Rows held.</summary>
    public int Count { get; private set; }

    /// <summary>One more than the highest slot ever given out.</summary>
    public int SlotEnd { get; private set; }

    /// <summary>Where the rows are, each at <see cref="RowOf"/>; rows move when others are added.</summary>
    public ColumnBatch Rows => _rows.Rows;

    public long Bytes => (_rows.Count * (28L + (16 * schema.Fields.Count))) + (4L * (_rowOf.Length + _slotOf.Length));

    public int RowOf(int slot) => _rowOf[slot];

    public bool IsUsed(int slot) => _rowOf[slot] >= 0;

    public long TimeOf(int slot) => _rows.Times[_rowOf[slot]];

    public long PlaceOf(int slot) => _rows.Places[_rowOf[slot]];

    /// <summary>Takes a copy of a row.</summary>
    public int Add(DataBatch batch, int row)
    {
        if (_rows.Count > 1024 && _rows.Count > Count * 2)
            Compact();
        var own = _rows.Count;
        for (var i = 0; i < _rows.Rows.Columns.Count; i++)
            _rows.Rows.Columns[i].AppendFrom(batch.Rows.Columns[i], row);
        _rows.Complete(batch.Times[row], DataBatch.NoTime, batch.Places[row]);
        var slot = NewSlot();
        _rowOf[slot] = own;
        if (own >= _slotOf.Length)
            Array.Resize(ref _slotOf, Math.Max(64, own * 2));
        _slotOf[own] = slot;
        Count++;
        return slot;
    }

    public void Remove(int slot)
    {
        _slotOf[_rowOf[slot]] = -1;
        _rowOf[slot] = -2 - _firstFree;
        _firstFree = slot;
        Count--;
        if (Count == 0)
            _rows.Clear();
    }

    /// <summary>Writes time, place and values of a row.</summary>
    public void Save(BlobWriter blob, int slot)
    {
        var row = _rowOf[slot];
        blob.Signed(_rows.Times[row]);
        blob.Signed(_rows.Places[row]);
        RowCodec.Write(blob, _rows.Rows, row);
    }

    /// <summary>Adds a row that was saved.</summary>
    public int Load(ref BlobReader blob)
    {
        var (time, place) = (blob.Signed(), blob.Signed());
        _loaded.Clear();
        RowCodec.Read(ref blob, _loaded.Rows);
        _loaded.Complete(time, DataBatch.NoTime, place);
        return Add(_loaded, 0);
    }

    private int NewSlot()
    {
        if (_firstFree >= 0)
        {
            var free = _firstFree;
            _firstFree = -2 - _rowOf[free];
            return free;
        }

        if (SlotEnd == _rowOf.Length)
            Array.Resize(ref _rowOf, Math.Max(64, SlotEnd * 2));
        return SlotEnd++;
    }

    private void Compact()
    {
        var kept = new int[Count];
        var count = 0;
        for (var row = 0; row < _rows.Count; row++)
        {
            var slot = _slotOf[row];
            if (slot < 0)
                continue;
            _rowOf[slot] = count;
            _slotOf[count] = slot;
            kept[count++] = row;
        }

        _spare.Clear();
        for (var i = 0; i < _rows.Rows.Columns.Count; i++)
            _spare.Rows.Columns[i].AppendRows(_rows.Rows.Columns[i], kept);
        _spare.CompleteFrom(_rows, kept);
        (_rows, _spare) = (_spare, _rows);
    }
}
