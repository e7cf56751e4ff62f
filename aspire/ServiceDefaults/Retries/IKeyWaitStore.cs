namespace RealTimeMesh.ServiceDefaults.Retries;

/// <summary>Keeps which keys wait; shared by all instances of a consumer, and outlives them.</summary>
public interface IKeyWaitStore
{
    /// <summary>
    /// What waits of keys, in their order, and a name that the store keeps as long as it keeps anything: where it is another one, what was
    /// known of keys is lost.
    /// </summary>
    Task<(string Epoch, IReadOnlyList<KeyWaits> Waits)> ReadAsync(IReadOnlyList<string> keys, CancellationToken cancellationToken);

    /// <summary>Stores all of them or none; an empty one is removed. False where another instance changed one meanwhile.</summary>
    Task<bool> SaveAsync(IReadOnlyList<(string Key, KeyWaits Waits)> changed, CancellationToken cancellationToken);
}
