using System.Globalization;
using System.Text.Json;
using RealTimeMesh.Contracts;
using RealTimeMesh.DeltaLake;
using RealTimeMesh.ServiceDefaults;

namespace RealTimeMesh.Lakehouse.Appending;

/// <summary>Rows of the dead letters table from the records of a dead-letter topic. A record that is not in their form is kept whole, under rule <c>unreadable</c>.</summary>
internal sealed class DeadLetterRows(string stream, string streamTopic, string deadLetterTopic) : IEventRows
{
    private static readonly IReadOnlyList<Field> s_fields =
    [
        new("stream", FieldType.String, true),
        new("topic", FieldType.String, true),
        new("reason_class", FieldType.String, true),
        new("reason_rule", FieldType.String, true),
        new("reason_field", FieldType.String, true),
        new("found", FieldType.String, true),
        new("expected", FieldType.String, true),
        new("message", FieldType.String, true),
        new("source", FieldType.String, true),
        new("position", FieldType.Int64, true),
        new("original", FieldType.Bytes, true),
        new("received_at", FieldType.Timestamp, true),
    ];

    private readonly TextCache _sources = new();

    public static RowSchema TableSchema { get; } = new([.. s_fields, .. SystemColumns.Fields]);

    /// <summary>One partition for each stream, so that the log alone counts a stream's dead letters.</summary>
    public static IReadOnlyList<string> PartitionBy { get; } = ["stream"];

    public RowSchema Schema => TableSchema;

    public ValueTask PrepareAsync(IReadOnlyList<DeliveredEvent> events, CancellationToken cancellationToken) => ValueTask.CompletedTask;

    public ValueTask AdaptAsync(IEnumerable<IReadOnlyList<DeliveredEvent>> events, Snapshot? table, CancellationToken cancellationToken) => ValueTask.CompletedTask;

    public bool TryAppend(in DeliveredEvent item, ColumnBatch rows, out Rejection? why)
    {
        why = null;
        var count = rows.Columns[0].Count;
        try
        {
            using var document = JsonDocument.Parse(item.Payload);
            AppendRecord(rows, document.RootElement, item.Timestamp);
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException or FormatException or KeyNotFoundException)
        {
            rows.Truncate(count);
            AppendUnreadable(rows, item, exception.Message);
        }

        SystemColumns.Append(rows, s_fields.Count, item, _sources.Get(item.Source.Span), deadLetterTopic, withDate: false);
        return true;
    }

    private void AppendRecord(ColumnBatch rows, JsonElement record, long timestamp)
    {
        var reason = record.GetProperty("reason");
        var origin = record.GetProperty("origin");
        Text(rows, 0, stream);
        Text(rows, 1, Get(origin, "topic") ?? streamTopic);
        Text(rows, 2, Get(reason, "class"));
        Text(rows, 3, Get(reason, "rule"));
        Text(rows, 4, Get(reason, "field"));
        Text(rows, 5, Get(reason, "found"));
        Text(rows, 6, Get(reason, "expected"));
        Text(rows, 7, Get(reason, "message"));
        Text(rows, 8, Get(origin, "source"));
        if (origin.TryGetProperty("position", out var position) && position.ValueKind == JsonValueKind.Number)
            ((Int64Column)rows.Columns[9]).Append(position.GetInt64());
        else
            rows.Columns[9].AppendNull();
        ((BytesColumn)rows.Columns[10]).Append(record.GetProperty("original_base64").GetBytesFromBase64());
        var received = Get(record, "received_at") is { } text && DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time)
            ? (time.UtcTicks - DateTimeOffset.UnixEpoch.Ticks) / 10
            : timestamp * 1000;
        ((Int64Column)rows.Columns[11]).Append(received);
    }

    private void AppendUnreadable(ColumnBatch rows, in DeliveredEvent item, string why)
    {
        Text(rows, 0, stream);
        Text(rows, 1, streamTopic);
        Text(rows, 2, "poison");
        Text(rows, 3, "unreadable");
        Text(rows, 4, null);
        Text(rows, 5, $"{item.Payload.Length} bytes");
        Text(rows, 6, "a dead-letter record in JSON");
        Text(rows, 7, why);
        Text(rows, 8, item.SourceText);
        ((Int64Column)rows.Columns[9]).Append(item.Sequence);
        ((BytesColumn)rows.Columns[10]).Append(item.Payload.ToArray());
        ((Int64Column)rows.Columns[11]).Append(item.Timestamp * 1000);
    }

    private static string? Get(JsonElement parent, string name) =>
        parent.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    private static void Text(ColumnBatch rows, int column, string? value)
    {
        if (value is null)
            rows.Columns[column].AppendNull();
        else
            ((StringColumn)rows.Columns[column]).Append(value);
    }
}
