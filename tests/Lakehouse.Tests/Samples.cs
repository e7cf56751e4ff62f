using System.Buffers;
using System.Text.Json;
using RealTimeMesh.Contracts;
using RealTimeMesh.Pipelines;

namespace RealTimeMesh.Lakehouse.Tests;

/// <summary>A small stream with a bronze table, and the bodies that a sidecar would deliver.</summary>
internal static class Samples
{
    public const string Topic = "test.visits";

    public static AvroContract Contract { get; } = AvroContract.Parse("""
        {"type":"record","name":"Visit","namespace":"test","fields":[
          {"name":"place","type":"string"},
          {"name":"guest","type":"string","pii":true},
          {"name":"seconds","type":"int"},
          {"name":"at","type":{"type":"long","logicalType":"timestamp-micros"}}]}
        """);

    public static PipelineDefinition Pipeline { get; } = Create();

    /// <summary>A Confluent-framed visit.</summary>
    public static byte[] Visit(int schemaId, int i, long? at = null)
    {
        var rows = new ColumnBatch(Contract.Rows);
        ((StringColumn)rows.Columns[0]).Append($"P{i % 7}");
        ((StringColumn)rows.Columns[1]).Append($"guest {i}");
        ((Int64Column)rows.Columns[2]).Append(i);
        ((Int64Column)rows.Columns[3]).Append(at ?? 1_767_225_600_000_000 + i);
        var output = new ArrayBufferWriter<byte>();
        ConfluentFrame.WriteHeader(output.GetSpan(ConfluentFrame.HeaderLength), schemaId);
        output.Advance(ConfluentFrame.HeaderLength);
        Contract.Encode(rows, 0, output);
        return output.WrittenSpan.ToArray();
    }

    /// <summary>A framed event of any contract; values in the order of its fields.</summary>
    public static byte[] Event(AvroContract contract, int schemaId, params object?[] values)
    {
        var rows = new ColumnBatch(contract.Rows);
        for (var i = 0; i < values.Length; i++)
        {
            switch (rows.Columns[i], values[i])
            {
                case (var column, null): column.AppendNull(); break;
                case (StringColumn column, string text): column.Append(text); break;
                case (Int64Column column, var number): column.Append(Convert.ToInt64(number, System.Globalization.CultureInfo.InvariantCulture)); break;
                case (Float64Column column, var number): column.Append(Convert.ToDouble(number, System.Globalization.CultureInfo.InvariantCulture)); break;
                default: throw new ArgumentException($"value {i}");
            }
        }

        var output = new ArrayBufferWriter<byte>();
        ConfluentFrame.WriteHeader(output.GetSpan(ConfluentFrame.HeaderLength), schemaId);
        output.Advance(ConfluentFrame.HeaderLength);
        contract.Encode(rows, 0, output);
        return output.WrittenSpan.ToArray();
    }

    /// <summary>Dapr's bulk delivery of raw payloads.</summary>
    public static byte[] Delivery(string topic, IEnumerable<Sent> events) => JsonSerializer.SerializeToUtf8Bytes(new
    {
        id = "1",
        topic,
        pubsubname = "pubsub",
        type = "com.dapr.event.sent.bulk",
        entries = events.Select((item, i) => new
        {
            entryId = i.ToString(System.Globalization.CultureInfo.InvariantCulture),
            @event = Convert.ToBase64String(item.Payload),
            contentType = "application/octet-stream",
            metadata = Metadata(item),
        }),
    });

    public static byte[] DeadLetter(string rule, byte[] original) => JsonSerializer.SerializeToUtf8Bytes(new
    {
        reason = new { @class = "poison", rule, field = "seconds", found = "abc", expected = "int", message = "seconds: found abc; expected int" },
        origin = new { source = "/test/file", position = 7, topic = Topic },
        original_base64 = Convert.ToBase64String(original),
        received_at = "2026-01-05T10:00:00Z",
        attempts = 1,
    });

    private static Dictionary<string, string> Metadata(Sent item)
    {
        var metadata = new Dictionary<string, string>
        {
            ["ce_id"] = item.Id,
            ["ce_source"] = item.Source,
            ["__partition"] = $"{item.Partition}",
            ["__offset"] = $"{item.Offset}",
            ["__timestamp"] = "1767610800000",
        };
        if (item.Sequence >= 0)
            metadata["ce_sequence"] = $"{item.Sequence}";
        foreach (var (name, value) in item.Headers)
            metadata[name] = value;
        return metadata;
    }

    private static PipelineDefinition Create()
    {
        var stream = new StreamDefinition
        {
            Pipeline = "test",
            Name = "visits",
            Contract = Contract,
            Key = "place",
            Time = new EventTime("at", TimeSpan.Zero, TimeSpan.FromSeconds(1)),
        };
        return new PipelineDefinition
        {
            Name = "test",
            Directory = "/",
            Streams = [stream],
            Tables = [new TableDefinition { Pipeline = "test", Name = "bronze.visits", Append = stream, PartitionBy = ["ingestion_date"] }],
        };
    }
}

/// <summary>One entry of a delivery.</summary>
internal sealed record Sent(byte[] Payload, string Id, int Partition, long Offset, long Sequence = -1, string Source = "/test/file")
{
    /// <summary>Further headers.</summary>
    public IReadOnlyDictionary<string, string> Headers { get; init; } = new Dictionary<string, string>();
}
