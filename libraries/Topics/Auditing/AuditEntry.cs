using System.Text.Json;

namespace RealTimeMesh.Topics.Auditing;

/// <summary>A line of the audit log.</summary>
/// <param name="Number">Position in the log, from 1.</param>
/// <param name="Stage"><c>asked</c> before it is done, then <c>done</c> or <c>failed</c>: an <c>asked</c> without either was cut short.</param>
/// <param name="Thing">The topic or group.</param>
public sealed record AuditEntry(long Number, DateTimeOffset At, string Id, string Who, string What, string Stage, string Thing, JsonElement? Before, JsonElement? After);
