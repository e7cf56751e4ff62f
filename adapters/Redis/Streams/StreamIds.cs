using System.Globalization;
using StackExchange.Redis;

namespace RealTimeMesh.Redis.Streams;

/// <summary>
/// Ids of stream entries, <c>milliseconds-sequence</c>, as one number that keeps their order: the milliseconds above
/// 20 bits of sequence. These numbers are not consecutive, so they say where a message lies, not how many there are.
/// </summary>
internal static class StreamIds
{
    private const int SequenceBits = 20;
    private const long SequenceMask = (1L << SequenceBits) - 1;
    private const long LargestMilliseconds = long.MaxValue >> SequenceBits;

    public static long Milliseconds(RedisValue id) => Parse(id).Milliseconds;

    /// <summary>Ids made by hand that do not fit are the nearest that do.</summary>
    public static long ToOffset(RedisValue id)
    {
        var (milliseconds, sequence) = Parse(id);
        return milliseconds > LargestMilliseconds ? long.MaxValue : (milliseconds << SequenceBits) | Math.Min(sequence, SequenceMask);
    }

    public static string FromOffset(long offset) =>
        string.Create(CultureInfo.InvariantCulture, $"{offset >> SequenceBits}-{offset & SequenceMask}");

    /// <summary>The last id before an offset: where a group stands whose next message is the one at the offset.</summary>
    public static string Before(long offset)
    {
        if (offset <= 0)
            return "0-0";
        return (offset & SequenceMask) == 0
            // The sequence of the millisecond before may have gone further than 20 bits.
            ? string.Create(CultureInfo.InvariantCulture, $"{(offset >> SequenceBits) - 1}-{ulong.MaxValue}")
            : FromOffset(offset - 1);
    }

    /// <summary>The first id after one, for reading page by page.</summary>
    public static string After(RedisValue id)
    {
        var text = ((string?)id)!;
        var dash = text.IndexOf('-', StringComparison.Ordinal);
        var sequence = ulong.Parse(text.AsSpan(dash + 1), NumberStyles.None, CultureInfo.InvariantCulture);
        return sequence == ulong.MaxValue
            ? string.Create(CultureInfo.InvariantCulture, $"{Parse(id).Milliseconds + 1}-0")
            : string.Create(CultureInfo.InvariantCulture, $"{text.AsSpan(0, dash)}-{sequence + 1}");
    }

    private static (long Milliseconds, long Sequence) Parse(RedisValue id)
    {
        var text = ((string?)id ?? "").AsSpan();
        var dash = text.IndexOf('-');
        var milliseconds = dash < 0 ? text : text[..dash];
        var sequence = dash < 0 ? "0" : text[(dash + 1)..];
        return (
            ulong.TryParse(milliseconds, NumberStyles.None, CultureInfo.InvariantCulture, out var high) ? (long)Math.Min(high, long.MaxValue) : 0,
            ulong.TryParse(sequence, NumberStyles.None, CultureInfo.InvariantCulture, out var low) ? (long)Math.Min(low, long.MaxValue) : 0);
    }
}
