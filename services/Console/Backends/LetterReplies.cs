using System.Text.Json;

namespace RealTimeMesh.Console.Backends;

// What the service of dead letters answers; camelCase in JSON.

internal sealed record LetterGroupReply(
    string Fingerprint, string DeadLetterTopic, string? Topic, string Consumer, string Class, string Rule, string? Field, string? Expected, string? Message,
    long Count, LetterCountsReply States, DateTimeOffset FirstSeen, DateTimeOffset LastSeen, double PerMinute, double PerMinuteOfHour, IReadOnlyList<string> Examples);

internal sealed record LetterCountsReply(long Open, long Redriving, long Redriven, long Discarded);

internal sealed record LetterListReply(IReadOnlyList<LetterReply> Items, string? Next, long? Total, long Scanned);

internal sealed record LetterReply(
    string Id, string State, string DeadLetterTopic, string Fingerprint, LetterReasonReply Reason, LetterOriginReply Origin, DateTimeOffset FailedAt, DateTimeOffset ReceivedAt,
    int Attempts, int Redrives, string? RedriveOf, string? TraceId, string? EventId, int Version, string? Job, long Bytes, string Format, string Preview);

internal sealed record LetterReasonReply(string Class, string Rule, string? Field, string? Found, string? Expected, string? Message);

internal sealed record LetterOriginReply(string? Source, long? Position, string? Topic, int? Partition, long? Offset, string? Key, string Consumer);

internal sealed record LetterDetailReply(
    LetterReply Letter, LetterMessageReply Original, LetterMessageReply? Current, string? ContentType, IReadOnlyDictionary<string, string> Headers, bool Cut, string? OriginalSha256,
    string? Destination, LetterVerdictReply Verdict, IReadOnlyList<LetterFieldReply>? Contract, IReadOnlyList<LetterEditReply> Edits, IReadOnlyList<LetterEventReply> History, bool IsMasked);

public sealed record LetterMessageReply(string? Key, string Format, JsonElement? Value, int? Schema, string? Fault);

public sealed record LetterVerdictReply(bool? Passes, string? Rule, string? Field, string? Found, string? Expected, string? Note);

internal sealed record LetterFieldReply(string Field, string? Type, bool Nullable, string? Found, string? Problem, string? Expected);

internal sealed record LetterEditReply(int Version, int Parent, DateTimeOffset At, string Who, string What, LetterMessageReply Message);

internal sealed record LetterEventReply(DateTimeOffset At, string What, string Who, string? Detail);

internal sealed record LetterAlertsReply(IReadOnlyList<LetterAlertReply> Active, IReadOnlyList<LetterAlertReply> Recent, IReadOnlyList<LetterRuleReply> Rules);

public sealed record LetterAlertReply(string Rule, string Status, string Scope, string Topic, string? Fingerprint, double RatePerMinute, double Threshold, double Before, DateTimeOffset RaisedAt, DateTimeOffset? ClearedAt);

internal sealed record LetterRuleReply(string Name, string Scope, string Topics, double? PerMinute, double? Rise, double Least, double ClearAt, double ClearMinutes);

internal sealed record LetterSourcesReply(long Letters, long Bytes, LetterRetentionReply Retention, IReadOnlyList<LetterSourceReply> Topics);

internal sealed record LetterRetentionReply(TimeSpan Age, long Letters, long Bytes);

internal sealed record LetterSourceReply(string Topic, string? OriginTopic, string? Consumer, long Behind);

internal sealed record LetterJobReply(
    string Id, string Kind, string Who, LetterJobRequestReply Request, string State, long Total, long Done, IReadOnlyDictionary<string, long> Skipped, IReadOnlyDictionary<string, long> Destinations,
    DateTimeOffset Started, DateTimeOffset Updated, string? Fault, string? Guarantee, double Progress);

internal sealed record LetterJobRequestReply(JsonElement? Filter, string? To, int? Rate, string? Expression, string? Reason);

internal sealed record LetterPreviewReply(
    string Token, long Count, long Looked, long Changes, IReadOnlyDictionary<string, long> Skipped, IReadOnlyDictionary<string, long> Destinations, long Passing, long Failing, long Unknown,
    IReadOnlyDictionary<string, long> Faults, IReadOnlyList<LetterSampleReply> Samples);

internal sealed record LetterSampleReply(string Id, LetterMessageReply Before, LetterMessageReply? After, string? Destination, LetterVerdictReply? Verdict, string? Skipped);
