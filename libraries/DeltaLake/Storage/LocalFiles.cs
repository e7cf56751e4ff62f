namespace RealTimeMesh.DeltaLake;

/// <summary>Data files that lie where the table does.</summary>
internal sealed class LocalFiles(IReadOnlyList<string?> paths) : IFetchedFiles
{
    public IReadOnlyList<string?> Paths => paths;

    public void Dispose()
    {
    }
}

/// <summary>New files written where they will lie: whoever writes them flushes them.</summary>
internal sealed class LocalStage(string table) : IStagedFiles
{
    public string Root => table;

    public Task PublishAsync(IReadOnlyList<string> files, CancellationToken cancellationToken) => Task.CompletedTask;

    public Task DiscardAsync(IReadOnlyList<string> files, CancellationToken cancellationToken)
    {
        foreach (var file in files)
        {
            var path = Path.Combine(table, file);
            if (File.Exists(path))
                File.Delete(path);
        }

        return Task.CompletedTask;
    }

    public void Dispose()
    {
    }
}
