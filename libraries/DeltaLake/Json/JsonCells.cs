using System.Globalization;
using System.Text.Json;
using Apache.Arrow;
using Apache.Arrow.Types;
using ArrowStruct = Apache.Arrow.Types.StructType;

namespace RealTimeMesh.DeltaLake;

/// <summary>Writes the value of a row.</summary>
internal delegate void JsonCell(Utf8JsonWriter writer, int row);

/// <summary>How each Arrow type is written; see <see cref="JsonRows"/>.</summary>
internal static class JsonCells
{
    public static JsonCell Of(IArrowArray array)
    {
        var value = ValueOf(array);
        return array.NullCount == 0 && array is not NullArray ? value : (writer, row) =>
        {
            if (array.IsNull(row))
                writer.WriteNullValue();
            else
                value(writer, row);
        };
    }

    /// <summary>A decimal without digits after the point as a number.</summary>
    public static JsonCell Integer(IArrowArray array) => array is Decimal128Array numbers
        ? (writer, row) =>
        {
            if (numbers.IsNull(row))
                writer.WriteNullValue();
            else
                writer.WriteRawValue(numbers.GetString(row));
        }
        : Of(array);

    /// <summary>A double so that reading it gives the same double; an integral one keeps a point.</summary>
    public static void WriteDouble(Utf8JsonWriter writer, double value)
    {
        if (!double.IsFinite(value))
        {
            writer.WriteStringValue(double.IsNaN(value) ? "NaN" : value > 0 ? "Infinity" : "-Infinity");
            return;
        }

        Span<byte> text = stackalloc byte[40];
        value.TryFormat(text, out var length, "R", CultureInfo.InvariantCulture);
        if (text[..length].IndexOfAny((byte)'.', (byte)'E') < 0)
            ".0"u8.CopyTo(text[length..(length += 2)]);
        writer.WriteRawValue(text[..length], skipInputValidation: true);
    }

    private static JsonCell ValueOf(IArrowArray array) => array switch
    {
        NullArray => (writer, _) => writer.WriteNullValue(),
        BooleanArray items => (writer, row) => writer.WriteBooleanValue(items.GetValue(row)!.Value),
        Int8Array items => (writer, row) => writer.WriteNumberValue(items.Values[row]),
        Int16Array items => (writer, row) => writer.WriteNumberValue(items.Values[row]),
        Int32Array items => (writer, row) => writer.WriteNumberValue(items.Values[row]),
        Int64Array items => (writer, row) => writer.WriteNumberValue(items.Values[row]),
        UInt8Array items => (writer, row) => writer.WriteNumberValue(items.Values[row]),
        UInt16Array items => (writer, row) => writer.WriteNumberValue(items.Values[row]),
        UInt32Array items => (writer, row) => writer.WriteNumberValue(items.Values[row]),
        UInt64Array items => (writer, row) => writer.WriteNumberValue(items.Values[row]),
        FloatArray items => (writer, row) => WriteDouble(writer, items.Values[row]),
        DoubleArray items => (writer, row) => WriteDouble(writer, items.Values[row]),
        Decimal128Array items => (writer, row) => writer.WriteStringValue(items.GetString(row)),
        StringArray items => (writer, row) => writer.WriteStringValue(items.GetBytes(row)),
        LargeStringArray items => (writer, row) => writer.WriteStringValue(items.GetString(row)),
        BinaryArray items => (writer, row) => writer.WriteStringValue(Convert.ToHexString(items.GetBytes(row))),
        Date32Array items => (writer, row) => writer.WriteStringValue(IsoTimes.Date(items.Values[row])),
        TimestampArray items => Timestamp(items),
        MapArray items => Map(items),
        ListArray items => List(items),
        StructArray items => Struct(items),
        _ => throw new NotSupportedException($"values of Arrow type {array.Data.DataType.Name} cannot be written as JSON; cast the column to VARCHAR."),
    };

    private static JsonCell Timestamp(TimestampArray items)
    {
        var type = (TimestampType)items.Data.DataType;
        var zone = type.Timezone is { Length: > 0 } ? "Z" : "";
        return (writer, row) => writer.WriteStringValue(IsoTimes.Timestamp(Micros(items.Values[row]), zone));

        long Micros(long value) => type.Unit switch
        {
            TimeUnit.Second => value * 1_000_000,
            TimeUnit.Millisecond => value * 1_000,
            TimeUnit.Nanosecond => (value - (((value % 1_000) + 1_000) % 1_000)) / 1_000,
            _ => value,
        };
    }

    private static JsonCell List(ListArray items)
    {
        var element = Of(items.Values);
        return (writer, row) =>
        {
            writer.WriteStartArray();
            for (var i = items.ValueOffsets[row]; i < items.ValueOffsets[row + 1]; i++)
                element(writer, i);
            writer.WriteEndArray();
        };
    }

    private static JsonCell Map(MapArray items)
    {
        var key = JsonKeys.Of(items.Keys);
        var value = Of(items.Values);
        return (writer, row) =>
        {
            writer.WriteStartObject();
            for (var i = items.ValueOffsets[row]; i < items.ValueOffsets[row + 1]; i++)
            {
                writer.WritePropertyName(key(i));
                value(writer, i);
            }

            writer.WriteEndObject();
        };
    }

    private static JsonCell Struct(StructArray items)
    {
        var names = ((ArrowStruct)items.Data.DataType).Fields.Select(field => field.Name).ToArray();
        var fields = items.Fields.Select(Of).ToArray();
        return (writer, row) =>
        {
            writer.WriteStartObject();
            for (var i = 0; i < fields.Length; i++)
            {
                writer.WritePropertyName(names[i]);
                fields[i](writer, row);
            }

            writer.WriteEndObject();
        };
    }
}
