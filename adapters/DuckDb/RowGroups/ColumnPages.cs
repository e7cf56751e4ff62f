using RealTimeMesh.DeltaLake.Thrift;

namespace RealTimeMesh.DuckDb.RowGroups;

/// <summary>The pages of one column in a row group (parquet-format, <c>ColumnChunk</c>).</summary>
/// <param name="Start">Where the first page begins in the file.</param>
/// <param name="Length">Bytes of all pages.</param>
/// <param name="Values">Values in the data pages, nulls too.</param>
internal sealed record ColumnPages(ThriftStruct Metadata, long Start, long Length, long Values)
{
    private const short PathId = 1, OffsetId = 2, MetadataId = 3, FirstIndexId = 4, LastIndexId = 7, CryptoId = 8, EncryptedId = 9;
    private const short ValuesId = 5, LengthId = 7, DataOffsetId = 9, IndexOffsetId = 10, DictionaryOffsetId = 11, BloomOffsetId = 14, BloomLengthId = 15;

    /// <summary>Where the Bloom filter lies, and its bytes; null for none.</summary>
    public (long Start, int Length)? Bloom { get; private init; }

    public static ColumnPages? TryRead(ThriftStruct metadata, long dataEnd)
    {
        if (metadata.Has(PathId) || metadata.Has(CryptoId) || metadata.Has(EncryptedId) || metadata.Struct(MetadataId) is not { } inner || inner.Has(IndexOffsetId))
            return null;
        if (inner.Integer(ValuesId) is not { } values || inner.Integer(LengthId) is not { } length || inner.Integer(DataOffsetId) is not { } start)
            return null;
        // Some writers say 0 where there is no dictionary.
        if (inner.Integer(DictionaryOffsetId) is > 0 and var dictionary)
            start = Math.Min(start, dictionary);
        if (start < 4 || length <= 0 || length > dataEnd - start)
            return null;
        var bloom = inner.Integer(BloomOffsetId) is >= 4 and var at && inner.Integer(BloomLengthId) is > 0 and <= 256 << 20 and var size && size <= dataEnd - at ? (at, (int)size) : ((long, int)?)null;
        return new ColumnPages(metadata, start, length, values) { Bloom = bloom };
    }

    /// <summary>The metadata for pages at another place. Page indexes, which are optional, are left behind.</summary>
    /// <param name="bloom">Where the Bloom filter lies there; null to go without.</param>
    public ThriftStruct At(long start, long? bloom)
    {
        var result = Metadata.Copy();
        var shift = start - Start;
        for (var id = FirstIndexId; id <= LastIndexId; id++)
            result.Remove(id);
        // Deprecated: writers differ in what they put here, most a zero.
        if (result.Integer(OffsetId) is > 0 and var offset)
            result.Replace(OffsetId, offset + shift);
        var inner = result.Struct(MetadataId)!;
        inner.Replace(DataOffsetId, inner.Integer(DataOffsetId)!.Value + shift);
        if (inner.Integer(DictionaryOffsetId) is > 0 and var dictionary)
            inner.Replace(DictionaryOffsetId, dictionary + shift);
        if (bloom is { } at)
        {
            inner.Replace(BloomOffsetId, at);
        }
        else
        {
            inner.Remove(BloomOffsetId);
            inner.Remove(BloomLengthId);
        }

        result.Replace(MetadataId, inner);
        return result;
    }
}
