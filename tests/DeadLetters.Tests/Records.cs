using System.Buffers;
using System.Text;
using RealTimeMesh.Contracts.DeadLetters;
using RealTimeMesh.DeadLetters.Letters;

namespace RealTimeMesh.DeadLetters.Tests;

/// <summary>Dead letters as producers write them.</summary>
internal static class Records
{
    public static readonly DateTimeOffset Noon = new(2026, 11, 23, 12, 0, 0, TimeSpan.Zero);

    /// <summary>The value of a record.</summary>
    public static byte[] Value(DeadLetterRecord record)
    {
        var output = new ArrayBufferWriter<byte>();
        using (var writer = new DeadLetterWriter())
            writer.Write(output, record);
        return output.WrittenSpan.ToArray();
    }

    public static DeadLetterRecord Record(string original, string rule = "type", string? field = "price", string consumer = DeadLetterOrigin.Door, string topic = "market.trades") => new()
    {
        Reason = new DeadLetterReason(DeadLetterClasses.Poison, rule, field, "text 'x'", "a number", $"field '{field}': found text 'x'; expected a number"),
        Origin = new DeadLetterOrigin(consumer, topic) { Source = "/tests", Position = 7 },
        Original = Encoding.UTF8.GetBytes(original),
        ReceivedAt = Noon,
        FailedAt = Noon,
    };

    /// <summary>A letter as a store gets it.</summary>
    public static LetterContent Letter(long offset, string rule = "type", string topic = "market.trades.dlq", int partition = 0, DateTimeOffset? at = null, string? key = null, string? trace = null, string? eventId = null, string? redriveOf = null, string original = "{}") => new()
    {
        Place = new LetterPlace(topic, partition, offset),
        Reason = new LetterReason("poison", rule, "price", "text 'x'", "a number", $"rule {rule}"),
        Origin = new LetterOrigin("/tests", offset, "market.trades", null, null, key, "ingestion"),
        Original = Encoding.UTF8.GetBytes(original),
        ReceivedAt = at ?? Noon,
        FailedAt = at ?? Noon,
        Fingerprint = Fingerprint.Of(new DeadLetterReason("poison", rule, "price", null, "a number", $"rule {rule}"), "ingestion", "market.trades"),
        TraceId = trace,
        EventId = eventId,
        RedriveOf = redriveOf,
    };
}
