using System.Text.Json.Serialization;

namespace RealTimeMesh.Topics.Browsing;

/// <summary>A line of the browser's answer.</summary>
/// <param name="Type"><c>message</c>, <c>progress</c>, <c>following</c> or <c>end</c>.</param>
public abstract record BrowseLine([property: JsonPropertyOrder(-1)] string Type);

/// <param name="ValueCut">Bytes of the value where it was too long to be shown whole; its text is cut.</param>
public sealed record MessageLine(
    int Partition, long Offset, DateTimeOffset Timestamp, string? Key, IReadOnlyDictionary<string, string> Headers,
    string Format, object? Value, int? Schema, string? Fault, int? ValueCut) : BrowseLine("message");

public sealed record ProgressLine(long Scanned, long Matched, long ToScan) : BrowseLine("progress");

/// <summary>Where a reader that follows a topic stands.</summary>
/// <param name="Passed">Records that came faster than they are shown, and were not looked at.</param>
public sealed record FollowLine(long Scanned, long Matched, long Passed) : BrowseLine("following");

/// <summary>How far the query came.</summary>
/// <param name="Reason"><c>end</c> of the range, <c>limit</c> of messages, <c>scanned</c> or <c>time</c> when its bounds were reached.</param>
/// <param name="Undecoded">Records that could not be decoded: shown as bytes, and compared as such.</param>
/// <param name="Skipped">What was not looked at, in words.</param>
public sealed record EndLine(string Reason, long Scanned, long Matched, long Undecoded, IReadOnlyList<BrowsedPartition> Partitions, IReadOnlyList<string> Skipped) : BrowseLine("end");

/// <param name="Next">The next offset that was not looked at: where to go on from.</param>
public sealed record BrowsedPartition(int Partition, long From, long Next, long To);
