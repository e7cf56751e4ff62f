using RealTimeMesh.Administration;

namespace RealTimeMesh.Topics.Auditing;

/// <summary>Who changed what by hand: <c>audit/NAME.ndjson</c> of the data folder, which the host and a command may both write.</summary>
public sealed class AuditLog(string dataPath, TimeProvider time, string name = "topics") : IDisposable
{
    private readonly AuditLog<AuditEntry> _lines = new(Path.Combine(dataPath, "audit", $"{name}.ndjson"), FileShare.ReadWrite, time);

    /// <summary>Does something between its two lines.</summary>
    public Task<T> RecordAsync<T>(string who, string what, string thing, object before, Func<Task<T>> act, Func<T, object?> after, CancellationToken cancellationToken) =>
        _lines.RecordAsync(id => new AuditEntry(0, default, id, who, what, "asked", thing, AuditJson.Element(before), null), act, after, cancellationToken);

    public Task RecordAsync(string who, string what, string thing, object before, Func<Task> act, CancellationToken cancellationToken) => RecordAsync(
        who,
        what,
        thing,
        before,
        async () =>
        {
            await act();
            return true;
        },
        static _ => null,
        cancellationToken);

    /// <summary>The newest entries before a number, newest first.</summary>
    public Task<IReadOnlyList<AuditEntry>> ReadAsync(long before, int limit, CancellationToken cancellationToken) => _lines.ReadAsync(before, limit, cancellationToken);

    public void Dispose() => _lines.Dispose();
}
