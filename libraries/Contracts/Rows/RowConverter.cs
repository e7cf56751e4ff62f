using System.Globalization;
using System.Text;
using System.Text.Unicode;

namespace RealTimeMesh.Contracts;

/// <summary>
/// Puts one value from a source into a column by the field's rules. Nothing is appended where the value does not fit;
/// nothing is cut, rounded or wrapped to make it fit.
/// </summary>
public static class RowConverter
{
    // The longest text of a number, date, timestamp or UUID that means anything; also bounds the stack buffer.
    private const int MaxScalarText = 128;

    /// <summary>
    /// Appends a value given as text (CSV). Null text, and empty text for anything but text fields, means no value:
    /// null where the field is nullable, else its default, else a fault.
    /// </summary>
    public static bool TryAppendText(Column column, string? text, out RowFault fault) =>
        text is null ? TryAppendNothing(column, out fault) : TryAppendText(column, text.AsSpan(), text, out fault);

    /// <summary>As the other overload, without a string being needed first.</summary>
    public static bool TryAppendText(Column column, ReadOnlySpan<char> text, out RowFault fault) => TryAppendText(column, text, null, out fault);

    /// <summary>Appends what a field holds that the source does not have: its default, else null, else a fault.</summary>
    public static bool TryAppendMissing(Column column, out RowFault fault)
    {
        fault = default;
        if (column.Field.HasDefault)
            AppendDefault(column);
        else if (column.Field.Nullable)
            column.AppendNull();
        else
            return Fail(RowFaults.Missing(column.Field, "no such field"), out fault);

        return true;
    }

    /// <summary>Appends null, or fails where the field is not nullable.</summary>
    public static bool TryAppendNull(Column column, out RowFault fault)
    {
        fault = default;
        if (!column.Field.Nullable)
            return Fail(RowFaults.Missing(column.Field, "null"), out fault);

        column.AppendNull();
        return true;
    }

    /// <summary>Appends an integer: to integer, date (days), timestamp (the contract's epoch unit), number and decimal fields.</summary>
    public static bool TryAppend(Column column, long value, out RowFault fault)
    {
        fault = default;
        var field = column.Field;
        switch (field.Type)
        {
            case FieldType.Int64:
                ((Int64Column)column).Append(value);
                return true;
            case FieldType.Int32 when value is >= int.MinValue and <= int.MaxValue:
                ((Int64Column)column).Append(value);
                return true;
            case FieldType.Date when Instants.IsDay(value):
                ((Int64Column)column).Append(value);
                return true;
            case FieldType.Timestamp when Instants.TryFromEpoch(value, field.EpochUnit, out var micros):
                ((Int64Column)column).Append(micros);
                return true;
            // Beyond 2^53 (2^24) the nearest number may be another one.
            case FieldType.Float64 when (Int128)(double)value == value:
                ((Float64Column)column).Append(value);
                return true;
            case FieldType.Float32 when (Int128)(float)value == value:
                ((Float64Column)column).Append(value);
                return true;
            case FieldType.Decimal:
                return TryAppend(column, (decimal)value, out fault);
            default:
                return Fail(RowFaults.Type(field, $"integer {value.ToString(CultureInfo.InvariantCulture)}"), out fault);
        }
    }

    /// <summary>Appends a number: to number fields, and to integer fields where it has no fraction.</summary>
    public static bool TryAppend(Column column, double value, out RowFault fault)
    {
        fault = default;
        var field = column.Field;
        switch (field.Type)
        {
            case FieldType.Float64 when double.IsFinite(value):
                ((Float64Column)column).Append(value);
                return true;
            case FieldType.Float32 when float.IsFinite((float)value):
                ((Float64Column)column).Append((float)value);
                return true;
            case FieldType.Int32 or FieldType.Int64 when double.IsInteger(value) && value is >= -9007199254740992 and <= 9007199254740992:
                return TryAppend(column, (long)value, out fault);
            default:
                return Fail(RowFaults.Type(field, $"number {value.ToString(CultureInfo.InvariantCulture)}"), out fault);
        }
    }

    /// <summary>Appends a decimal where the field's precision and scale hold it exactly.</summary>
    public static bool TryAppend(Column column, decimal value, out RowFault fault)
    {
        fault = default;
        var field = column.Field;
        if (field.Type == FieldType.Decimal && Decimals.TryUnscale(value, field.Precision, field.Scale, out _))
        {
            ((DecimalColumn)column).Append(Decimals.Rescale(value, field.Scale));
            return true;
        }

        if (field.Type is FieldType.Int32 or FieldType.Int64 && decimal.IsInteger(value) && value is >= long.MinValue and <= long.MaxValue)
            return TryAppend(column, (long)value, out fault);

        if (field.Type is FieldType.Float32 or FieldType.Float64)
            return TryAppend(column, (double)value, out fault);

        return Fail(RowFaults.Type(field, $"number {value.ToString(CultureInfo.InvariantCulture)}"), out fault);
    }

    public static bool TryAppend(Column column, bool value, out RowFault fault)
    {
        fault = default;
        if (column.Field.Type != FieldType.Boolean)
            return Fail(RowFaults.Type(column.Field, value ? "true" : "false"), out fault);

        ((BooleanColumn)column).Append(value);
        return true;
    }

    /// <summary>Appends a point in time to a timestamp field, or to a date field where it is midnight UTC.</summary>
    /// <param name="column">The field's column.</param>
    /// <param name="micros">Microseconds since 1970-01-01T00:00:00Z, whatever the contract's unit is.</param>
    /// <param name="fault">Why it was refused.</param>
    public static bool TryAppendInstant(Column column, long micros, out RowFault fault)
    {
        const long MicrosPerDay = 86_400_000_000;
        fault = default;
        var field = column.Field;
        var exact = field.EpochUnit == EpochUnit.Microseconds || micros % 1000 == 0;
        if (field.Type == FieldType.Timestamp && exact && Instants.IsInstant(micros))
            ((Int64Column)column).Append(micros);
        else if (field.Type == FieldType.Date && micros % MicrosPerDay == 0 && Instants.IsDay(micros / MicrosPerDay))
            ((Int64Column)column).Append(micros / MicrosPerDay);
        else
            return Fail(RowFaults.Type(field, $"timestamp of {micros.ToString(CultureInfo.InvariantCulture)} microseconds since 1970"), out fault);

        return true;
    }

    /// <summary>Appends bytes as they are (not base64) to a bytes field.</summary>
    public static bool TryAppend(Column column, byte[] value, out RowFault fault)
    {
        fault = default;
        var field = column.Field;
        if (field.Type != FieldType.Bytes || (field.FixedSize > 0 && value.Length != field.FixedSize))
            return Fail(RowFaults.Type(field, $"{value.Length} bytes"), out fault);

        ((BytesColumn)column).Append(value);
        return true;
    }

    /// <summary>Appends a JSON string's UTF-8 content: text, date, timestamp, decimal and base64 are written so; numbers and booleans are not.</summary>
    internal static bool TryAppendUtf8(Column column, ReadOnlySpan<byte> utf8, out RowFault fault)
    {
        fault = default;
        var field = column.Field;
        return field.Type switch
        {
            FieldType.String => TryAppendString((StringColumn)column, utf8, out fault),
            FieldType.Boolean or FieldType.Int32 or FieldType.Int64 or FieldType.Float32 or FieldType.Float64
                => Fail(RowFaults.Type(field, $"text \"{RowFaults.Cut(utf8)}\""), out fault),
            _ => TryAppendScalar(column, utf8, out fault),
        };
    }

    /// <summary>As <see cref="TryAppendText(Column, ReadOnlySpan{char}, out RowFault)"/>, of text in UTF-8.</summary>
    public static bool TryAppendUtf8Text(Column column, ReadOnlySpan<byte> utf8, out RowFault fault)
    {
        if (column.Field.Type == FieldType.String)
            return TryAppendString((StringColumn)column, utf8, out fault);
        return utf8.IsEmpty ? TryAppendNothing(column, out fault) : TryAppendScalar(column, utf8, out fault);
    }

    private static bool TryAppendText(Column column, ReadOnlySpan<char> text, string? whole, out RowFault fault)
    {
        fault = default;
        var field = column.Field;
        if (field.Type == FieldType.String)
            return TryAppendString((StringColumn)column, text, whole, out fault);

        if (text.IsEmpty)
            return TryAppendNothing(column, out fault);

        if (field.Type == FieldType.Bytes)
            return TryAppendBase64((BytesColumn)column, Encoding.UTF8.GetBytes(text.ToArray()), out fault);

        Span<byte> utf8 = stackalloc byte[MaxScalarText];
        return Utf8.FromUtf16(text, utf8, out _, out var written, replaceInvalidSequences: false) == System.Buffers.OperationStatus.Done
            ? TryAppendScalar(column, utf8[..written], out fault)
            : Fail(RowFaults.Type(field, RowFaults.Quote(text.ToString())), out fault);
    }

    private static bool TryAppendScalar(Column column, ReadOnlySpan<byte> text, out RowFault fault)
    {
        fault = default;
        var field = column.Field;
        switch (field.Type)
        {
            case FieldType.Boolean when text.SequenceEqual("true"u8) || text.SequenceEqual("True"u8) || text.SequenceEqual("TRUE"u8):
                return TryAppend(column, true, out fault);
            case FieldType.Boolean when text.SequenceEqual("false"u8) || text.SequenceEqual("False"u8) || text.SequenceEqual("FALSE"u8):
                return TryAppend(column, false, out fault);
            case FieldType.Int32 or FieldType.Int64 when TryParseInteger(text, out var integer):
                return TryAppend(column, integer, out fault);
            case FieldType.Float32 or FieldType.Float64 when double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && double.IsFinite(number):
                return TryAppend(column, number, out fault);
            case FieldType.Date when Instants.TryParseDay(text, out var day):
                ((Int64Column)column).Append(day);
                return true;
            case FieldType.Timestamp:
                return TryAppendTimestamp(column, text, out fault);
            case FieldType.Decimal when Decimals.TryParse(text, out var value):
                return TryAppend(column, value, out fault);
            case FieldType.Bytes:
                return TryAppendBase64((BytesColumn)column, text, out fault);
            default:
                return Fail(RowFaults.Type(field, $"\"{RowFaults.Cut(text)}\""), out fault);
        }
    }

    /// <summary>Reads an integer; <c>12.0</c> and <c>1e3</c> are integers as well.</summary>
    internal static bool TryParseInteger(ReadOnlySpan<byte> text, out long value)
    {
        if (long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out value))
            return true;

        if (!Decimals.TryParse(text, out var exact) || !decimal.IsInteger(exact) || exact is < long.MinValue or > long.MaxValue)
            return false;

        value = (long)exact;
        return true;
    }

    private static bool TryAppendTimestamp(Column column, ReadOnlySpan<byte> text, out RowFault fault)
    {
        fault = default;
        var field = column.Field;
        if (Instants.TryParse(text, out var micros) && (field.EpochUnit == EpochUnit.Microseconds || micros % 1000 == 0))
            ((Int64Column)column).Append(micros);
        else if (long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var epoch) && Instants.TryFromEpoch(epoch, field.EpochUnit, out micros))
            ((Int64Column)column).Append(micros);
        else
            return Fail(RowFaults.Type(field, $"\"{RowFaults.Cut(text)}\""), out fault);

        return true;
    }

    private static bool TryAppendString(StringColumn column, ReadOnlySpan<byte> utf8, out RowFault fault)
    {
        fault = default;
        if (!column.TryDecode(utf8, out var text))
            return Fail(RowFaults.Encoding(column.Field), out fault);

        if (!Admits(column.Field, text))
            return Fail(RowFaults.Type(column.Field, RowFaults.Quote(text)), out fault);

        column.Append(text);
        return true;
    }

    private static bool TryAppendString(StringColumn column, ReadOnlySpan<char> text, string? whole, out RowFault fault)
    {
        fault = default;
        // A text with half a surrogate pair has no UTF-8 form and so could never be published.
        if (!IsUnicode(text))
            return Fail(RowFaults.Encoding(column.Field), out fault);

        whole ??= text.ToString();
        if (!Admits(column.Field, whole))
            return Fail(RowFaults.Type(column.Field, RowFaults.Quote(whole)), out fault);

        column.Append(whole);
        return true;
    }

    private static bool IsUnicode(ReadOnlySpan<char> text)
    {
        var surrogate = text.IndexOfAnyInRange('\uD800', '\uDFFF');
        while (surrogate >= 0)
        {
            text = text[surrogate..];
            if (text.Length < 2 || !char.IsSurrogatePair(text[0], text[1]))
                return false;

            text = text[2..];
            surrogate = text.IndexOfAnyInRange('\uD800', '\uDFFF');
        }

        return true;
    }

    private static bool Admits(Field field, string text)
    {
        if (field.Uuid)
            return Guid.TryParseExact(text, "D", out _);

        var symbols = field.Symbols;
        if (symbols.Count == 0)
            return true;

        for (var i = 0; i < symbols.Count; i++)
        {
            if (symbols[i] == text)
                return true;
        }

        return false;
    }

    private static bool TryAppendBase64(BytesColumn column, ReadOnlySpan<byte> text, out RowFault fault)
    {
        var bytes = new byte[System.Buffers.Text.Base64.GetMaxDecodedFromUtf8Length(text.Length)];
        return System.Buffers.Text.Base64.DecodeFromUtf8(text, bytes, out _, out var written) == System.Buffers.OperationStatus.Done
            ? TryAppend(column, bytes.AsSpan(0, written).ToArray(), out fault)
            : Fail(RowFaults.Type(column.Field, $"\"{RowFaults.Cut(text)}\""), out fault);
    }

    private static bool TryAppendNothing(Column column, out RowFault fault)
    {
        fault = default;
        if (column.Field.Nullable)
            column.AppendNull();
        else if (column.Field.HasDefault)
            AppendDefault(column);
        else
            return Fail(RowFaults.Missing(column.Field, "an empty value"), out fault);

        return true;
    }

    internal static void AppendDefault(Column column)
    {
        switch (column.Field.Default)
        {
            case null: column.AppendNull(); break;
            case bool value: ((BooleanColumn)column).Append(value); break;
            case long value: ((Int64Column)column).Append(value); break;
            case double value: ((Float64Column)column).Append(value); break;
            case string value: ((StringColumn)column).Append(value); break;
            case byte[] value: ((BytesColumn)column).Append(value); break;
            case decimal value: ((DecimalColumn)column).Append(value); break;
            default: throw new ContractException($"field '{column.Field.Name}': default of {column.Field.Default.GetType()}; expected a value of the column's type");
        }
    }

    private static bool Fail(RowFault made, out RowFault fault)
    {
        fault = made;
        return false;
    }
}
