using System.Text;
using System.Text.Json;

namespace RealTimeMesh.Contracts;

/// <summary>Writes Avro binary as JSON. A payload that breaks off or lies sets the cursor's error; nothing is thrown for it.</summary>
internal sealed class AvroJsonDecoder(Utf8JsonWriter json, bool tagged)
{
    private const int MaxEmptyItems = 100_000;
    private int _empty;

    public bool Read(AvroSchema schema, ref AvroCursor cursor, int depth)
    {
        if (depth > AvroJson.MaxDepth)
            return cursor.Fail($"more than {AvroJson.MaxDepth} levels of nesting");
        switch (schema)
        {
            case AvroRecord record:
                json.WriteStartObject();
                foreach (var field in record.Fields)
                {
                    json.WritePropertyName(field.Name);
                    if (!Read(field.Schema, ref cursor, depth + 1))
                        return cursor.FailedAt(field.Name);
                }

                json.WriteEndObject();
                return true;
            case AvroEnum symbols:
                if (!cursor.TryReadInt(out var symbol))
                    return false;
                if ((uint)symbol >= (uint)symbols.Symbols.Count)
                    return cursor.Fail($"symbol {symbol} of {symbols}, which has {symbols.Symbols.Count}");
                json.WriteStringValue(symbols.Symbols[symbol]);
                return true;
            case AvroArray array:
                json.WriteStartArray();
                if (!ReadBlocks(array.Items, named: false, ref cursor, depth))
                    return false;
                json.WriteEndArray();
                return true;
            case AvroMap map:
                json.WriteStartObject();
                if (!ReadBlocks(map.Values, named: true, ref cursor, depth))
                    return false;
                json.WriteEndObject();
                return true;
            case AvroUnion union:
                return ReadUnion(union, ref cursor, depth);
            case AvroFixed @fixed:
                return cursor.TryReadFixed(@fixed.Size, out var bytes) && WriteBytes(bytes);
            default:
                return ReadPrimitive(schema.Kind, ref cursor);
        }
    }

    private bool ReadUnion(AvroUnion union, ref AvroCursor cursor, int depth)
    {
        if (!cursor.TryReadInt(out var index))
            return false;
        if ((uint)index >= (uint)union.Branches.Count)
            return cursor.Fail($"branch {index} of a union of {union.Branches.Count}");
        var branch = union.Branches[index];
        if (!tagged || branch.Kind == AvroKind.Null)
            return Read(branch, ref cursor, depth + 1);
        json.WriteStartObject();
        json.WritePropertyName(AvroJsonFit.BranchName(branch));
        if (!Read(branch, ref cursor, depth + 1))
            return false;
        json.WriteEndObject();
        return true;
    }

    private bool ReadBlocks(AvroSchema items, bool named, ref AvroCursor cursor, int depth)
    {
        while (true)
        {
            if (!cursor.TryReadLong(out var count))
                return false;
            if (count == 0)
                return true;
            // A negative count is followed by the block's length in bytes.
            if (count < 0)
            {
                if (!cursor.TryReadLong(out _))
                    return false;
                count = -count;
            }

            for (; count > 0; count--)
            {
                // Every block is followed by the count of the next, so that bytes remain.
                if (cursor.Remaining == 0)
                    return cursor.Fail("payload ends early");
                var before = cursor.Remaining;
                if (named)
                {
                    if (!cursor.TryReadBytes(out var name))
                        return false;
                    json.WritePropertyName(Encoding.UTF8.GetString(name));
                }

                if (!Read(items, ref cursor, depth + 1))
                    return cursor.FailedAt("[]");
                // Items of no bytes must not make a short payload write without end.
                if (cursor.Remaining == before && ++_empty > MaxEmptyItems)
                    return cursor.Fail($"more than {MaxEmptyItems} items of no bytes");
            }
        }
    }

    private bool ReadPrimitive(AvroKind kind, ref AvroCursor cursor)
    {
        switch (kind)
        {
            case AvroKind.Null:
                json.WriteNullValue();
                return true;
            case AvroKind.Boolean:
                if (!cursor.TryReadByte(out var flag))
                    return false;
                json.WriteBooleanValue(flag != 0);
                return true;
            case AvroKind.Int:
                if (!cursor.TryReadInt(out var number))
                    return false;
                json.WriteNumberValue(number);
                return true;
            case AvroKind.Long:
                if (!cursor.TryReadLong(out var wide))
                    return false;
                json.WriteNumberValue(wide);
                return true;
            case AvroKind.Float:
                return cursor.TryReadFloat(out var single) && WriteNumber(single, single: true);
            case AvroKind.Double:
                return cursor.TryReadDouble(out var value) && WriteNumber(value, single: false);
            case AvroKind.Bytes:
                return cursor.TryReadBytes(out var bytes) && WriteBytes(bytes);
            default:
                if (!cursor.TryReadBytes(out var text))
                    return false;
                // Also takes text that is not UTF-8: its wrong bytes become replacement characters.
                json.WriteStringValue(Encoding.UTF8.GetString(text));
                return true;
        }
    }

    private bool WriteBytes(ReadOnlySpan<byte> bytes)
    {
        json.WriteStringValue(Encoding.Latin1.GetString(bytes));
        return true;
    }

    /// <summary>JSON has no word for what is not a number, and only an overflow for infinity.</summary>
    private bool WriteNumber(double value, bool single)
    {
        if (double.IsNaN(value))
            json.WriteNullValue();
        else if (double.IsInfinity(value))
            json.WriteRawValue(value > 0 ? "1e999" : "-1e999");
        else if (single)
            json.WriteNumberValue((float)value);
        else
            json.WriteNumberValue(value);
        return true;
    }
}
