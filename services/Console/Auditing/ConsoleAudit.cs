using RealTimeMesh.Administration;
using RealTimeMesh.ServiceDefaults;

namespace RealTimeMesh.Console.Auditing;

/// <summary>What was changed from here at services that keep no audit log themselves: <c>audit/console.ndjson</c> in the data folder.</summary>
internal sealed class ConsoleAudit(MeshSettings settings, TimeProvider time) : IDisposable
{
    private readonly AuditLog<ConsoleAuditEntry> _log = new(Path.Combine(settings.DataPath, "audit", "console.ndjson"), FileShare.Read, time);

    public Task<T> RecordAsync<T>(string who, string what, string thing, object before, Func<Task<T>> act, Func<T, object?> after, CancellationToken cancellationToken) =>
        _log.RecordAsync(id => new ConsoleAuditEntry(0, default, id, who, what, "asked", thing, AuditJson.Element(before), null), act, after, cancellationToken);

    public Task<IReadOnlyList<ConsoleAuditEntry>> ReadAsync(long before, int limit, CancellationToken cancellationToken) => _log.ReadAsync(before, limit, cancellationToken);

    public void Dispose() => _log.Dispose();
}
