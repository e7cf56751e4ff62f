using System.Text.Json.Nodes;
using RealTimeMesh.DeadLetters.Checking;
using RealTimeMesh.DeadLetters.Letters;

namespace RealTimeMesh.DeadLetters.Showing;

/// <summary>A letter in a list.</summary>
/// <param name="Bytes">Of the whole message.</param>
/// <param name="Preview">The beginning of the message as it would be redriven, decoded and masked.</param>
public sealed record LetterSummary(
    string Id, long Number, LetterState State, string DeadLetterTopic, string Fingerprint, LetterReason Reason, LetterOrigin Origin, DateTimeOffset FailedAt, DateTimeOffset ReceivedAt,
    int Attempts, int Redrives, string? RedriveOf, string? TraceId, string? EventId, int Version, string? Job, long Bytes, string Format, string Preview);

/// <summary>A message, decoded.</summary>
/// <param name="Format"><c>avro</c>, <c>json</c>, <c>text</c>, <c>bytes</c> (base64) or <c>null</c>.</param>
/// <param name="Schema">Id of the schema in the registry.</param>
/// <param name="Fault">Why it could not be decoded.</param>
public sealed record ShownMessage(string? Key, string Format, JsonNode? Value, int? Schema, string? Fault);

/// <summary>A letter whole.</summary>
/// <param name="Original">The message as it failed.</param>
/// <param name="Current">The message as it would be redriven; null where it was not edited.</param>
/// <param name="Cut">Only the beginning of the message is kept: the record says how long it was.</param>
/// <param name="Destination">Where a redrive would write it; null where it has nowhere to go.</param>
/// <param name="Verdict">Whether it would be taken there.</param>
/// <param name="Contract">Its fields beside those of its stream's contract; null where that is not known or the message is no object.</param>
/// <param name="IsMasked">Whether personal fields are masked.</param>
public sealed record LetterDetail(
    LetterSummary Letter, ShownMessage Original, ShownMessage? Current, string? ContentType, IReadOnlyDictionary<string, string> Headers, bool Cut, string? OriginalSha256,
    string? Destination, Verdict Verdict, IReadOnlyList<FieldDifference>? Contract, IReadOnlyList<EditSummary> Edits, IReadOnlyList<LetterEvent> History, bool IsMasked);

/// <param name="Parent">What an undo goes back to.</param>
public sealed record EditSummary(int Version, int Parent, DateTimeOffset At, string Who, string What, ShownMessage Message);

/// <summary>A group in a list.</summary>
/// <param name="PerMinute">Letters a minute over the last five minutes.</param>
/// <param name="PerMinuteOfHour">Letters a minute over the last hour.</param>
/// <param name="Examples">Ids of its newest letters.</param>
public sealed record GroupSummary(
    string Fingerprint, string DeadLetterTopic, string? Topic, string Consumer, string Class, string Rule, string? Field, string? Expected, string? Message,
    long Count, StateCounts States, DateTimeOffset FirstSeen, DateTimeOffset LastSeen, double PerMinute, double PerMinuteOfHour, IReadOnlyList<string> Examples);
