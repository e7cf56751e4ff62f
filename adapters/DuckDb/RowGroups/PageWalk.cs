using Microsoft.Win32.SafeHandles;
using RealTimeMesh.DeltaLake.Thrift;

namespace RealTimeMesh.DuckDb.RowGroups;

/// <summary>
/// Goes from page header to page header of a column: only where these fill the bytes that the footer tells of, and have its number of
/// values, is the copy of these bytes the column. (Old versions of parquet-cpp left bytes out of the length, PARQUET-816.)
/// </summary>
internal static class PageWalk
{
    private const int UsualHeader = 512;

    /// <summary>Statistics in a header can hold long texts.</summary>
    private const int LargestHeader = 16 << 20;

    // Numbers of fields in parquet.thrift, PageHeader.
    private const short TypeId = 1, CompressedSizeId = 3, DataPageId = 5, DataPageV2Id = 8, ValuesId = 1;
    private const int DataPage = 0, DictionaryPage = 2, DataPageV2 = 3;

    public static bool Fits(ParquetFooter footer, IEnumerable<RowGroup> groups, CancellationToken cancellationToken)
    {
        using var file = File.OpenHandle(footer.Path);
        foreach (var column in groups.SelectMany(group => group.Columns))
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (!Fits(file, column))
                return false;
        }

        return true;
    }

    private static bool Fits(SafeFileHandle file, ColumnPages column)
    {
        var (position, end, values) = (column.Start, column.Start + column.Length, 0L);
        while (position < end)
        {
            if (ReadHeader(file, position, end) is not var (header, length) || header.Integer(CompressedSizeId) is not (>= 0 and var size) || size > end - position - length)
                return false;
            switch (header.Integer(TypeId))
            {
                case DataPage when header.Struct(DataPageId)?.Integer(ValuesId) is >= 0 and var count:
                    values += count;
                    break;
                case DataPageV2 when header.Struct(DataPageV2Id)?.Integer(ValuesId) is >= 0 and var count:
                    values += count;
                    break;
                case DictionaryPage when position == column.Start:
                    break;
                default:
                    return false;
            }

            position += length + size;
        }

        return values == column.Values;
    }

    private static (ThriftStruct Header, int Length)? ReadHeader(SafeFileHandle file, long position, long end)
    {
        for (var size = UsualHeader; ; size *= 8)
        {
            var bytes = new byte[Math.Min(size, end - position)];
            var read = RandomAccess.Read(file, bytes, position);
            try
            {
                return (ThriftStruct.Read(bytes.AsMemory(0, read), out var length), length);
            }
            catch (ThriftException)
            {
                if (read < size || size > LargestHeader)
                    return null;
            }
        }
    }
}
