namespace RealTimeMesh.Contracts;

/// <summary>A column whose values are of one CLR type. A null row holds a leftover value: ask <see cref="Column.IsNull"/> first.</summary>
public abstract class ValueColumn<T>(Field field) : Column(field)
{
    private T[] _values = [];

    public T this[int row] => _values[row];

    /// <summary>The values of all rows; valid until the next append or clear.</summary>
    public ReadOnlySpan<T> Values => _values.AsSpan(0, Count);

    public void Append(T value)
    {
        // Growing replaces the array, so it comes before the array is read.
        var row = Grow();
        _values[row] = value;
    }

    public override object? GetValue(int row) => IsNull(row) ? null : _values[row];

    public override void AppendFrom(Column source, int row)
    {
        if (source.IsNull(row))
            AppendNull();
        else
            Append(((ValueColumn<T>)source)[row]);
    }

    public override void AppendRows(Column source, ReadOnlySpan<int> rows) => AppendRows(((ValueColumn<T>)source).Values, source.Nulls, rows);

    /// <summary>Appends some of the values given, null where <paramref name="nulls"/> says so.</summary>
    public void AppendRows(ReadOnlySpan<T> values, ReadOnlySpan<bool> nulls, ReadOnlySpan<int> rows)
    {
        var first = GrowBy(rows, nulls);
        var own = _values.AsSpan(first, rows.Length);
        for (var i = 0; i < rows.Length; i++)
            own[i] = values[rows[i]];
    }

    protected override void Resize(int capacity) => Array.Resize(ref _values, capacity);
}

/// <summary>Holds <see cref="FieldType.Boolean"/>.</summary>
public sealed class BooleanColumn(Field field) : ValueColumn<bool>(field);

/// <summary>Holds <see cref="FieldType.Int32"/>, <see cref="FieldType.Int64"/>, <see cref="FieldType.Date"/> (days) and <see cref="FieldType.Timestamp"/> (microseconds).</summary>
public sealed class Int64Column(Field field) : ValueColumn<long>(field);

/// <summary>Holds <see cref="FieldType.Float32"/> and <see cref="FieldType.Float64"/>.</summary>
public sealed class Float64Column(Field field) : ValueColumn<double>(field);

/// <summary>Holds <see cref="FieldType.Bytes"/>.</summary>
public sealed class BytesColumn(Field field) : ValueColumn<byte[]>(field);

/// <summary>Holds <see cref="FieldType.Decimal"/>.</summary>
public sealed class DecimalColumn(Field field) : ValueColumn<decimal>(field);
