namespace RealTimeMesh.DeltaLake;

/// <summary>
/// Where tables are kept: their logs and their data files. One operation makes concurrent writers safe: <see cref="PutIfAbsentAsync(string, ReadOnlyMemory{byte}, CancellationToken)"/>,
/// which a file system does by a hard link, S3 and Azure by <c>If-None-Match: *</c>, GCS by <c>ifGenerationMatch=0</c>. Paths are absolute, in
/// the form of the store: <c>/lake/t/_delta_log/…</c> or <c>s3://bucket/t/_delta_log/…</c>. A file that was put is found and listed at once.
/// A fault of the store is an <see cref="IOException"/>, a file that is not there a value. Thread-safe.
/// </summary>
public interface ITableStore
{
    /// <summary>Whether paths are those of this machine's file system, which has folders and links.</summary>
    bool IsLocal { get; }

    /// <summary>
    /// Puts a file whole and durably, or not at all, and never over another: false where the name is taken. After an
    /// <see cref="IOException"/> the file may be there or not; and false may mean that a repeated put found what the first had made. The caller looks.
    /// </summary>
    Task<bool> PutIfAbsentAsync(string path, ReadOnlyMemory<byte> content, CancellationToken cancellationToken);

    /// <summary>Puts a file over another of that name; readers see the old or the new whole. For hints.</summary>
    Task ReplaceAsync(string path, ReadOnlyMemory<byte> content, CancellationToken cancellationToken);

    /// <summary>Content and time of a file; null where there is none.</summary>
    Task<StoredFile?> ReadAsync(string path, CancellationToken cancellationToken);

    /// <summary>Whether a file is there.</summary>
    Task<bool> ExistsAsync(string path, CancellationToken cancellationToken);

    /// <summary>
    /// Files directly in a folder whose names come after <paramref name="after"/> (null: all), by ordinal order of their names; none where there
    /// is no such folder.
    /// </summary>
    IAsyncEnumerable<ListedFile> ListAsync(string folder, string? after, CancellationToken cancellationToken);

    /// <summary>Files in a folder and in those below it, by no order.</summary>
    IAsyncEnumerable<ListedFile> ListTreeAsync(string folder, CancellationToken cancellationToken);

    /// <summary>
    /// As <see cref="PutIfAbsentAsync(string, ReadOnlyMemory{byte}, CancellationToken)"/> for content that is too large for memory; where it
    /// need not be <paramref name="durable"/>, a power cut may leave it torn.
    /// </summary>
    Task<bool> PutIfAbsentAsync(string path, Func<Stream, Task> write, bool durable, CancellationToken cancellationToken);

    /// <summary>A file to read from anywhere in it; null where there is none.</summary>
    Task<Stream?> OpenReadAsync(string path, CancellationToken cancellationToken);

    /// <summary>Size in bytes and time (milliseconds since 1970-01-01T00:00:00Z) of a file; null where there is none.</summary>
    Task<(long Size, long ModifiedAt)?> DescribeAsync(string path, CancellationToken cancellationToken);

    /// <summary>Deletes a file, if it is there.</summary>
    Task DeleteAsync(string path, CancellationToken cancellationToken);

    /// <summary>
    /// Makes a table ready for a commit that names these files: their entries and all folders above them, up to the table's, are durable, and
    /// of a new table its own. A store that cannot put if absent is refused here.
    /// </summary>
    Task PrepareCommitAsync(string table, bool isNew, IEnumerable<string> paths, CancellationToken cancellationToken);

    /// <summary>
    /// Data files of a table as files of this machine, for engines that read no others; in the order given. They may be read until the result is
    /// disposed of.
    /// </summary>
    Task<IFetchedFiles> FetchAsync(string table, IReadOnlyList<WantedFile> files, CancellationToken cancellationToken);

    /// <summary>A folder of this machine in which new files of a table are written, before they are in it.</summary>
    IStagedFiles Stage(string table);
}

/// <summary>A file as it was read.</summary>
/// <param name="ModifiedAt">Milliseconds since 1970-01-01T00:00:00Z.</param>
public readonly record struct StoredFile(ReadOnlyMemory<byte> Content, long ModifiedAt);

/// <summary>A file as a listing tells of it.</summary>
/// <param name="Size">Bytes; -1 where the listing does not tell.</param>
/// <param name="ModifiedAt">Milliseconds since 1970-01-01T00:00:00Z; -1 where the listing does not tell.</param>
public readonly record struct ListedFile(string Path, long Size, long ModifiedAt);

/// <summary>A data file to fetch.</summary>
/// <param name="Path">Relative to the table, or absolute.</param>
/// <param name="Size">Bytes, by the log; -1 where that does not tell.</param>
public readonly record struct WantedFile(string Path, long Size = -1);
