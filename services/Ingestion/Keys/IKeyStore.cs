namespace RealTimeMesh.Ingestion.Keys;

/// <summary>Records of idempotency keys, of which several services may want to write the same one.</summary>
internal interface IKeyStore
{
    Task<StoredKey?> ReadAsync(string key, CancellationToken cancellationToken);

    /// <summary>Writes a record that replaces the one of <paramref name="tag"/>, or none where that is null. False where another was faster. It vanishes after its lifetime, unless that is null.</summary>
    Task<bool> TryWriteAsync(string key, byte[] json, string? tag, TimeSpan? lifetime, CancellationToken cancellationToken);

    Task DeleteAsync(string key, CancellationToken cancellationToken);
}

internal readonly record struct StoredKey(ReadOnlyMemory<byte> Json, string Tag);
