using System.Buffers.Binary;
using System.Numerics;
using System.Text;
using Parquet.Meta;
using RealTimeMesh.DeltaLake.Expressions;

namespace RealTimeMesh.DeltaLake;

/// <summary>Statistics of one leaf column from the statistics of its column chunks.</summary>
internal static class FooterBounds
{
    private static readonly UTF8Encoding s_strictUtf8 = new(false, throwOnInvalidBytes: true);

    /// <param name="boundsReals">False where the writer's bounds of reals may leave NaN out.</param>
    public static ColumnStatistics Read(IReadOnlyList<string> path, DeltaType type, SchemaElement element, IEnumerable<ColumnMetaData?> chunks, bool boundsReals)
    {
        var result = new ColumnStatistics(path);
        byte[]? least = null, greatest = null;
        var bounded = boundsReals || type.Kind is not (DeltaTypeKind.Float or DeltaTypeKind.Double);
        foreach (var chunk in chunks)
        {
            if (chunk is null)
                return new ColumnStatistics(path) { NullCount = -1 };
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

            least = least is null || Compare(type, element, min, least) < 0 ? min : least;
            greatest = greatest is null || Compare(type, element, max, greatest) > 0 ? max : greatest;
        }

        if (bounded && least is not null && greatest is not null)
            Set(result, type, element, least, greatest);
        return result;
    }

    private static int Compare(DeltaType type, SchemaElement element, byte[] a, byte[] b) => type.Kind switch
    {
        DeltaTypeKind.Float => Comparisons.Doubles(BitConverter.ToSingle(a), BitConverter.ToSingle(b)),
        DeltaTypeKind.Double => Comparisons.Doubles(BitConverter.ToDouble(a), BitConverter.ToDouble(b)),
        DeltaTypeKind.String or DeltaTypeKind.Binary or DeltaTypeKind.Boolean => a.AsSpan().SequenceCompareTo(b),
        _ => Integer(element, a).CompareTo(Integer(element, b)),
    };

    private static void Set(ColumnStatistics result, DeltaType type, SchemaElement element, byte[] min, byte[] max)
    {
        switch (type.Kind)
        {
            case DeltaTypeKind.Byte or DeltaTypeKind.Short or DeltaTypeKind.Integer or DeltaTypeKind.Long:
                result.SetLongs((long)Integer(element, min), (long)Integer(element, max));
                break;
            case DeltaTypeKind.Date when IsDay(min) && IsDay(max):
                result.SetDates((long)Integer(element, min), (long)Integer(element, max));
                break;
            case DeltaTypeKind.Timestamp or DeltaTypeKind.TimestampNtz when IsMoment(min) && IsMoment(max):
                result.SetTimestamps((long)Integer(element, min), (long)Integer(element, max), type.Kind == DeltaTypeKind.Timestamp);
                break;
            case DeltaTypeKind.Float:
                result.SetDoubles(BitConverter.ToSingle(min), BitConverter.ToSingle(max));
                break;
            case DeltaTypeKind.Double:
                result.SetDoubles(BitConverter.ToDouble(min), BitConverter.ToDouble(max));
                break;
            case DeltaTypeKind.Decimal:
                var scale = ((DecimalType)type).Scale;
                result.SetDecimals(new ExactDecimal(Integer(element, min), scale), new ExactDecimal(Integer(element, max), scale));
                break;
            case DeltaTypeKind.String:
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

        bool IsDay(byte[] value) => Integer(element, value) is var days && days >= -719_162 && days <= 2_932_896;
        bool IsMoment(byte[] value) => Integer(element, value) is var micros && micros >= -62_135_596_800_000_000 && micros <= 253_402_300_799_999_999;
    }

    /// <summary>Plain encoding: integers little-endian, decimals in byte arrays big-endian.</summary>
    private static BigInteger Integer(SchemaElement element, byte[] value) => element.Type switch
    {
        Parquet.Meta.Type.INT32 => BinaryPrimitives.ReadInt32LittleEndian(value),
        Parquet.Meta.Type.INT64 => BinaryPrimitives.ReadInt64LittleEndian(value),
        _ => new BigInteger(value, isUnsigned: false, isBigEndian: true),
    };
}
