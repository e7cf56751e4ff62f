namespace RealTimeMesh.Contracts;

/// <summary>Rows held by column: what decoders fill, expressions and windows read, and Parquet writers write. Reused by <see cref="Clear"/>.</summary>
public sealed class ColumnBatch
{
    public ColumnBatch(RowSchema schema)
    {
        Schema = schema;
        ColumnArray = [.. schema.Fields.Select(Column.Create)];
    }

    public RowSchema Schema { get; }

    /// <summary>One column per field, in the schema's order.</summary>
    public IReadOnlyList<Column> Columns => ColumnArray;

    /// <summary>Number of complete rows.</summary>
    public int Count => ColumnArray.Length == 0 ? 0 : ColumnArray[^1].Count;

    /// <summary>The same columns without the interface, for codecs that touch them once per value.</summary>
    internal Column[] ColumnArray { get; }

    /// <summary>The column of a field by name; null where there is none.</summary>
    public Column? Find(string name) => Schema.IndexOf(name) is >= 0 and var i ? Columns[i] : null;

    /// <summary>Takes back every row from <paramref name="count"/> on, half-written ones too.</summary>
    public void Truncate(int count)
    {
        foreach (var column in Columns)
            column.Truncate(count);
    }

    public void Clear()
    {
        foreach (var column in Columns)
            column.Clear();
    }
}
