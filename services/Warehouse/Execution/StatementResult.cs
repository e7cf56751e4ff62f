namespace RealTimeMesh.Warehouse.Execution;

/// <summary>What a statement gave: its columns and its rows in partitions of encoded JSON, the first in memory and the others in files.</summary>
internal sealed class StatementResult(IReadOnlyList<ResultColumn> columns) : IDisposable
{
    private readonly List<(byte[]? Bytes, string? File)> _pages = [];

    public IReadOnlyList<ResultColumn> Columns { get; } = columns;

    public List<(long Rows, long Bytes)> Partitions { get; } = [];

    public long Rows { get; private set; }

    /// <summary>Rows inserted, updated and deleted; null for a query.</summary>
    public (long Inserted, long Updated, long Deleted)? Stats { get; init; }

    public void Add(byte[] page, long rows, string? file)
    {
        if (file is not null)
            File.WriteAllBytes(file, page);
        _pages.Add((file is null ? page : null, file));
        Partitions.Add((rows, page.Length));
        Rows += rows;
    }

    /// <summary>A partition as a JSON array of arrays of texts; null where there is none of that number.</summary>
    public async Task<byte[]?> PageAsync(int partition, CancellationToken cancellationToken)
    {
        if (partition < 0 || partition >= _pages.Count)
            return null;
        var (bytes, file) = _pages[partition];
        return bytes ?? await File.ReadAllBytesAsync(file!, cancellationToken);
    }

    public void Dispose()
    {
        foreach (var (_, file) in _pages)
        {
            if (file is not null)
                File.Delete(file);
        }
    }
}
