using System.Globalization;
using RealTimeMesh.Contracts;
using RealTimeMesh.Ingestion.Rows;
using RealTimeMesh.Pipelines;

namespace RealTimeMesh.Ingestion.Sources.Files;

/// <summary>Sets one field of a contract from the text of a CSV column, by the layout's rules.</summary>
internal sealed class CsvValues
{
    /// <summary>Longest number that is rewritten; the contract refuses longer ones anyway.</summary>
    private const int MaxNumber = 128;

    private readonly string?[] _formats;
    private readonly bool[] _comma;
    private readonly RowSchema _schema;
    private readonly string? _null;

    public CsvValues(RowSchema schema, CsvLayout layout)
    {
        _schema = schema;
        _null = layout.Null;
        _formats = [.. schema.Fields.Select(field => layout.Formats.GetValueOrDefault(field.Name))];
        _comma = [.. schema.Fields.Select(field => layout.DecimalComma && field.Type is FieldType.Float32 or FieldType.Float64 or FieldType.Decimal or FieldType.Int32 or FieldType.Int64)];
    }

    /// <summary>An empty field without quotes is no value, as in most tools that write CSV; with quotes it is an empty text.</summary>
    public bool TrySet(RowBuilder builder, int field, CsvFields row, int column, out RejectReason reason)
    {
        reason = default;
        var text = row[column];
        if (row.IsEmpty(column) || (_null is not null && !row.IsQuoted(column) && text.SequenceEqual(_null)))
            return Done(builder.TrySetText(field, (string?)null, out var missing), missing, ref reason);
        if (_formats[field] is { } format)
            return TrySetTime(builder, field, text, format, ref reason);
        if (!_comma[field])
            return Done(builder.TrySetText(field, text, out var fault), fault, ref reason);
        Span<char> number = stackalloc char[MaxNumber];
        if (TryPoint(text, number, out var length))
            return Done(builder.TrySetText(field, number[..length], out var fault), fault, ref reason);
        reason = new RejectReason(RowRules.Type, _schema.Fields[field].Name, $"\"{text}\"", "a number with a decimal comma, such as 1.234,5");
        return false;
    }

    private bool TrySetTime(RowBuilder builder, int field, ReadOnlySpan<char> text, string format, ref RejectReason reason)
    {
        if (DateTime.TryParseExact(text, format, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var time))
            return Done(builder.TrySetDateTime(field, time, out var fault), fault, ref reason);
        reason = new RejectReason(RowRules.Type, _schema.Fields[field].Name, $"\"{text}\"", $"a time written as {format}");
        return false;
    }

    private static bool Done(bool set, in RowFault fault, ref RejectReason reason)
    {
        if (!set)
            reason = EventBatch.From(fault);
        return set;
    }

    /// <summary>Rewrites 1.234,56 as 1234.56. False where points do not stand between groups of three: such a number means another thing to its writer.</summary>
    private static bool TryPoint(ReadOnlySpan<char> text, Span<char> output, out int length)
    {
        length = 0;
        if (text.Length > output.Length)
            return false;
        var comma = text.IndexOf(',');
        var whole = comma < 0 ? text : text[..comma];
        if (comma >= 0 && text[(comma + 1)..].IndexOfAny(',', '.') >= 0)
            return false;
        var digits = 0;
        var grouped = false;
        foreach (var c in whole)
        {
            if (c == '.')
            {
                if (grouped ? digits != 3 : digits is < 1 or > 3)
                    return false;
                grouped = true;
                digits = 0;
                continue;
            }

            if (char.IsAsciiDigit(c))
                digits++;
            output[length++] = c;
        }

        if (grouped && digits != 3)
            return false;
        if (comma < 0)
            return true;
        output[length++] = '.';
        text[(comma + 1)..].CopyTo(output[length..]);
        length += text.Length - comma - 1;
        return true;
    }
}
