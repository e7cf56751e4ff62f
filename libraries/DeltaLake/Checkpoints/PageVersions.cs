using System.Buffers;
using System.Buffers.Binary;
using RealTimeMesh.DeltaLake.Thrift;

namespace RealTimeMesh.DeltaLake;

/// <summary>
/// Writes a Parquet file whose data pages are of version 2, which Parquet.Net does not read, with pages of version 1: the same levels and
/// values, uncompressed, under new page headers and a footer that tells their new places (parquet-format, <c>parquet.thrift</c>).
/// </summary>
internal static class PageVersions
{
    private const int DataPage = 0, DictionaryPage = 2, DataPageV2 = 3, RleEncoding = 3;

    // Numbers of fields: FileMetaData, RowGroup, ColumnChunk.
    private const short RowGroupsId = 4, ColumnsId = 1, GroupOffsetId = 5, GroupLengthId = 6, ChunkOffsetId = 2, MetadataId = 3, FirstIndexId = 4, LastIndexId = 7;

    // ColumnMetaData.
    private const short CodecId = 4, UncompressedLengthId = 6, LengthId = 7, DataOffsetId = 9, DictionaryOffsetId = 11, BloomOffsetId = 14, BloomLengthId = 15;

    // PageHeader.
    private const short TypeId = 1, UncompressedSizeId = 2, SizeId = 3, DataPageId = 5, DictionaryPageId = 7, DataPageV2Id = 8;

    /// <summary>The file with pages of version 1; faults where it is not what the format says.</summary>
    public static byte[] Lower(ReadOnlyMemory<byte> file)
    {
        var size = BinaryPrimitives.ReadInt32LittleEndian(file.Span[^8..]);
        var footer = ThriftStruct.Read(file[^(8 + size)..^8]);
        var leaves = LevelsOf(footer);
        var output = new ArrayBufferWriter<byte>(file.Length * 2);
        output.Write("PAR1"u8);
        List<ThriftStruct> groups = [];
        foreach (var group in footer.Structs(RowGroupsId))
        {
            var start = output.WrittenCount;
            IReadOnlyList<ThriftStruct> columns = [.. group.Structs(ColumnsId).Select((chunk, i) => Lower(file, chunk, leaves[i], output))];
            group.Replace(ColumnsId, columns);
            group.Replace(GroupOffsetId, start);
            group.Replace(GroupLengthId, output.WrittenCount - start);
            groups.Add(group);
        }

        footer.Replace(RowGroupsId, groups);
        var end = output.WrittenCount;
        footer.Write(output);
        BinaryPrimitives.WriteInt32LittleEndian(output.GetSpan(4), output.WrittenCount - end);
        output.Advance(4);
        output.Write("PAR1"u8);
        return output.WrittenSpan.ToArray();
    }

    private static ThriftStruct Lower(ReadOnlyMemory<byte> file, ThriftStruct chunk, (bool Repeats, bool MayLack) leaf, ArrayBufferWriter<byte> output)
    {
        var metadata = chunk.Struct(MetadataId) ?? throw new InvalidDataException("a column chunk has no metadata in the footer");
        var codec = metadata.Integer(CodecId) ?? 0;
        var at = Math.Min(metadata.Integer(DataOffsetId)!.Value, metadata.Integer(DictionaryOffsetId) is > 0 and var dictionary ? dictionary : long.MaxValue);
        var end = at + metadata.Integer(LengthId)!.Value;
        long start = output.WrittenCount, data = -1, dictionaryAt = -1;
        while (at < end)
        {
            var header = ThriftStruct.Read(file[(int)at..(int)end], out var length);
            var body = file.Slice((int)at + length, (int)header.Integer(SizeId)!.Value);
            at += length + body.Length;
            switch (header.Integer(TypeId))
            {
                case DictionaryPage:
                    dictionaryAt = output.WrittenCount;
                    WritePage(output, DictionaryPage, DictionaryPageId, header.Raw(DictionaryPageId), PageCodec.Decompress(codec, body, (int)header.Integer(UncompressedSizeId)!.Value));
                    break;
                case DataPage:
                    data = data < 0 ? output.WrittenCount : data;
                    WritePage(output, DataPage, DataPageId, header.Raw(DataPageId), PageCodec.Decompress(codec, body, (int)header.Integer(UncompressedSizeId)!.Value));
                    break;
                case DataPageV2:
                    data = data < 0 ? output.WrittenCount : data;
                    LowerPage(output, header, codec, body, leaf);
                    break;
                default:
                    // Others may be passed over.
                    break;
            }
        }

        metadata.Replace(CodecId, 0);
        metadata.Replace(UncompressedLengthId, output.WrittenCount - start);
        metadata.Replace(LengthId, output.WrittenCount - start);
        metadata.Replace(DataOffsetId, data);
        metadata.Replace(DictionaryOffsetId, dictionaryAt);
        foreach (var id in dictionaryAt < 0 ? [BloomOffsetId, BloomLengthId, DictionaryOffsetId] : new[] { BloomOffsetId, BloomLengthId })
            metadata.Remove(id);
        for (var id = FirstIndexId; id <= LastIndexId; id++)
            chunk.Remove(id);
        chunk.Replace(ChunkOffsetId, start);
        chunk.Replace(MetadataId, metadata);
        return chunk;
    }

    /// <summary>Version 2 keeps the levels apart from the values, uncompressed and without their lengths.</summary>
    private static void LowerPage(ArrayBufferWriter<byte> output, ThriftStruct header, long codec, ReadOnlyMemory<byte> body, (bool Repeats, bool MayLack) leaf)
    {
        var page = header.Struct(DataPageV2Id) ?? throw new InvalidDataException("a data page has no header of its version");
        var (lack, repeat) = ((int)page.Integer(5)!.Value, (int)page.Integer(6)!.Value);
        var content = body[(lack + repeat)..];
        var values = page.Flag(7) ?? true
            ? PageCodec.Decompress(content.Length == 0 ? 0 : codec, content, content.Length == 0 ? 0 : (int)header.Integer(UncompressedSizeId)!.Value - lack - repeat)
            : content.ToArray();
        var lowered = new ArrayBufferWriter<byte>(body.Length + values.Length + 8);
        if (leaf.Repeats)
            WriteLevels(lowered, body.Span[..repeat]);
        if (leaf.MayLack)
            WriteLevels(lowered, body.Span.Slice(repeat, lack));
        lowered.Write(values);
        var head = new ArrayBufferWriter<byte>(32);
        Field(head, 0, 1, page.Integer(1)!.Value);
        Field(head, 1, 2, page.Integer(4)!.Value);
        Field(head, 2, 3, RleEncoding);
        Field(head, 3, 4, RleEncoding);
        head.Write([(byte)ThriftType.Stop]);
        WritePage(output, DataPage, DataPageId, head.WrittenMemory, lowered.WrittenSpan);
    }

    private static void WriteLevels(ArrayBufferWriter<byte> output, ReadOnlySpan<byte> levels)
    {
        BinaryPrimitives.WriteInt32LittleEndian(output.GetSpan(4), levels.Length);
        output.Advance(4);
        output.Write(levels);
    }

    private static void WritePage(ArrayBufferWriter<byte> output, int type, short headerId, ReadOnlyMemory<byte> header, ReadOnlySpan<byte> body)
    {
        Field(output, 0, TypeId, type);
        Field(output, TypeId, UncompressedSizeId, body.Length);
        Field(output, UncompressedSizeId, SizeId, body.Length);
        ThriftWriter.WriteField(output, SizeId, headerId, ThriftType.Struct);
        output.Write(header.Span);
        output.Write([(byte)ThriftType.Stop]);
        output.Write(body);
    }

    private static void Field(ArrayBufferWriter<byte> output, short last, short id, long value)
    {
        ThriftWriter.WriteField(output, last, id, ThriftType.Int32);
        ThriftWriter.WriteInteger(output, value);
    }

    /// <summary>For each leaf of the schema whether it has repetition levels and definition levels.</summary>
    private static List<(bool Repeats, bool MayLack)> LevelsOf(ThriftStruct footer)
    {
        const short SchemaId = 2, RepetitionId = 3, ChildrenId = 5;
        const int Required = 0, Repeated = 2;
        var elements = footer.Structs(SchemaId);
        List<(bool, bool)> leaves = [];
        var at = 0;
        Visit(false, false, isRoot: true);
        return leaves;

        void Visit(bool repeats, bool mayLack, bool isRoot)
        {
            var element = elements[at++];
            if (!isRoot)
                (repeats, mayLack) = (repeats || element.Integer(RepetitionId) == Repeated, mayLack || (element.Integer(RepetitionId) ?? Required) != Required);
            var children = element.Integer(ChildrenId) ?? 0;
            if (children == 0 && !isRoot)
                leaves.Add((repeats, mayLack));
            for (var i = 0; i < children; i++)
                Visit(repeats, mayLack, isRoot: false);
        }
    }
}
