using System.Buffers.Binary;
using System.Globalization;
using System.Numerics;
using System.Text.Encodings.Web;
using System.Text.Json;
using Parquet.Meta;

namespace RealTimeMesh.DeltaLake;

/// <summary>
/// A typed column of <c>stats_parsed</c> or <c>partitionValues_parsed</c> turned back into the text of the log: exactly, or not at
/// all where a value has no such text (a year beyond 9999, NaN).
/// </summary>
internal static class ParsedColumn
{
    private const long MicrosPerSecond = 1_000_000;

    /// <summary>The values as JSON.</summary>
    public static async Task<string?[]?> JsonAsync(ParquetColumns columns, ParquetLeaf leaf) => await TextsAsync(columns, leaf, asJson: true);

    /// <summary>The values as the texts of partition values.</summary>
    public static async Task<string?[]?> PlainAsync(ParquetColumns columns, ParquetLeaf leaf) => await TextsAsync(columns, leaf, asJson: false);

    private static async Task<string?[]?> TextsAsync(ParquetColumns columns, ParquetLeaf leaf, bool asJson)
    {
        var element = leaf.Element;
        var quote = asJson && (IsDate(element) || IsTimestamp(element));
        return element.Type switch
        {
            Parquet.Meta.Type.BOOLEAN => Convert(await columns.ValuesAsync<bool>(leaf), value => value ? "true" : "false"),
            Parquet.Meta.Type.INT32 => Convert(await columns.ValuesAsync<int>(leaf), value => Quote(quote, Integer(element, value))),
            Parquet.Meta.Type.INT64 => Convert(await columns.ValuesAsync<long>(leaf), value => Quote(quote, Integer(element, value))),
            Parquet.Meta.Type.INT96 => Convert(await columns.ValuesAsync<DateTime>(leaf), value => Quote(asJson, Timestamp((value.Ticks - DateTime.UnixEpoch.Ticks) / TimeSpan.TicksPerMicrosecond, utc: true))),
            Parquet.Meta.Type.FLOAT => Convert(await columns.ValuesAsync<float>(leaf), value => float.IsFinite(value) ? value.ToString("R", CultureInfo.InvariantCulture) : asJson ? null : Infinite(value)),
            Parquet.Meta.Type.DOUBLE => Convert(await columns.ValuesAsync<double>(leaf), value => double.IsFinite(value) ? value.ToString("R", CultureInfo.InvariantCulture) : asJson ? null : Infinite(value)),
            _ when IsDecimal(element) => Convert(await columns.ValuesAsync<ReadOnlyMemory<byte>>(leaf), value => Scaled(new BigInteger(value.Span, isUnsigned: false, isBigEndian: true), element.Scale ?? 0)),
            _ => Convert(await columns.ValuesAsync<ReadOnlyMemory<byte>>(leaf), value => asJson ? $"\"{JsonEncodedText.Encode(System.Text.Encoding.UTF8.GetString(value.Span), JavaScriptEncoder.UnsafeRelaxedJsonEscaping)}\"" : System.Text.Encoding.UTF8.GetString(value.Span)),
        };
    }

    private static string?[]? Convert<T>(RowValues<T> values, Func<T, string?> text)
        where T : struct =>
        values.Items is { } items ? Array.ConvertAll(items, item => item is { } value ? text(value) : null) : null;

    private static string? Quote(bool quote, string? text) => quote && text is not null ? $"\"{text}\"" : text;

    private static string Infinite(double value) => double.IsNaN(value) ? "NaN" : value > 0 ? "Infinity" : "-Infinity";

    private static string? Integer(SchemaElement element, long value)
    {
        if (IsDecimal(element))
            return Scaled(value, element.Scale ?? 0);
        if (IsDate(element))
            return value is >= -719_162 and <= 2_932_896 ? DateTime.UnixEpoch.AddDays(value).ToString("yyyy-MM-dd", CultureInfo.InvariantCulture) : null;
        if (!IsTimestamp(element))
            return value.ToString(CultureInfo.InvariantCulture);
        var unit = element.LogicalType?.TIMESTAMP?.Unit;
        var micros = unit?.NANOS is not null ? (long)Math.Floor(value / 1000m)
            : unit?.MILLIS is not null || (unit is null && element.ConvertedType == ConvertedType.TIMESTAMP_MILLIS) ? Math.BigMul(value, 1000) is var product && product == (long)product ? (long)product : long.MaxValue
            : value;
        return Timestamp(micros, element.LogicalType?.TIMESTAMP?.IsAdjustedToUTC ?? true);
    }

    private static string? Timestamp(long micros, bool utc)
    {
        if (micros < -62_135_596_800 * MicrosPerSecond || micros >= 253_402_300_800 * MicrosPerSecond)
            return null;
        var time = DateTime.UnixEpoch.AddTicks(micros * TimeSpan.TicksPerMicrosecond);
        return time.ToString(utc ? "yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'" : "yyyy-MM-dd'T'HH:mm:ss.ffffff", CultureInfo.InvariantCulture);
    }

    private static string Scaled(BigInteger unscaled, int scale)
    {
        if (scale == 0)
            return unscaled.ToString(CultureInfo.InvariantCulture);
        var digits = BigInteger.Abs(unscaled).ToString(CultureInfo.InvariantCulture).PadLeft(scale + 1, '0');
        return $"{(unscaled.Sign < 0 ? "-" : "")}{digits[..^scale]}.{digits[^scale..]}";
    }

    private static bool IsDecimal(SchemaElement element) => element.LogicalType?.DECIMAL is not null || element.ConvertedType == ConvertedType.DECIMAL;

    private static bool IsDate(SchemaElement element) => element.LogicalType?.DATE is not null || element.ConvertedType == ConvertedType.DATE;

    private static bool IsTimestamp(SchemaElement element) =>
        element.LogicalType?.TIMESTAMP is not null || element.ConvertedType is ConvertedType.TIMESTAMP_MICROS or ConvertedType.TIMESTAMP_MILLIS || element.Type == Parquet.Meta.Type.INT96;
}
