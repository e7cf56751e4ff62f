using System.Globalization;
using System.Text.Json;
using RealTimeMesh.Contracts;

namespace RealTimeMesh.Streaming;

/// <summary>
/// Group keys as text: the values of the <c>by</c> fields joined by <c>|</c>. Within a value <c>% | /</c> and control
/// characters are percent-escaped, NULL is <c>%N</c> and the empty text <c>%E</c>, so that the text never holds <c>||</c>
/// (which Dapr forbids in keys) and reads back without loss. Text is written into a reused buffer: a known key costs no allocation.
/// </summary>
internal sealed class KeyCodec
{
    private readonly int[] _ordinals;
    private readonly Field[] _fields;
    private readonly JsonEncodedText[] _names;
    private char[] _buffer = new char[256];
    private int _length;

    public KeyCodec(RowSchema schema, IReadOnlyList<string> by, string view)
    {
        _ordinals = new int[by.Count];
        _fields = new Field[by.Count];
        _names = new JsonEncodedText[by.Count];
        for (var i = 0; i < by.Count; i++)
        {
            _ordinals[i] = schema.IndexOf(by[i]);
            if (_ordinals[i] < 0)
                throw new StreamingException($"view '{view}': by field '{by[i]}' is not in the contract; expected one of {string.Join(", ", schema.Fields.Select(field => field.Name))}; correct the view's by.");
            _fields[i] = schema.Fields[_ordinals[i]];
            if (_fields[i].Type == FieldType.Bytes)
                throw new StreamingException($"view '{view}': by field '{by[i]}' is of type Bytes; expected a type with a text form; group by another field.");
            _names[i] = JsonEncodedText.Encode(by[i]);
        }
    }

    public IReadOnlyList<Field> Fields => _fields;

    /// <summary>The key of a row; valid until the next call.</summary>
    public ReadOnlySpan<char> Read(ColumnBatch batch, int row)
    {
        _length = 0;
        for (var i = 0; i < _ordinals.Length; i++)
        {
            if (i > 0)
                Append('|');
            var column = batch.Columns[_ordinals[i]];
            if (column.IsNull(row))
                Append("%N");
            else if (column is StringColumn text)
                AppendText(text[row]);
            else
                AppendValue(column, row);
        }

        return _buffer.AsSpan(0, _length);
    }

    /// <summary>A key given by a reader of the view, one text a field, in the form that <see cref="Read"/> gives.</summary>
    public string FromTexts(IReadOnlyList<string> values)
    {
        _length = 0;
        for (var i = 0; i < values.Count; i++)
        {
            if (i > 0)
                Append('|');
            AppendText(values[i]);
        }

        return new string(_buffer, 0, _length);
    }

    /// <summary>Writes the fields of a key as JSON properties of their types.</summary>
    public void WriteProperties(Utf8JsonWriter json, string key)
    {
        if (_fields.Length == 0)
            return;
        var index = 0;
        foreach (var range in key.AsSpan().Split('|'))
        {
            json.WritePropertyName(_names[index]);
            WriteValue(json, _fields[index], key.AsSpan(range));
            index++;
        }
    }

    private static void WriteValue(Utf8JsonWriter json, Field field, ReadOnlySpan<char> part)
    {
        if (part.SequenceEqual("%N"))
        {
            json.WriteNullValue();
            return;
        }

        var text = part.SequenceEqual("%E") ? "" : part.Contains('%') ? Uri.UnescapeDataString(part) : part.ToString();
        switch (field.Type)
        {
            case FieldType.Boolean:
                json.WriteBooleanValue(text == "true");
                break;
            case FieldType.Int32 or FieldType.Int64:
                json.WriteNumberValue(long.Parse(text, CultureInfo.InvariantCulture));
                break;
            case FieldType.Float32 or FieldType.Float64:
                JsonNumbers.Write(json, false, double.Parse(text, CultureInfo.InvariantCulture));
                break;
            case FieldType.Decimal:
                json.WriteNumberValue(decimal.Parse(text, CultureInfo.InvariantCulture));
                break;
            default:
                json.WriteStringValue(text);
                break;
        }
    }

    private void AppendValue(Column column, int row)
    {
        var text = column switch
        {
            BooleanColumn boolean => boolean[row] ? "true" : "false",
            Int64Column { Field.Type: FieldType.Timestamp } time when EventTimes.IsInRange(time[row]) => EventTimes.Format(time[row]),
            Int64Column { Field.Type: FieldType.Date } date => EventTimes.FormatDay(date[row]),
            _ => null,
        };
        if (text is not null)
        {
            Append(text);
            return;
        }

        Reserve(64);
        var written = 0;
        var done = column switch
        {
            Int64Column integer => integer[row].TryFormat(_buffer.AsSpan(_length), out written, provider: CultureInfo.InvariantCulture),
            Float64Column number => number[row].TryFormat(_buffer.AsSpan(_length), out written, "R", CultureInfo.InvariantCulture),
            DecimalColumn number => number[row].TryFormat(_buffer.AsSpan(_length), out written, provider: CultureInfo.InvariantCulture),
            _ => false,
        };
        if (!done)
            throw new StreamingException($"by field '{column.Field.Name}': a value of type {column.Field.Type} has no text form");
        _length += written;
    }

    private void AppendText(string text)
    {
        if (text.Length == 0)
        {
            Append("%E");
            return;
        }

        foreach (var character in text)
        {
            if (character is > '\u001f' and not ('%' or '|' or '/' or '\u007f'))
            {
                Append(character);
                continue;
            }

            Append('%');
            Append("0123456789ABCDEF"[character >> 4]);
            Append("0123456789ABCDEF"[character & 15]);
        }
    }

    private void Append(char character)
    {
        Reserve(1);
        _buffer[_length++] = character;
    }

    private void Append(string text)
    {
        Reserve(text.Length);
        text.CopyTo(_buffer.AsSpan(_length));
        _length += text.Length;
    }

    private void Reserve(int count)
    {
        if (_buffer.Length - _length < count)
            Array.Resize(ref _buffer, Math.Max(_buffer.Length * 2, _length + count));
    }
}
