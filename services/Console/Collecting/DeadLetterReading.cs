using RealTimeMesh.Console.Backends;
using RealTimeMesh.Console.Privacy;
using RealTimeMesh.Console.Snapshots;

namespace RealTimeMesh.Console.Collecting;

/// <summary>Makes rejected events fit to be shown: short, and without personal data.</summary>
internal sealed class DeadLetterReading(Masking masking)
{
    /// <summary>Characters of an original that are shown.</summary>
    public const int PreviewLength = 600;

    private const int Kept = 8;

    public DeadLettersSnapshot Summarise(string pipeline, DeadLettersReply? reply, long total, string? error)
    {
        if (reply is null)
            return new DeadLettersSnapshot(total, [], [], error);
        var groups = reply.DeadLetters.GroupBy(letter => letter.Reason?.Rule ?? "unknown", StringComparer.Ordinal)
            .Select(group => new DeadLetterGroup(group.Key, group.LongCount(), group.Max(letter => letter.ReceivedAt), Read(pipeline, group.First()).Message))
            .OrderByDescending(group => group.Count).ThenBy(group => group.Rule, StringComparer.Ordinal);
        return new DeadLettersSnapshot(Math.Max(total, reply.Total), [.. groups], [.. reply.DeadLetters.Take(Kept).Select(letter => Read(pipeline, letter))], error);
    }

    public DeadLetter Read(string pipeline, DeadLetterReply letter)
    {
        var reason = letter.Reason;
        var hidden = masking.HidesField(pipeline, reason?.Field);
        var (original, _) = masking.MaskEvent(pipeline, letter.OriginalText ?? "");
        var whole = original.Length <= PreviewLength && (letter.OriginalText?.Length ?? 0) >= CharactersIn(letter);
        return new DeadLetter(
            letter.Stream ?? "",
            reason?.Rule ?? "unknown",
            reason?.Field,
            hidden ? Masking.Mask : reason?.Found ?? "",
            reason?.Expected ?? "",
            hidden ? $"field '{reason!.Field}': found {Masking.Mask}; expected {reason.Expected}" : reason?.Message ?? "",
            letter.Source ?? "",
            letter.Position,
            original.Length <= PreviewLength ? original : original[..PreviewLength],
            whole,
            letter.OriginalTextLossless || !(letter.OriginalText ?? "").Contains('\uFFFD'),
            letter.OriginalLength,
            letter.ReceivedAt,
            letter.DeadLetterTopic ?? "",
            letter.Partition,
            letter.Offset);
    }

    /// <summary>A text is no longer than its bytes; where it was cut by the service it is shorter by more than multi-byte characters explain.</summary>
    private static long CharactersIn(DeadLetterReply letter) => letter.OriginalTextLossless ? 0 : letter.OriginalLength > 4_000 ? long.MaxValue : 0;
}
