namespace RealTimeMesh.ObjectStores;

/// <summary>
/// One container of an object store, by single requests without retries. Faults are <see cref="ObjectStoreException"/>s, an absent object is
/// null. Times are milliseconds since 1970-01-01T00:00:00Z in whole seconds, which is what all answers of a store agree in. Thread-safe.
/// </summary>
internal interface IObjectClient : IDisposable
{
    /// <summary>Such as <c>s3://bucket</c>.</summary>
    string Root { get; }

    /// <summary>URL of the service: two with one name of a container are not the same.</summary>
    string Endpoint { get; }

    /// <summary>Whether the endpoint is the vendor's own.</summary>
    bool IsVendor { get; }

    /// <summary>Most parts of one upload at once.</summary>
    int PartsAtOnce { get; }

    /// <summary>Objects whose keys begin with a prefix, by ordinal order; without <paramref name="recursive"/> only those without a further slash.</summary>
    Task<ObjectPage> ListAsync(string prefix, bool recursive, string? after, string? next, CancellationToken cancellationToken);

    Task<ObjectInfo?> DescribeAsync(string key, CancellationToken cancellationToken);

    /// <summary>Bytes from an offset; fewer where the object ends.</summary>
    Task<ObjectBody?> ReadAsync(string key, long offset, long count, CancellationToken cancellationToken);

    /// <summary>False where the object was to be absent and is not.</summary>
    Task<bool> PutAsync(string key, ReadOnlyMemory<byte> content, bool ifAbsent, CancellationToken cancellationToken);

    Task<string> BeginUploadAsync(string key, bool ifAbsent, CancellationToken cancellationToken);

    /// <summary>Puts a part; the text is for <see cref="CompleteUploadAsync"/>. The last part of an upload says so.</summary>
    Task<string> PutPartAsync(string key, string upload, UploadPart part, CancellationToken cancellationToken);

    Task<bool> CompleteUploadAsync(string key, string upload, IReadOnlyList<string> parts, bool ifAbsent, CancellationToken cancellationToken);

    Task AbortUploadAsync(string key, string upload, CancellationToken cancellationToken);

    /// <summary>Deletes an object, if it is there.</summary>
    Task DeleteAsync(string key, CancellationToken cancellationToken);
}

/// <param name="Next">What to ask the next page by; null on the last.</param>
internal sealed record ObjectPage(IReadOnlyList<ObjectInfo> Objects, string? Next);

internal sealed record ObjectInfo(string Key, long Size, long ModifiedAt);

/// <param name="Number">From 1.</param>
/// <param name="Total">Size of the whole.</param>
internal sealed record UploadPart(int Number, long Offset, ReadOnlyMemory<byte> Content, long Total);

/// <summary>Content of an object, or a range of it.</summary>
/// <param name="Size">Of the whole object.</param>
internal sealed record ObjectBody(Stream Content, long Size, long ModifiedAt, IDisposable? Owner = null) : IDisposable
{
    public void Dispose()
    {
        Content.Dispose();
        Owner?.Dispose();
    }
}
