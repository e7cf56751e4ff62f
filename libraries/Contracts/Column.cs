namespace RealTimeMesh.Contracts;

/// <summary>
/// One column of a <see cref="ColumnBatch"/>: growable values with nulls. Columns are reused between batches
/// (<see cref="Clear"/>), so that the hot path allocates nothing once it is warm. Not thread-safe.
/// </summary>
public abstract class Column(Field field)
{
    private bool[] _nulls = [];

    public Field Field { get; } = field;

    /// <summary>Number of rows.</summary>
    public int Count { get; private set; }

    /// <summary>Number of null rows.</summary>
    public int NullCount { get; private set; }

    public bool IsNull(int row) => _nulls[row];

    /// <summary>Which rows are null; valid until the next append or clear.</summary>
    public ReadOnlySpan<bool> Nulls => _nulls.AsSpan(0, Count);

    /// <summary>The value boxed (bool, long, double, string, byte[], decimal), or null. For previews and errors, not for hot paths.</summary>
    public abstract object? GetValue(int row);

    public void AppendNull()
    {
        Grow(isNull: true);
        NullCount++;
    }

    /// <summary>Appends one row of another column of the same kind.</summary>
    public abstract void AppendFrom(Column source, int row);

    /// <summary>Appends rows of another column of the same kind, in the order given.</summary>
    public abstract void AppendRows(Column source, ReadOnlySpan<int> rows);

    /// <summary>Forgets the rows from <paramref name="count"/> on; used to take back a half-written row.</summary>
    public void Truncate(int count)
    {
        for (var i = count; i < Count; i++)
        {
            if (_nulls[i])
                NullCount--;
        }

        Count = Math.Min(Count, count);
    }

    public void Clear()
    {
        Count = 0;
        NullCount = 0;
    }

    /// <summary>A column for a field, by its type.</summary>
    public static Column Create(Field field) => field.Type switch
    {
        FieldType.Boolean => new BooleanColumn(field),
        FieldType.Int32 or FieldType.Int64 or FieldType.Date or FieldType.Timestamp => new Int64Column(field),
        FieldType.Float32 or FieldType.Float64 => new Float64Column(field),
        FieldType.String => new StringColumn(field),
        FieldType.Bytes => new BytesColumn(field),
        FieldType.Decimal => new DecimalColumn(field),
        _ => throw new RealTimeMeshException($"field '{field.Name}': type {field.Type} has no column"),
    };

    protected abstract void Resize(int capacity);

    /// <summary>Makes room for one more row and returns its index.</summary>
    protected int Grow(bool isNull = false)
    {
        if (Count == _nulls.Length)
        {
            var capacity = Math.Max(64, Count * 2);
            Array.Resize(ref _nulls, capacity);
            Resize(capacity);
        }

        _nulls[Count] = isNull;
        return Count++;
    }

    /// <summary>Makes room for rows, null where <paramref name="nulls"/> says so of the row's number, and returns the index of the first.</summary>
    protected int GrowBy(ReadOnlySpan<int> rows, ReadOnlySpan<bool> nulls)
    {
        var first = Count;
        if (_nulls.Length - first < rows.Length)
        {
            var capacity = Math.Max(64, Math.Max(first * 2, first + rows.Length));
            Array.Resize(ref _nulls, capacity);
            Resize(capacity);
        }

        var own = _nulls.AsSpan(first, rows.Length);
        for (var i = 0; i < rows.Length; i++)
        {
            own[i] = nulls[rows[i]];
            NullCount += own[i] ? 1 : 0;
        }

        Count += rows.Length;
        return first;
    }
}
