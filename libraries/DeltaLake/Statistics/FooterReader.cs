using System.Buffers.Binary;
using System.Numerics;
using System.Text;
using Parquet;
using Parquet.Meta;
using RealTimeMesh.Contracts;
using RowField = RealTimeMesh.Contracts.Field;

namespace RealTimeMesh.DeltaLake;

/// <summary>Describes a Parquet file from its footer, without reading rows.</summary>
internal static class FooterReader
{
    private static readonly UTF8Encoding s_strictUtf8 = new(false, throwOnInvalidBytes: true);

    public static async Task<AddFile> DescribeAsync(string table, string relativePath, RowSchema schema, IReadOnlyDictionary<string, string?> partitionValues, CancellationToken cancellationToken)
    {
        var path = Path.Combine(table, relativePath);
        DurableFiles.FlushFile(path);
        await using var reader = await ParquetReader.CreateAsync(path, null, cancellationToken);
        var metadata = reader.Metadata ?? throw new DeltaException(table, $"file '{relativePath}' has no Parquet footer.");
        var elements = FlatColumns(metadata.Schema);
        List<ColumnStatistics> columns = [];
        foreach (var field in schema.Fields)
        {
            if (partitionValues.ContainsKey(field.Name))
                continue;
            if (!elements.TryGetValue(field.Name, out var column))
            {
                if (columns.Count < StatisticsJson.IndexedColumns)
                    columns.Add(new ColumnStatistics(field.Name) { NullCount = metadata.NumRows });
                continue;
            }

            CheckType(table, relativePath, field, column.Element);
            if (columns.Count < StatisticsJson.IndexedColumns)
                columns.Add(Column(field, column.Element, [.. metadata.RowGroups.Select(group => group.Columns[column.Chunk].MetaData)]));
        }

        var info = new FileInfo(path);
        var stats = StatisticsJson.Write(metadata.NumRows, columns);
        return new AddFile(relativePath.Replace('\\', '/'), partitionValues, info.Length, new DateTimeOffset(info.LastWriteTimeUtc).ToUnixTimeMilliseconds(), true, metadata.NumRows, stats);
    }

    /// <summary>Columns that are not nested, with the number of their column chunk: the leaves of the schema in its order.</summary>
    private static Dictionary<string, (SchemaElement Element, int Chunk)> FlatColumns(IReadOnlyList<SchemaElement> schema)
    {
        var result = new Dictionary<string, (SchemaElement, int)>(StringComparer.Ordinal);
        var (at, chunk) = (1, 0);
        for (var i = 0; i < (schema[0].NumChildren ?? 0); i++)
        {
            if (schema[at].NumChildren is null or 0)
                result[schema[at].Name] = (schema[at], chunk);
            Skip();
        }

        return result;

        void Skip()
        {
            var children = schema[at++].NumChildren ?? 0;
            if (children == 0)
                chunk++;
            for (var i = 0; i < children; i++)
                Skip();
        }
    }

    private static void CheckType(string table, string path, RowField field, SchemaElement element)
    {
        var (expected, matches) = field.Type switch
        {
            FieldType.Boolean => ("BOOLEAN", element.Type == Parquet.Meta.Type.BOOLEAN),
            FieldType.Int32 => ("INT32", element.Type == Parquet.Meta.Type.INT32 && element.LogicalType?.DATE is null),
            FieldType.Int64 => ("INT64", element.Type == Parquet.Meta.Type.INT64 && element.LogicalType?.TIMESTAMP is null),
            FieldType.Float32 => ("FLOAT", element.Type == Parquet.Meta.Type.FLOAT),
            FieldType.Float64 => ("DOUBLE", element.Type == Parquet.Meta.Type.DOUBLE),
            FieldType.String or FieldType.Bytes => ("BYTE_ARRAY", element.Type == Parquet.Meta.Type.BYTE_ARRAY),
            FieldType.Date => ("INT32 DATE", element.Type == Parquet.Meta.Type.INT32 && (element.LogicalType?.DATE is not null || element.ConvertedType == ConvertedType.DATE)),
            FieldType.Timestamp => ("INT64 TIMESTAMP in microseconds, adjusted to UTC (in DuckDB: TIMESTAMPTZ)", element.Type == Parquet.Meta.Type.INT64 && element.LogicalType?.TIMESTAMP is { IsAdjustedToUTC: true, Unit.MICROS: not null }),
            _ => ($"DECIMAL({field.Precision},{field.Scale})", element.Precision == field.Precision && (element.Scale ?? 0) == field.Scale),
        };
        if (!matches)
            throw new DeltaException(table, $"file '{path}', column '{field.Name}': found Parquet {element.Type} {element.ConvertedType}{(element.LogicalType?.TIMESTAMP is { } stamp ? $" TIMESTAMP adjusted to UTC: {stamp.IsAdjustedToUTC}" : "")}; expected {expected}; cast the column before it is written.");
    }

    private static ColumnStatistics Column(RowField field, SchemaElement element, IReadOnlyList<ColumnMetaData?> chunks)
    {
        var result = new ColumnStatistics(field.Name);
        byte[]? least = null, greatest = null;
        var bounded = true;
        foreach (var chunk in chunks)
        {
            if (chunk is null)
                return new ColumnStatistics(field.Name) { NullCount = -1 };
            var statistics = chunk.Statistics;
            if (statistics?.NullCount is { } nulls && result.NullCount >= 0)
                result.NullCount += nulls;
            else
                result.NullCount = -1;
            if (statistics?.NullCount == chunk.NumValues)
                continue;
            if (statistics?.MinValue is not { } min || statistics.MaxValue is not { } max)
            {
                bounded = false;
                continue;
            }

            least = least is null || Compare(field, element, min, least) < 0 ? min : least;
            greatest = greatest is null || Compare(field, element, max, greatest) > 0 ? max : greatest;
        }

        if (bounded && least is not null && greatest is not null)
            Set(result, field, element, least, greatest);
        return result;
    }

    private static int Compare(RowField field, SchemaElement element, byte[] a, byte[] b) => field.Type switch
    {
        FieldType.Float32 => BitConverter.ToSingle(a).CompareTo(BitConverter.ToSingle(b)),
        FieldType.Float64 => BitConverter.ToDouble(a).CompareTo(BitConverter.ToDouble(b)),
        FieldType.String or FieldType.Bytes or FieldType.Boolean => a.AsSpan().SequenceCompareTo(b),
        _ => Integer(element, a).CompareTo(Integer(element, b)),
    };

    private static void Set(ColumnStatistics result, RowField field, SchemaElement element, byte[] min, byte[] max)
    {
        switch (field.Type)
        {
            case FieldType.Int32 or FieldType.Int64:
                result.SetLongs((long)Integer(element, min), (long)Integer(element, max));
                break;
            case FieldType.Date when Days(min) && Days(max):
                result.SetDates((long)Integer(element, min), (long)Integer(element, max));
                break;
            case FieldType.Timestamp when Micros(min) && Micros(max):
                result.SetTimestamps((long)Integer(element, min), (long)Integer(element, max));
                break;
            case FieldType.Float32:
                result.SetDoubles(BitConverter.ToSingle(min), BitConverter.ToSingle(max));
                break;
            case FieldType.Float64:
                result.SetDoubles(BitConverter.ToDouble(min), BitConverter.ToDouble(max));
                break;
            case FieldType.Decimal when Integer(element, min) is var low && Integer(element, max) is var high && BigInteger.Abs(low) < s_decimalLimit && BigInteger.Abs(high) < s_decimalLimit && field.Scale <= 28:
                result.SetDecimals(Decimal(low, field.Scale), Decimal(high, field.Scale));
                break;
            case FieldType.String:
                try
                {
                    result.SetStrings(s_strictUtf8.GetString(min), s_strictUtf8.GetString(max));
                }
                catch (DecoderFallbackException)
                {
                    // A bound that the writer cut inside a character is left out.
                }

                break;
            default:
                break;
        }

        bool Days(byte[] value) => Integer(element, value) is var days && days >= -719_162 && days <= 2_932_896;
        bool Micros(byte[] value) => Integer(element, value) is var micros && micros >= -62_135_596_800_000_000 && micros <= 253_402_300_799_999_999;
    }

    private static readonly BigInteger s_decimalLimit = BigInteger.Pow(10, 28);

    private static decimal Decimal(BigInteger unscaled, int scale)
    {
        var magnitude = BigInteger.Abs(unscaled);
        Span<byte> bytes = stackalloc byte[16];
        bytes.Clear();
        magnitude.TryWriteBytes(bytes, out _, isUnsigned: true);
        return new decimal(BinaryPrimitives.ReadInt32LittleEndian(bytes), BinaryPrimitives.ReadInt32LittleEndian(bytes[4..]), BinaryPrimitives.ReadInt32LittleEndian(bytes[8..]), unscaled.Sign < 0, (byte)scale);
    }

    /// <summary>Plain encoding: integers little-endian, decimals in byte arrays big-endian.</summary>
    private static BigInteger Integer(SchemaElement element, byte[] value) => element.Type switch
    {
        Parquet.Meta.Type.INT32 => BinaryPrimitives.ReadInt32LittleEndian(value),
        Parquet.Meta.Type.INT64 => BinaryPrimitives.ReadInt64LittleEndian(value),
        _ => new BigInteger(value, isUnsigned: false, isBigEndian: true),
    };
}
