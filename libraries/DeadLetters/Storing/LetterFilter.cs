using RealTimeMesh.DeadLetters.Letters;

namespace RealTimeMesh.DeadLetters.Storing;

/// <summary>Which letters are meant. What is null does not restrict.</summary>
public sealed record LetterFilter
{
    public string? Class { get; init; }

    public string? Rule { get; init; }

    public string? Field { get; init; }

    /// <summary>The topic the message was meant for or came from.</summary>
    public string? Topic { get; init; }

    public string? DeadLetterTopic { get; init; }

    public string? Consumer { get; init; }

    public string? Fingerprint { get; init; }

    /// <summary>States; all where empty.</summary>
    public IReadOnlyList<LetterState> States { get; init; } = [];

    /// <summary>Failed at or after then.</summary>
    public DateTimeOffset? Since { get; init; }

    /// <summary>Failed before then.</summary>
    public DateTimeOffset? Until { get; init; }

    public string? Key { get; init; }

    public string? TraceId { get; init; }

    /// <summary>A text in the message or the reason's message, whatever its case.</summary>
    public string? Text { get; init; }

    /// <summary>Only these letters; all where empty.</summary>
    public IReadOnlyList<string> Ids { get; init; } = [];

    /// <summary>Whether what a group has in common decides alone, so that counters tell how many there are.</summary>
    public bool IsOfGroups => Since is null && Until is null && Key is null && TraceId is null && string.IsNullOrEmpty(Text) && Ids.Count == 0;

    public bool Admits(LetterGroup group) =>
        Is(Class, group.Class) && Is(Rule, group.Rule) && Is(Field, group.Field) && Is(Topic, group.Topic)
        && Is(DeadLetterTopic, group.DeadLetterTopic) && Is(Consumer, group.Consumer) && Is(Fingerprint, group.Fingerprint);

    private static bool Is(string? wanted, string? found) => wanted is null || string.Equals(wanted, found ?? "", StringComparison.Ordinal);
}
