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

    public bool Exists(string path) => _files.Exists(path);

    public IEnumerable<string> List(string folder) => _files.List(folder);

    public void Flush(string table, IEnumerable<string> paths) => _files.Flush(table, paths);
}

internal enum PutFault
{
    None,

    /// <summary>Nothing was made.</summary>
    Before,

    /// <summary>The file was made, or another had the name; the answer was lost.</summary>
    After,
}
