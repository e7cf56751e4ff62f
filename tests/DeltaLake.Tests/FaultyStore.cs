namespace RealTimeMesh.DeltaLake.Tests;

/// <summary>A store whose puts of chosen files fail, before or after the file was made.</summary>
internal sealed class FaultyStore(Func<string, PutFault> faultOf) : ITableStore
{
    private readonly LocalTableStore _files = new();

    public async Task<bool> PutIfAbsentAsync(string path, ReadOnlyMemory<byte> content, CancellationToken cancellationToken)
    {
        var fault = faultOf(Path.GetFileName(path));
        if (fault == PutFault.Before)
            throw new IOException("the store did not answer");
        var done = await _files.PutIfAbsentAsync(path, content, cancellationToken);
        return fault == PutFault.After ? throw new IOException("the store's answer was lost") : done;
    }

    public Task ReplaceAsync(string path, ReadOnlyMemory<byte> content, CancellationToken cancellationToken) => _files.ReplaceAsync(path, content, cancellationToken);

    public Task<StoredFile?> ReadAsync(string path, CancellationToken cancellationToken) => _files.ReadAsync(path, cancellationToken);

    public bool IsLocal => true;

    public Task<bool> ExistsAsync(string path, CancellationToken cancellationToken) => _files.ExistsAsync(path, cancellationToken);

    public IAsyncEnumerable<ListedFile> ListAsync(string folder, string? after, CancellationToken cancellationToken) => _files.ListAsync(folder, after, cancellationToken);

    public IAsyncEnumerable<ListedFile> ListTreeAsync(string folder, CancellationToken cancellationToken) => _files.ListTreeAsync(folder, cancellationToken);

    public async Task<bool> PutIfAbsentAsync(string path, Func<Stream, Task> write, bool durable, CancellationToken cancellationToken)
    {
        using var content = new MemoryStream();
        await write(content);
        return await PutIfAbsentAsync(path, content.ToArray(), cancellationToken);
    }

    public Task<Stream?> OpenReadAsync(string path, CancellationToken cancellationToken) => _files.OpenReadAsync(path, cancellationToken);

    public Task<(long Size, long ModifiedAt)?> DescribeAsync(string path, CancellationToken cancellationToken) => _files.DescribeAsync(path, cancellationToken);

    public Task DeleteAsync(string path, CancellationToken cancellationToken) => _files.DeleteAsync(path, cancellationToken);

    public Task PrepareCommitAsync(string table, bool isNew, IEnumerable<string> paths, CancellationToken cancellationToken) => _files.PrepareCommitAsync(table, isNew, paths, cancellationToken);

    public Task<IFetchedFiles> FetchAsync(string table, IReadOnlyList<WantedFile> files, CancellationToken cancellationToken) => _files.FetchAsync(table, files, cancellationToken);

    public IStagedFiles Stage(string table) => _files.Stage(table);
}

internal enum PutFault
{
    None,

    /// <summary>Nothing was made.</summary>
    Before,

    /// <summary>The file was made, or another had the name; the answer was lost.</summary>
    After,
}
