using System.Buffers;
using System.Buffers.Binary;
using Microsoft.Win32.SafeHandles;
using RealTimeMesh.DeltaLake.Thrift;

namespace RealTimeMesh.DuckDb.RowGroups;

/// <summary>
/// Writes a Parquet file of row groups of others: their bytes as they are, under a footer with their new places. A row group costs as
/// much as its bytes, not as decoding and encoding its rows.
/// </summary>
internal static class RowGroupCopy
{
    private const int BufferBytes = 1 << 20;

    /// <summary>The groups of alike files (<see cref="ParquetFooter.IsAlike"/>), in this order. The file must not exist.</summary>
    public static void Write(string path, IReadOnlyList<(ParquetFooter File, IReadOnlyList<RowGroup> Groups)> parts, CancellationToken cancellationToken)
    {
        using var output = File.OpenHandle(path, FileMode.CreateNew, FileAccess.Write);
        RandomAccess.Write(output, "PAR1"u8, 0);
        long position = 4, rows = 0;
        List<ThriftStruct> groups = [];
        foreach (var (footer, chosen) in parts)
        {
            using var input = File.OpenHandle(footer.Path, options: FileOptions.SequentialScan);
            foreach (var group in chosen)
            {
                groups.Add(CopyGroup(input, group, output, ref position, groups.Count, cancellationToken));
                rows += group.Rows;
            }
        }

        WriteFooter(output, position, parts[0].File.With(groups, rows));
    }

    /// <summary>Pages side by side, then the Bloom filters.</summary>
    private static ThriftStruct CopyGroup(SafeFileHandle input, RowGroup group, SafeFileHandle output, ref long position, int ordinal, CancellationToken cancellationToken)
    {
        var start = position;
        var places = new long[group.Columns.Count];
        for (var i = 0; i < places.Length; i++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            places[i] = position;
            position = Copy(input, group.Columns[i].Start, group.Columns[i].Length, output, position);
        }

        List<ThriftStruct> columns = [];
        foreach (var (column, place) in group.Columns.Zip(places))
        {
            long? bloom = null;
            if (column.Bloom is var (from, length))
            {
                bloom = position;
                position = Copy(input, from, length, output, position);
            }

            columns.Add(column.At(place, bloom));
        }

        return group.At(start, ordinal, columns);
    }

    private static void WriteFooter(SafeFileHandle output, long position, ThriftStruct metadata)
    {
        var footer = new ArrayBufferWriter<byte>();
        metadata.Write(footer);
        var size = footer.WrittenCount;
        BinaryPrimitives.WriteInt32LittleEndian(footer.GetSpan(4), size);
        footer.Advance(4);
        footer.Write("PAR1"u8);
        RandomAccess.Write(output, footer.WrittenSpan, position);
    }

    private static long Copy(SafeFileHandle input, long from, long length, SafeFileHandle output, long to)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(BufferBytes);
        try
        {
            while (length > 0)
            {
                var read = RandomAccess.Read(input, buffer.AsSpan(0, (int)Math.Min(length, buffer.Length)), from);
                if (read == 0)
                    throw new EndOfStreamException("a Parquet file ended before its footer's row groups did; expected a file that nobody changes");
                RandomAccess.Write(output, buffer.AsSpan(0, read), to);
                (from, to, length) = (from + read, to + read, length - read);
            }

            return to;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }
}
