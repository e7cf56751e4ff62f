using RealTimeMesh.DeltaLake;

namespace RealTimeMesh.ObjectStores.Cache;

/// <summary>New files of a table in a workspace, sent when they are complete; what was sent stays in the cache for readers.</summary>
internal sealed class RemoteStage(ObjectTransfer transfer, FileCache cache, string table, ObjectStoreOptions options) : IStagedFiles
{
    private readonly Lazy<Workspace> _workspace = new(cache.OpenStage);

    public string Root => _workspace.Value.Folder;

    public Task PublishAsync(IReadOnlyList<string> files, CancellationToken cancellationToken) =>
        Parallel.ForEachAsync(files, Options(cancellationToken), async (file, token) =>
        {
            var local = Path.Combine(Root, file);
            var uri = TablePaths.Combine(table, file.Replace('\\', '/'));
            // The name is new: nobody else puts it, and a repeated put is the same file.
            await transfer.UploadAsync(local, uri, ifAbsent: false, token);
            cache.Add(local, uri, new FileInfo(local).Length);
            File.Delete(local);
        });

    public Task DiscardAsync(IReadOnlyList<string> files, CancellationToken cancellationToken) =>
        Parallel.ForEachAsync(files, Options(cancellationToken), async (file, token) =>
        {
            var local = Path.Combine(Root, file);
            if (File.Exists(local))
                File.Delete(local);
            try
            {
                await transfer.DeleteAsync(TablePaths.Combine(table, file.Replace('\\', '/')), token);
            }
            catch (ObjectStoreException exception)
            {
                // What led here is the fault to report; vacuum deletes the file.
                options.OnRetry?.Invoke($"{exception.Message} The file belongs to no version: vacuum deletes it.");
            }
        });

    public void Dispose()
    {
        if (_workspace.IsValueCreated)
            _workspace.Value.Dispose();
    }

    private ParallelOptions Options(CancellationToken cancellationToken) => new() { MaxDegreeOfParallelism = options.Parallelism, CancellationToken = cancellationToken };
}
