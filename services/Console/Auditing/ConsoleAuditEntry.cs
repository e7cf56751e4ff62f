using System.Text.Json;
using RealTimeMesh.Administration;

namespace RealTimeMesh.Console.Auditing;

/// <summary>A line of the console's own audit log.</summary>
/// <param name="Stage"><c>asked</c>, then <c>done</c> or <c>failed</c>.</param>
internal sealed record ConsoleAuditEntry(long Number, DateTimeOffset At, string Id, string Who, string What, string Stage, string Thing, JsonElement? Before, JsonElement? After) : IAuditEntry<ConsoleAuditEntry>
{
    ConsoleAuditEntry IAuditEntry<ConsoleAuditEntry>.Placed(long number, DateTimeOffset at) => this with { Number = number, At = at };

    ConsoleAuditEntry IAuditEntry<ConsoleAuditEntry>.Ended(string stage, JsonElement? after) => this with { Stage = stage, After = after };
}
