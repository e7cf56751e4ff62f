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
}
