using System.Buffers.Binary;
using Microsoft.Win32.SafeHandles;
using RealTimeMesh.DeltaLake.Thrift;

namespace RealTimeMesh.DuckDb.RowGroups;

/// <summary>The footer of a Parquet file whose row groups can be copied as they are (parquet-format, <c>FileMetaData</c>).</summary>
internal sealed class ParquetFooter
{
    /// <summary>Footers beyond this are not read at all, bytes.</summary>
    private const int Largest = 256 << 20;

    // Numbers of fields in parquet.thrift.
    private const short SchemaId = 2, RowsId = 3, RowGroupsId = 4, CreatedById = 6, ColumnOrdersId = 7, EncryptionId = 8, SigningKeyId = 9;

    private readonly ThriftStruct _metadata;

    private ParquetFooter(string path, long dataEnd, ThriftStruct metadata, IReadOnlyList<RowGroup> groups) => (Path, DataEnd, _metadata, Groups) = (path, dataEnd, metadata, groups);

    public string Path { get; }

    /// <summary>Where the footer begins: data ends before it.</summary>
    public long DataEnd { get; }

    public IReadOnlyList<RowGroup> Groups { get; }

    public long Rows => Groups.Sum(group => group.Rows);

    /// <summary>The footer, or null where the file is not what <see cref="RowGroupCopy"/> can copy: encrypted, parts in other files, or not understood.</summary>
    public static ParquetFooter? TryRead(string path)
    {
        using var file = File.OpenHandle(path);
        var length = RandomAccess.GetLength(file);
        Span<byte> tail = stackalloc byte[8];
        if (length < 12 || RandomAccess.Read(file, tail, length - 8) != 8 || !tail[4..].SequenceEqual("PAR1"u8))
            return null;
        var size = BinaryPrimitives.ReadInt32LittleEndian(tail);
        if (size <= 0 || size > Math.Min(Largest, length - 12))
            return null;
        var bytes = new byte[size];
        if (RandomAccess.Read(file, bytes, length - 8 - size) != size)
            return null;
        try
        {
            return Parse(path, length - 8 - size, ThriftStruct.Read(bytes));
        }
        catch (ThriftException)
        {
            return null;
        }
    }

    /// <summary>Whether groups of both files may stand in one: equal schemas, and one writer, whose faults readers know it by.</summary>
    public bool IsAlike(ParquetFooter other) => new[] { SchemaId, CreatedById, ColumnOrdersId }.All(id => _metadata.Raw(id).Span.SequenceEqual(other._metadata.Raw(id).Span));

    /// <summary>The footer of a file with other groups.</summary>
    public ThriftStruct With(IReadOnlyList<ThriftStruct> groups, long rows)
    {
        var result = _metadata.Copy();
        result.Replace(RowsId, rows);
        result.Replace(RowGroupsId, groups);
        return result;
    }

    private static ParquetFooter? Parse(string path, long dataEnd, ThriftStruct metadata)
    {
        // Without the order of its columns a file's bounds mean nothing (parquet-format, ColumnOrder).
        if (metadata.Has(EncryptionId) || metadata.Has(SigningKeyId) || !metadata.Has(SchemaId) || !metadata.Has(RowsId) || !metadata.Has(RowGroupsId) || !metadata.Has(ColumnOrdersId))
            return null;
        List<RowGroup> groups = [];
        long first = 0;
        foreach (var item in metadata.Structs(RowGroupsId))
        {
            if (RowGroup.TryRead(item, first, dataEnd) is not { } group)
                return null;
            groups.Add(group);
            first += group.Rows;
        }

        return first == metadata.Integer(RowsId) ? new ParquetFooter(path, dataEnd, metadata, groups) : null;
    }
}
