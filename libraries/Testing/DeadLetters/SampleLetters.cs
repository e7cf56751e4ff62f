using System.Globalization;
using System.Text;
using RealTimeMesh.Components;
using RealTimeMesh.DeadLetters.Letters;

namespace RealTimeMesh.Testing.DeadLetters;

/// <summary>Letters as a collector gives them to a store.</summary>
public static class SampleLetters
{
    public const string Topic = "market.trades.dlq";

    public static DateTimeOffset Noon { get; } = new(2026, 11, 23, 12, 0, 0, TimeSpan.Zero);

    /// <summary>A letter of the cause that <paramref name="rule"/> names.</summary>
    public static LetterContent Letter(
        long offset, string rule = "type", string topic = Topic, int partition = 0, DateTimeOffset? at = null, string? key = null, string? trace = null, string? eventId = null, string? redriveOf = null, string original = "{}") => new()
    {
        Place = new LetterPlace(topic, partition, offset),
        Reason = new LetterReason("poison", rule, "price", "text 'x'", "a number", $"rule {rule}"),
        Origin = new LetterOrigin("/tests", offset, "market.trades", null, null, key, "ingestion"),
        Original = Encoding.UTF8.GetBytes(original),
        Headers = MessageHeaders.From([new("n", offset.ToString(CultureInfo.InvariantCulture))]),
        ReceivedAt = at ?? Noon,
        FailedAt = at ?? Noon,
        Fingerprint = FingerprintOf(rule),
        TraceId = trace,
        EventId = eventId,
        RedriveOf = redriveOf,
    };

    public static string FingerprintOf(string rule) => Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(Encoding.UTF8.GetBytes(rule)))[..16];

    public static LetterContent[] Letters(long first, int count) => [.. Enumerable.Range(0, count).Select(n => Letter(first + n))];
}
