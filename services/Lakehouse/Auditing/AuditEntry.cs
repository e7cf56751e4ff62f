using System.Text.Json;
using RealTimeMesh.Administration;

namespace RealTimeMesh.Lakehouse.Auditing;

/// <summary>A line of the audit log.</summary>
/// <param name="Number">Position in the log, from 1.</param>
/// <param name="Who">As the caller named itself, and from where it came.</param>
/// <param name="What">Such as <c>restore</c>.</param>
/// <param name="Stage"><c>asked</c> before it is done, then <c>done</c> or <c>failed</c>: an <c>asked</c> without either was cut short.</param>
/// <param name="Before">What there was.</param>
/// <param name="After">What there is now; on failure the reason.</param>
internal sealed record AuditEntry(long Number, DateTimeOffset At, string Id, string Who, string What, string Stage, string Table, JsonElement? Request, JsonElement? Before, JsonElement? After) : IAuditEntry<AuditEntry>
{
    AuditEntry IAuditEntry<AuditEntry>.Placed(long number, DateTimeOffset at) => this with { Number = number, At = at };

    AuditEntry IAuditEntry<AuditEntry>.Ended(string stage, JsonElement? after) => this with { Stage = stage, After = after };
}
