using System.Buffers;
using System.Text;
using System.Text.Json;
using System.Text.Unicode;

namespace RealTimeMesh.Contracts;

/// <summary>
/// Turns one JSON object into one row of a contract. Names and aliases are case-sensitive; fields that the contract
/// does not have are ignored; an absent field takes its default, else null. Bytes are base64 text. Holds no state
/// between rows and may be shared; a <see cref="ColumnBatch"/> may not.
/// </summary>
public sealed class JsonRowReader
{
    private readonly Field[] _fields;
    private readonly byte[][] _names;
    private readonly int[] _ordinals;

    /// <param name="schema">The contract's fields: <see cref="AvroContract.Rows"/>.</param>
    public JsonRowReader(RowSchema schema)
    {
        _fields = [.. schema.Fields];
        var names = new List<byte[]>();
        var ordinals = new List<int>();
        for (var i = 0; i < _fields.Length; i++)
            Add(_fields[i].Name, i);

        for (var i = 0; i < _fields.Length; i++)
        {
            foreach (var alias in _fields[i].Aliases)
                Add(alias, i);
        }

        _names = [.. names];
        _ordinals = [.. ordinals];

        void Add(string name, int ordinal)
        {
            names.Add(Encoding.UTF8.GetBytes(name));
            ordinals.Add(ordinal);
        }
    }

    /// <summary>Largest object accepted, bytes. Default 1 MiB: larger events belong in an object store, with a reference here.</summary>
    public int MaxBytes { get; init; } = 1024 * 1024;

    /// <summary>
    /// Appends one row to the contract's columns, which are the first ones of <paramref name="output"/>; columns behind
    /// them are the caller's to fill. On false nothing is appended and <paramref name="fault"/> says why.
    /// </summary>
    public bool TryRead(ReadOnlySpan<byte> json, ColumnBatch output, out RowFault fault)
    {
        fault = default;
        if (json.Length > MaxBytes)
            fault = new RowFault("", RowRules.Size, $"{json.Length} bytes", $"at most {MaxBytes} bytes");
        else if (!Utf8.IsValid(json))
            fault = new RowFault("", RowRules.Encoding, DescribeInvalid(json), "UTF-8");
        else if (_fields.Length == 0)
            throw new ContractException("contract: no fields; expected at least one; a row without columns cannot be counted");
        else
            return TryReadObject(json, output, out fault);

        return false;
    }

    private bool TryReadObject(ReadOnlySpan<byte> json, ColumnBatch output, out RowFault fault)
    {
        var columns = output.ColumnArray.AsSpan(0, _fields.Length);
        var start = columns[0].Count;
        try
        {
            var reader = new Utf8JsonReader(json);
            if (TryReadProperties(ref reader, columns, start, out fault) && TryFillMissing(columns, start, out fault))
                return true;
        }
        catch (JsonException e)
        {
            fault = new RowFault("", RowRules.Json, $"{Shorten(e)}", "one JSON object");
        }

        foreach (var column in columns)
            column.Truncate(start);

        return false;
    }

    private bool TryReadProperties(ref Utf8JsonReader reader, ReadOnlySpan<Column> columns, int start, out RowFault fault)
    {
        fault = default;
        reader.Read();
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            fault = new RowFault("", RowRules.Json, Describe(ref reader), "one JSON object");
            return false;
        }

        var guess = 0;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var ordinal = Find(ref reader, ref guess);
            reader.Read();
            if (ordinal < 0)
            {
                reader.Skip();
                continue;
            }

            var column = columns[ordinal];
            if (column.Count > start)
            {
                fault = RowFaults.Twice(column.Field);
                return false;
            }

            if (!TryReadValue(ref reader, column, out fault))
                return false;
        }

        // Anything but white space behind the object makes this throw.
        reader.Read();
        return true;
    }

    /// <summary>Objects of one producer carry their fields in one order: the name after the last one is tried first.</summary>
    private int Find(ref Utf8JsonReader reader, ref int guess)
    {
        var names = _names;
        for (var tried = 0; tried < names.Length; tried++)
        {
            if (guess >= names.Length)
                guess = 0;

            if (reader.ValueTextEquals(names[guess]))
                return _ordinals[guess++];

            guess++;
        }

        return -1;
    }

    private static bool TryReadValue(ref Utf8JsonReader reader, Column column, out RowFault fault)
    {
        fault = default;
        switch (reader.TokenType)
        {
            case JsonTokenType.Null:
                return RowConverter.TryAppendNull(column, out fault);
            case JsonTokenType.True:
            case JsonTokenType.False:
                return RowConverter.TryAppend(column, reader.TokenType == JsonTokenType.True, out fault);
            case JsonTokenType.String:
                return reader.ValueIsEscaped
                    ? TryReadEscaped(ref reader, column, out fault)
                    : RowConverter.TryAppendUtf8(column, reader.ValueSpan, out fault);
            case JsonTokenType.Number:
                return TryReadNumber(ref reader, column, out fault);
            default:
                fault = RowFaults.Type(column.Field, Describe(ref reader));
                return false;
        }
    }

    private static bool TryReadNumber(ref Utf8JsonReader reader, Column column, out RowFault fault)
    {
        fault = default;
        var field = column.Field;
        switch (field.Type)
        {
            case FieldType.Float32 or FieldType.Float64 when reader.TryGetDouble(out var number):
                if (RowConverter.TryAppend(column, number, out fault))
                    return true;

                break;
            case FieldType.Int32 or FieldType.Int64 or FieldType.Timestamp when reader.TryGetInt64(out var integer) || RowConverter.TryParseInteger(reader.ValueSpan, out integer):
                if (RowConverter.TryAppend(column, integer, out fault))
                    return true;

                break;
            case FieldType.Decimal when Decimals.TryParse(reader.ValueSpan, out var exact):
                if (RowConverter.TryAppend(column, exact, out fault))
                    return true;

                break;
        }

        fault = RowFaults.Type(field, $"number {RowFaults.Cut(reader.ValueSpan)}");
        return false;
    }

    private static bool TryReadEscaped(ref Utf8JsonReader reader, Column column, out RowFault fault)
    {
        var rented = ArrayPool<byte>.Shared.Rent(reader.ValueSpan.Length);
        try
        {
            var length = reader.CopyString(rented);
            return RowConverter.TryAppendUtf8(column, rented.AsSpan(0, length), out fault);
        }
        catch (InvalidOperationException)
        {
            // The reader's way to say that an escape is half of a surrogate pair, which no UTF-8 can hold.
            fault = RowFaults.Encoding(column.Field);
            return false;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(rented);
        }
    }

    private static bool TryFillMissing(ReadOnlySpan<Column> columns, int start, out RowFault fault)
    {
        fault = default;
        foreach (var column in columns)
        {
            if (column.Count == start && !RowConverter.TryAppendMissing(column, out fault))
                return false;
        }

        return true;
    }

    private static string Describe(ref Utf8JsonReader reader) => reader.TokenType switch
    {
        JsonTokenType.StartObject => "an object",
        JsonTokenType.StartArray => "an array",
        JsonTokenType.String => $"text \"{RowFaults.Cut(reader.ValueSpan)}\"",
        JsonTokenType.Number => $"number {RowFaults.Cut(reader.ValueSpan)}",
        JsonTokenType.None => "nothing",
        _ => reader.TokenType.ToString().ToLowerInvariant(),
    };

    private static string DescribeInvalid(ReadOnlySpan<byte> json)
    {
        var offset = 0;
        while (Rune.DecodeFromUtf8(json[offset..], out _, out var consumed) == OperationStatus.Done)
            offset += consumed;

        return $"byte 0x{json[offset]:x2} at offset {offset}";
    }

    // The reader's message ends with line and position; the line is always the first one and says nothing here.
    private static string Shorten(JsonException e)
    {
        var end = e.Message.IndexOf(" LineNumber", StringComparison.Ordinal);
        return $"{(end < 0 ? e.Message : e.Message[..end])} (byte {e.BytePositionInLine})";
    }
}
