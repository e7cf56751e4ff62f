using System.Buffers;
using System.Text.Json;
using RealTimeMesh.Contracts;

namespace RealTimeMesh.Streaming;

/// <summary>The rows of a view as JSON: for readers, and in the state store in the form of <see cref="PageFormat"/> with one window to a row.</summary>
internal sealed class ViewRowFormat
{
    private readonly string _name;
    private readonly bool _isWindowed;
    private readonly KeyCodec _keys;
    private readonly int[] _columns;
    private readonly JsonEncodedText[] _names;
    private readonly ArrayBufferWriter<byte> _buffer = new(512);
    private readonly Utf8JsonWriter _json;

    public ViewRowFormat(string name, RowSchema schema, IReadOnlyList<string> by, bool isWindowed)
    {
        (_name, _isWindowed) = (name, isWindowed);
        _keys = new KeyCodec(schema, by, name);
        _columns = [.. Enumerable.Range(isWindowed ? 2 : 0, schema.Fields.Count - (isWindowed ? 2 : 0)).Where(i => !by.Contains(schema.Fields[i].Name))];
        Columns = [.. _columns.Select(i => schema.Fields[i].Name)];
        _names = [.. Columns.Select(column => JsonEncodedText.Encode(column))];
        _json = NewWriter();
    }

    public IReadOnlyList<string> Columns { get; }

    public (long Start, long End) WindowOf(DataBatch batch, int row) => _isWindowed
        ? (((Int64Column)batch.Rows.Columns[0])[row], ((Int64Column)batch.Rows.Columns[1])[row])
        : (batch.Times[row], batch.Times[row]);

    public string KeyOf(ColumnBatch batch, int row) => _keys.Read(batch, row).ToString();

    public string KeyFrom(IEnumerable<string> parts) =>
        string.Join('|', parts.Select(part => part is "%N" or "%E" ? part : _keys.FromTexts([Uri.UnescapeDataString(part)])));

    /// <summary>The columns as properties, without the braces; valid until the next call.</summary>
    public ReadOnlySpan<byte> ColumnsOf(ColumnBatch batch, int row)
    {
        Begin();
        for (var i = 0; i < _columns.Length; i++)
        {
            _json.WritePropertyName(_names[i]);
            WriteValue(batch.Columns[_columns[i]], row);
        }

        return End()[1..^1];
    }

    public string StateKey(ViewTableRow row) => $"views/{_name}/{row.Key}/{EventTimes.Format(row.Start)}";

    public byte[] StateValue(ViewTableRow row)
    {
        Begin();
        _json.WriteStartObject("key"u8);
        _keys.WriteProperties(_json, row.Key);
        _json.WriteEndObject();
        _json.WriteStartArray("windows"u8);
        _json.WriteStartObject();
        WriteWindow(row);
        WriteColumns(row);
        _json.WriteEndObject();
        _json.WriteEndArray();
        return End().ToArray();
    }

    public byte[] Flat(ViewTableRow row)
    {
        Begin();
        _keys.WriteProperties(_json, row.Key);
        WriteColumns(row);
        WriteWindow(row);
        return End().ToArray();
    }

    private void Begin()
    {
        _buffer.ResetWrittenCount();
        _json.Reset();
        _json.WriteStartObject();
    }

    private ReadOnlySpan<byte> End()
    {
        _json.WriteEndObject();
        _json.Flush();
        return _buffer.WrittenSpan;
    }

    private void WriteWindow(ViewTableRow row)
    {
        _json.WriteString("start"u8, EventTimes.Format(row.Start));
        _json.WriteString("end"u8, EventTimes.Format(row.End));
        _json.WriteBoolean("final"u8, row.IsFinal);
    }

    private void WriteColumns(ViewTableRow row)
    {
        if (row.Columns.Length == 0)
            return;
        var reader = new Utf8JsonReader([(byte)'{', .. row.Columns, (byte)'}']);
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            _json.WritePropertyName(reader.GetString()!);
            reader.Read();
            using var value = JsonDocument.ParseValue(ref reader);
            value.WriteTo(_json);
        }
    }

    private void WriteValue(Column column, int row)
    {
        if (column.IsNull(row))
        {
            _json.WriteNullValue();
            return;
        }

        switch (column)
        {
            case Int64Column { Field.Type: FieldType.Timestamp } times when EventTimes.IsInRange(times[row]):
                _json.WriteStringValue(EventTimes.Format(times[row]));
                break;
            case Int64Column { Field.Type: FieldType.Date } days:
                _json.WriteStringValue(EventTimes.FormatDay(days[row]));
                break;
            case Int64Column integers:
                _json.WriteNumberValue(integers[row]);
                break;
            case Float64Column numbers:
                JsonNumbers.Write(_json, false, numbers[row]);
                break;
            case StringColumn texts:
                _json.WriteStringValue(texts[row]);
                break;
            case BooleanColumn flags:
                _json.WriteBooleanValue(flags[row]);
                break;
            case DecimalColumn numbers:
                _json.WriteNumberValue(numbers[row]);
                break;
            case BytesColumn bytes:
                _json.WriteBase64StringValue(bytes[row]);
                break;
        }
    }

    // As in ChangeSet: no danger in a state row.
    private Utf8JsonWriter NewWriter() => new(_buffer, new JsonWriterOptions
    {
        SkipValidation = true,
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    });
}
