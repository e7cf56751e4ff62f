using System.Globalization;
using Microsoft.AspNetCore.Http;
using RealTimeMesh.DeadLetters.Letters;
using RealTimeMesh.DeadLetters.Storing;
using RealTimeMesh.Topics.Requests;

namespace RealTimeMesh.DeadLetters.Endpoints;

/// <summary>Reads a filter from an address. An unknown name is refused: a misspelt filter must not mean everything.</summary>
internal static class FilterReader
{
    private static readonly string[] Known = ["class", "rule", "field", "topic", "deadLetterTopic", "consumer", "fingerprint", "state", "since", "until", "key", "trace", "text", "id"];

    public static LetterFilter Read(IQueryCollection values, params ReadOnlySpan<string> further)
    {
        foreach (var name in values.Keys)
        {
            if (!Known.Contains(name) && !further.Contains(name))
                throw Refuse.Invalid(name, "an unknown parameter", string.Join(", ", [.. Known, .. further]), "correct its name");
        }

        return new LetterFilter
        {
            Class = Text("class"),
            Rule = Text("rule"),
            Field = Text("field"),
            Topic = Text("topic"),
            DeadLetterTopic = Text("deadLetterTopic"),
            Consumer = Text("consumer"),
            Fingerprint = Text("fingerprint"),
            States = [.. values["state"].SelectMany(text => (text ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries)).Select(State)],
            Since = Time("since"),
            Until = Time("until"),
            Key = Text("key"),
            TraceId = Text("trace"),
            Text = Text("text"),
            Ids = [.. values["id"].OfType<string>()],
        };

        string? Text(string name) => values[name].FirstOrDefault();

        DateTimeOffset? Time(string name) => values[name].FirstOrDefault() is not { } text
            ? null
            : DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var time)
                ? time
                : throw Refuse.Invalid(name, $"'{text}'", "a time in ISO 8601, such as 2026-11-23T10:00:00Z");
    }

    public static int Limit(int? limit, int fallback = Paging.DefaultLimit) =>
        (limit ?? fallback) is >= 1 and <= Paging.MostLimit and var count ? count : throw Refuse.Invalid("limit", $"{limit}", $"1 to {Paging.MostLimit}");

    private static LetterState State(string text) =>
        Enum.TryParse<LetterState>(text, ignoreCase: true, out var state) && !char.IsAsciiDigit(text[0]) ? state : throw Refuse.Invalid("state", $"'{text}'", "open, redriving, redriven or discarded");
}
