using RealTimeMesh.DeltaLake.Thrift;

namespace RealTimeMesh.DuckDb.RowGroups;

/// <summary>A row group of a file (parquet-format, <c>RowGroup</c>).</summary>
/// <param name="First">Number of its first row in the file.</param>
/// <param name="Bytes">What its column chunks take.</param>
internal sealed record RowGroup(ThriftStruct Metadata, long First, long Rows, long Bytes, IReadOnlyList<ColumnPages> Columns)
{
    private const short ColumnsId = 1, RowsId = 3, OffsetId = 5, OrdinalId = 7;

    public long End => First + Rows;

    public static RowGroup? TryRead(ThriftStruct metadata, long first, long dataEnd)
    {
        if (metadata.Integer(RowsId) is not (>= 0 and var rows))
            return null;
        List<ColumnPages> columns = [];
        foreach (var item in metadata.Structs(ColumnsId))
        {
            if (ColumnPages.TryRead(item, dataEnd) is not { } column)
                return null;
            columns.Add(column);
        }

        return columns.Count == 0 ? null : new RowGroup(metadata, first, rows, columns.Sum(column => column.Length), columns);
    }

    /// <summary>The group's metadata for another place.</summary>
    /// <param name="columns">Those of its columns there.</param>
    public ThriftStruct At(long start, int ordinal, IReadOnlyList<ThriftStruct> columns)
    {
        var result = Metadata.Copy();
        result.Replace(ColumnsId, columns);
        result.Replace(OffsetId, start);
        // A 16-bit number: files with more groups go without.
        if (ordinal <= short.MaxValue)
            result.Replace(OrdinalId, ordinal);
        else
            result.Remove(OrdinalId);
        return result;
    }
}
