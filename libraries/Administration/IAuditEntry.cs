using System.Text.Json;

namespace RealTimeMesh.Administration;

/// <summary>A line of an <see cref="AuditLog{TEntry}"/>.</summary>
public interface IAuditEntry<TSelf>
{
    /// <summary>Position in the log, from 1.</summary>
    long Number { get; }

    /// <summary>The line at its position.</summary>
    TSelf Placed(long number, DateTimeOffset at);

    /// <summary>The line that says how it ended.</summary>
    /// <param name="stage"><c>done</c> or <c>failed</c>.</param>
    TSelf Ended(string stage, JsonElement? after);
}
