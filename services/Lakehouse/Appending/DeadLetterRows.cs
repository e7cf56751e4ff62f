using RealTimeMesh.Contracts;
using RealTimeMesh.Contracts.DeadLetters;
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
        new("consumer", FieldType.String, true),
        new("origin_partition", FieldType.Int32, true),
        new("origin_offset", FieldType.Int64, true),
        new("attempts", FieldType.Int32, true),
        new("trace_id", FieldType.String, true),
        new("fingerprint", FieldType.String, true),
        new("failed_at", FieldType.Timestamp, true),
        new("redrives", FieldType.Int32, true),
    ];

    private readonly TextCache _sources = new();
    private readonly string _consumersKey = ConsumersKey(deadLetterTopic);
    private int _ofConsumers;

    public static RowSchema TableSchema { get; } = new([.. s_fields, .. SystemColumns.Fields]);

    /// <summary>One partition for each stream, so that the log alone counts a stream's dead letters.</summary>
    public static IReadOnlyList<string> PartitionBy { get; } = ["stream"];

    public RowSchema Schema => TableSchema;

    public ValueTask PrepareAsync(IReadOnlyList<DeliveredEvent> events, CancellationToken cancellationToken) => ValueTask.CompletedTask;

    /// <summary>Name of the count of letters that the door did not write.</summary>
    public static string ConsumersKey(string deadLetterTopic) => $"lakehouse/{deadLetterTopic}/of-consumers";

    public ValueTask AdaptAsync(IEnumerable<IReadOnlyList<DeliveredEvent>> events, Snapshot? table, CancellationToken cancellationToken)
    {
        _ofConsumers = 0;
        return ValueTask.CompletedTask;
    }

    /// <summary>
    /// The ledger counts a letter of the door as an event that ended here. What a consumer gives up is counted by that consumer, as
    /// quarantined, or was applied by others: its letter must not be counted again.
    /// </summary>
    public IReadOnlyCollection<KeyValuePair<string, long>> Counts(IReadOnlyDictionary<string, long> committed) =>
        _ofConsumers == 0 ? [] : [new(_consumersKey, committed.GetValueOrDefault(_consumersKey) + _ofConsumers)];

    public bool TryAppend(in DeliveredEvent item, ColumnBatch rows, out Rejection? why)
    {
        why = null;
        if (DeadLetterReader.TryRead(item.Payload, out var record, out var error))
            AppendRecord(rows, record, item.Timestamp);
        else
            AppendUnreadable(rows, item, error);
        // The door writes no other form, and no other consumer's events are missing in their stream.
        if (record is not { Origin.Consumer: DeadLetterOrigin.Door })
            _ofConsumers++;
        SystemColumns.Append(rows, s_fields.Count, item, _sources.Get(item.Source.Span), deadLetterTopic, withDate: false);
        return true;
    }

    private void AppendRecord(ColumnBatch rows, DeadLetterRecord record, long timestamp)
    {
        var (reason, origin) = (record.Reason, record.Origin);
        Text(rows, 0, stream);
        Text(rows, 1, origin.Topic.Length == 0 ? streamTopic : origin.Topic);
        Text(rows, 2, reason.Class);
        Text(rows, 3, reason.Rule);
        Text(rows, 4, reason.Field);
        Text(rows, 5, reason.Found);
        Text(rows, 6, reason.Expected);
        Text(rows, 7, reason.Message);
        Text(rows, 8, origin.Source);
        Number(rows, 9, origin.Position);
        ((BytesColumn)rows.Columns[10]).Append(record.Original.ToArray());
        Number(rows, 11, record.ReceivedAt == default ? timestamp * 1000 : Micros(record.ReceivedAt));
        Text(rows, 12, origin.Consumer);
        Number(rows, 13, origin.Partition);
        Number(rows, 14, origin.Offset);
        Number(rows, 15, record.Attempts);
        Text(rows, 16, record.TraceId);
        Text(rows, 17, record.Fingerprint);
        Number(rows, 18, record.FailedAt == default ? timestamp * 1000 : Micros(record.FailedAt));
        Number(rows, 19, record.Redrives);
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
        Number(rows, 9, item.Sequence);
        ((BytesColumn)rows.Columns[10]).Append(item.Payload.ToArray());
        Number(rows, 11, item.Timestamp * 1000);
        for (var column = 12; column < s_fields.Count; column++)
            rows.Columns[column].AppendNull();
    }

    private static long Micros(DateTimeOffset time) => (time.UtcTicks - DateTimeOffset.UnixEpoch.Ticks) / 10;

    private static void Number(ColumnBatch rows, int column, long? value)
    {
        if (value is null)
            rows.Columns[column].AppendNull();
        else
            ((Int64Column)rows.Columns[column]).Append(value.Value);
    }

    private static void Text(ColumnBatch rows, int column, string? value)
    {
        if (value is null)
            rows.Columns[column].AppendNull();
        else
            ((StringColumn)rows.Columns[column]).Append(value);
    }
}
