using System.Buffers.Binary;
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
        Decimal128Array items => Decimal(items),
        StringArray items => (writer, row) => writer.WriteStringValue(items.GetBytes(row)),
        LargeStringArray items => (writer, row) => writer.WriteStringValue(items.GetString(row)),
        BinaryArray items => (writer, row) => writer.WriteStringValue(Convert.ToHexString(items.GetBytes(row))),
        Date32Array items => (writer, row) =>
        {
            Span<byte> text = stackalloc byte[IsoTimes.MostBytes];
            writer.WriteStringValue(text[..IsoTimes.Date(items.Values[row], text)]);
        },
        TimestampArray items => Timestamp(items),
        MapArray items => Map(items),
        ListArray items => List(items),
        StructArray items => Struct(items),
        _ => throw new NotSupportedException($"values of Arrow type {array.Data.DataType.Name} cannot be written as JSON; cast the column to VARCHAR."),
    };

    private static JsonCell Decimal(Decimal128Array items)
    {
        var scale = ((Decimal128Type)items.Data.DataType).Scale;
        var format = string.Create(CultureInfo.InvariantCulture, $"D{scale + 1}");
        return (writer, row) =>
        {
            // Arrow holds 128 bits in little-endian order.
            var value = BinaryPrimitives.ReadInt128LittleEndian(items.GetBytes(row));
            Span<byte> digits = stackalloc byte[48];
            Int128.Abs(value).TryFormat(digits, out var length, format, CultureInfo.InvariantCulture);
            Span<byte> text = stackalloc byte[50];
            var at = 0;
            if (value < 0)
                text[at++] = (byte)'-';
            digits[..(length - scale)].CopyTo(text[at..]);
            at += length - scale;
            if (scale > 0)
            {
                text[at++] = (byte)'.';
                digits[(length - scale)..length].CopyTo(text[at..]);
                at += scale;
            }

            writer.WriteStringValue(text[..at]);
        };
    }

    private static JsonCell Timestamp(TimestampArray items)
    {
        var type = (TimestampType)items.Data.DataType;
        var zoned = type.Timezone is { Length: > 0 };
        return (writer, row) =>
        {
            Span<byte> text = stackalloc byte[IsoTimes.MostBytes];
            writer.WriteStringValue(text[..IsoTimes.Timestamp(Micros(items.Values[row]), zoned, text)]);
        };

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
