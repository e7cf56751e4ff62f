namespace RealTimeMesh.DeltaLake;

/// <summary>
/// Where the log of a table is kept. One operation makes concurrent writers safe: <see cref="PutIfAbsentAsync"/>, which a file system
/// does by a hard link, S3 by <c>If-None-Match: *</c>, ADLS by a rename without overwriting, GCS by <c>ifGenerationMatch=0</c>. Paths are
/// absolute, in the form of the store. Thread-safe.
/// </summary>
public interface ITableStore
{
    /// <summary>
    /// Puts a file whole and durably, or not at all, and never over another: false where the name is taken. After an
    /// <see cref="IOException"/> the file may be there or not; the caller looks.
    /// </summary>
    Task<bool> PutIfAbsentAsync(string path, ReadOnlyMemory<byte> content, CancellationToken cancellationToken);

    /// <summary>Puts a file over another of that name; readers see the old or the new whole. For hints.</summary>
    Task ReplaceAsync(string path, ReadOnlyMemory<byte> content, CancellationToken cancellationToken);

    /// <summary>Content and time of a file; null where there is none. A file that was put is found at once.</summary>
    Task<StoredFile?> ReadAsync(string path, CancellationToken cancellationToken);

    /// <summary>Whether a file is there. A file that was put is found at once.</summary>
    bool Exists(string path);

    /// <summary>Files directly in a folder, in any order; none where there is no such folder. What was put before is in it.</summary>
    IEnumerable<string> List(string folder);

    /// <summary>
    /// As <see cref="PutIfAbsentAsync(string, ReadOnlyMemory{byte}, CancellationToken)"/> for content that is too large for memory; where it
    /// need not be <paramref name="durable"/>, a power cut may leave it torn.
    /// </summary>
    async Task<bool> PutIfAbsentAsync(string path, Func<Stream, Task> write, bool durable, CancellationToken cancellationToken)
    {
        using var content = new MemoryStream();
        await write(content);
        return await PutIfAbsentAsync(path, content.GetBuffer().AsMemory(0, (int)content.Length), cancellationToken);
    }

    /// <summary>A file to read from anywhere in it; null where there is none.</summary>
    async Task<Stream?> OpenReadAsync(string path, CancellationToken cancellationToken) =>
        await ReadAsync(path, cancellationToken) is { } file ? new MemoryStream(file.Content.ToArray(), writable: false) : null;

    /// <summary>Size in bytes and time (milliseconds since 1970-01-01T00:00:00Z) of a file; null where there is none.</summary>
    async Task<(long Size, long ModifiedAt)?> DescribeAsync(string path, CancellationToken cancellationToken) =>
        await ReadAsync(path, cancellationToken) is { } file ? (file.Content.Length, file.ModifiedAt) : null;

    /// <summary>Deletes a file, if it is there.</summary>
    Task DeleteAsync(string path, CancellationToken cancellationToken) =>
        throw new NotSupportedException($"store {GetType().Name} does not delete '{path}'; set delta.enableExpiredLogCleanup=false on its tables, or delete by a rule of the store");

    /// <summary>Makes durable what other means wrote: the entries of these files and of all folders above them, up to the table's.</summary>
    void Flush(string table, IEnumerable<string> paths);
}

/// <summary>A file as it was read.</summary>
/// <param name="ModifiedAt">Milliseconds since 1970-01-01T00:00:00Z.</param>
public readonly record struct StoredFile(ReadOnlyMemory<byte> Content, long ModifiedAt);
