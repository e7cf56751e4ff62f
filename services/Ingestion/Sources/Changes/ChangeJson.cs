using System.Buffers;
using System.Text.Json;
using RealTimeMesh.ChangeCapture;

namespace RealTimeMesh.Ingestion.Sources.Changes;

/// <summary>A change as a JSON object, for dead letters: all columns by their names, and what tells of the change; as the front door takes it.</summary>
internal sealed class ChangeJson
{
    private const int RetainedBytes = 1024 * 1024;

    private ArrayBufferWriter<byte> _buffer = new(1024);

    /// <summary>Valid until the next call.</summary>
    public ReadOnlySpan<byte> Write(ChangeBlock block, in Change change)
    {
        _buffer.ResetWrittenCount();
        if (_buffer.Capacity > RetainedBytes)
            _buffer = new ArrayBufferWriter<byte>(1024);
        using var json = new Utf8JsonWriter(_buffer);
        json.WriteStartObject();
        json.WriteString(ChangeFields.Operation, ChangeFields.Letter(change.Operation));
        json.WriteString(ChangeFields.Table, change.Table!.Name);
        json.WriteNumber(ChangeFields.Lsn, change.Lsn);
        json.WriteNumber(ChangeFields.Index, change.Index);
        json.WriteNumber(ChangeFields.Transaction, change.Transaction);
        json.WriteString(ChangeFields.CommittedAt, DateTimeOffset.UnixEpoch.AddMicroseconds(change.CommittedAt));
        for (var i = 0; i < change.Table.Columns.Count && change.Operation != ChangeOperation.Truncate; i++)
            WriteValue(json, block, change, i);
        json.WriteEndObject();
        json.Flush();
        return _buffer.WrittenSpan;
    }

    private static void WriteValue(Utf8JsonWriter json, ChangeBlock block, in Change change, int column)
    {
        var (name, kind) = (change.Table!.Columns[column].Name, change.Table.Columns[column].Kind);
        var state = block.StateOf(change, column);
        if (state is ChangeValue.Null)
            json.WriteNull(name);
        if (state is not ChangeValue.Known)
            return;
        var text = block.TextOf(change, column);
        json.WritePropertyName(name);
        if (kind == ChangeKind.Boolean)
            json.WriteBooleanValue(text is [(byte)'t', ..]);
        else if (kind is ChangeKind.Bytes && text is [(byte)'\\', (byte)'x', ..])
            json.WriteBase64StringValue(Convert.FromHexString(text[2..]));
        else if (kind is ChangeKind.Int16 or ChangeKind.Int32 or ChangeKind.Int64 || (kind is ChangeKind.Float32 or ChangeKind.Float64 or ChangeKind.Decimal && text[^1] is >= (byte)'0' and <= (byte)'9'))
            json.WriteRawValue(text);
        else
            json.WriteStringValue(text);
    }
}
