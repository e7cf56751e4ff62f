using RealTimeMesh.Administration;
using RealTimeMesh.ServiceDefaults;

namespace RealTimeMesh.Lakehouse.Auditing;

/// <summary>Who changed which table by hand: <c>{MESH_DATA}/audit/lakehouse.ndjson</c>, which this service alone writes.</summary>
internal sealed class AuditLog(MeshSettings settings, TimeProvider time) : IDisposable
{
    private readonly AuditLog<AuditEntry> _lines = new(Path.Combine(settings.DataPath, "audit", "lakehouse.ndjson"), FileShare.Read, time);

    /// <summary>Does something between its two lines.</summary>
    /// <param name="after">What the result comes to, for the log.</param>
    public Task<T> RecordAsync<T>(string who, string what, string table, object request, object before, Func<Task<T>> act, Func<T, object> after, CancellationToken cancellationToken) =>
        _lines.RecordAsync(id => new AuditEntry(0, default, id, who, what, "asked", table, AuditJson.Element(request), AuditJson.Element(before), null), act, after, cancellationToken);

    /// <summary>The newest entries before a number, newest first.</summary>
    public Task<IReadOnlyList<AuditEntry>> ReadAsync(long before, int limit, CancellationToken cancellationToken) => _lines.ReadAsync(before, limit, cancellationToken);

    public void Dispose() => _lines.Dispose();
}
