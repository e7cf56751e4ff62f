using System.Text.Json;
using RealTimeMesh.Administration;

namespace RealTimeMesh.Topics.Auditing;

/// <summary>A line of the audit log.</summary>
/// <param name="Number">Position in the log, from 1.</param>
/// <param name="Stage"><c>asked</c> before it is done, then <c>done</c> or <c>failed</c>: an <c>asked</c> without either was cut short.</param>
/// <param name="Thing">The topic or group.</param>
public sealed record AuditEntry(long Number, DateTimeOffset At, string Id, string Who, string What, string Stage, string Thing, JsonElement? Before, JsonElement? After) : IAuditEntry<AuditEntry>
{
    AuditEntry IAuditEntry<AuditEntry>.Placed(long number, DateTimeOffset at) => this with { Number = number, At = at };

    AuditEntry IAuditEntry<AuditEntry>.Ended(string stage, JsonElement? after) => this with { Stage = stage, After = after };
}
