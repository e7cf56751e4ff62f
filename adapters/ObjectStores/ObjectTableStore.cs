using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using RealTimeMesh.DeltaLake;
using RealTimeMesh.ObjectStores.Azure;
using RealTimeMesh.ObjectStores.Cache;
using RealTimeMesh.ObjectStores.Gcs;
using RealTimeMesh.ObjectStores.S3;

namespace RealTimeMesh.ObjectStores;

/// <summary>
/// Tables in one container of an object store: Amazon S3 and compatible ones, Azure Blob and Data Lake Storage, Google Cloud Storage. The public
/// door of this library. Data files are read by way of a cache on this machine. Thread-safe; keep one for each container.
/// </summary>
public sealed class ObjectTableStore : ITableStore, IDisposable
{
    /// <summary>Endpoints whose condition was found to hold, by the container's URI.</summary>
    private readonly ConcurrentDictionary<string, bool> _checked = new(StringComparer.Ordinal);
    private readonly IObjectClient _client;
    private readonly ObjectStoreOptions _options;
    private readonly Retries _retries;
    private readonly ObjectTransfer _transfer;
    private readonly FileCache _cache;

    internal ObjectTableStore(IObjectClient client, ObjectStoreOptions options, TimeProvider time)
    {
        (_client, _options) = (client, options);
        _retries = new Retries(options, time);
        _transfer = new ObjectTransfer(client, _retries, options);
        _cache = new FileCache(options, client.Endpoint, time);
    }

    /// <summary>The store of a table's URI, such as <c>s3://bucket/lake/t</c>. No request is made yet.</summary>
    public static ObjectTableStore Open(string uri, ObjectStoreOptions options, TimeProvider time)
    {
        var location = ObjectLocation.Parse(uri);
        IObjectClient client = location.Scheme switch
        {
            "s3" or "s3a" or "s3n" => new S3ObjectClient(location.Root, location.Container, options.S3, options),
            "az" or "azure" or "abfs" or "abfss" or "wasb" or "wasbs" => new AzureObjectClient(location.Root, location.Container, location.Account, options.Azure, options),
            "gs" or "gcs" => new GcsObjectClient(location.Root, location.Container, options.Gcs, time),
            _ => throw new ObjectStoreException(uri, $"has scheme '{location.Scheme}'; {ObjectLocation.Expected}."),
        };
        return new ObjectTableStore(client, options, time);
    }

    public bool IsLocal => false;

    public Task<bool> PutIfAbsentAsync(string path, ReadOnlyMemory<byte> content, CancellationToken cancellationToken) =>
        _retries.RunAsync(path, token => _client.PutAsync(_transfer.KeyOf(path), content, ifAbsent: true, token), cancellationToken);

    public async Task<bool> PutIfAbsentAsync(string path, Func<Stream, Task> write, bool durable, CancellationToken cancellationToken)
    {
        using var stage = _cache.OpenStage();
        var spool = Path.Combine(stage.Folder, "object");
        await using (var stream = new FileStream(spool, FileMode.CreateNew, FileAccess.Write, FileShare.None, 1 << 17))
            await write(stream);
        return await _transfer.UploadAsync(spool, path, ifAbsent: true, cancellationToken);
    }

    public Task ReplaceAsync(string path, ReadOnlyMemory<byte> content, CancellationToken cancellationToken) =>
        _retries.RunAsync(path, token => _client.PutAsync(_transfer.KeyOf(path), content, ifAbsent: false, token), cancellationToken);

    public Task<StoredFile?> ReadAsync(string path, CancellationToken cancellationToken) => _retries.RunAsync<StoredFile?>(path, async token =>
    {
        using var body = await _client.ReadAsync(_transfer.KeyOf(path), 0, long.MaxValue, token);
        if (body is null)
            return null;
        return new StoredFile(await ContentAsync(path, body, body.Size, token), body.ModifiedAt);
    }, cancellationToken);

    public async Task<bool> ExistsAsync(string path, CancellationToken cancellationToken) => await DescribeAsync(path, cancellationToken) is not null;

    public async Task<(long Size, long ModifiedAt)?> DescribeAsync(string path, CancellationToken cancellationToken) =>
        await _retries.RunAsync(path, token => _client.DescribeAsync(_transfer.KeyOf(path), token), cancellationToken) is { } info ? (info.Size, info.ModifiedAt) : null;

    public async Task<Stream?> OpenReadAsync(string path, CancellationToken cancellationToken)
    {
        var key = _transfer.KeyOf(path);
        var opened = await _retries.RunAsync<(byte[] First, long Size)?>(path, async token =>
        {
            using var body = await _client.ReadAsync(key, 0, ObjectStream.FirstBytes, token);
            return body is null ? null : (await ContentAsync(path, body, Math.Min(body.Size, ObjectStream.FirstBytes), token), body.Size);
        }, cancellationToken);
        return opened is var (first, size) ? new ObjectStream(ReadRangeAsync, first, size) : null;

        Task<byte[]> ReadRangeAsync(long offset, long count, CancellationToken stop) => _retries.RunAsync(path, async token =>
        {
            using var body = await _client.ReadAsync(key, offset, count, token) ?? throw new ObjectStoreException(path, "was deleted while it was read; read the table again.");
            return await ContentAsync(path, body, count, token);
        }, stop);
    }

    public IAsyncEnumerable<ListedFile> ListAsync(string folder, string? after, CancellationToken cancellationToken)
    {
        var prefix = _transfer.PrefixOf(folder);
        return ListAsync(folder, prefix, false, after is null ? null : prefix + after, cancellationToken);
    }

    public IAsyncEnumerable<ListedFile> ListTreeAsync(string folder, CancellationToken cancellationToken) =>
        ListAsync(folder, _transfer.PrefixOf(folder), true, null, cancellationToken);

    public Task DeleteAsync(string path, CancellationToken cancellationToken) => _transfer.DeleteAsync(path, cancellationToken);

    /// <summary>Files are durable when their puts are answered; asks once whether the store keeps the condition of a put.</summary>
    public async Task PrepareCommitAsync(string table, bool isNew, IEnumerable<string> paths, CancellationToken cancellationToken)
    {
        if (_options.ConditionCheck == ConditionCheck.Never || (_options.ConditionCheck == ConditionCheck.OtherEndpoints && _client.IsVendor) || _checked.ContainsKey(_client.Root))
            return;
        await ConditionProbe.RequireAsync(this, table, cancellationToken);
        _checked[_client.Root] = true;
    }

    public async Task<IFetchedFiles> FetchAsync(string table, IReadOnlyList<WantedFile> files, CancellationToken cancellationToken)
    {
        var lease = _cache.OpenLease();
        try
        {
            var parallel = new ParallelOptions { MaxDegreeOfParallelism = _options.Parallelism, CancellationToken = cancellationToken };
            var uris = files.Select(file => TablePaths.Combine(table, file.Path)).ToArray();
            var sizes = files.Select(file => file.Size).ToArray();
            await Parallel.ForAsync(0, files.Count, parallel, async (i, token) =>
            {
                if (sizes[i] < 0)
                    sizes[i] = await DescribeAsync(uris[i], token) is var (size, _) ? size : -1;
            });
            _cache.RequireRoom(table, sizes.Where(size => size > 0).Sum());
            var paths = new string?[files.Count];
            await Parallel.ForAsync(0, files.Count, parallel, async (i, token) =>
            {
                if (sizes[i] >= 0)
                    paths[i] = await _cache.GetAsync(lease, uris[i], sizes[i], (file, each) => _transfer.DownloadAsync(uris[i], file, sizes[i], each), token);
            });
            return new FetchedFiles(lease, paths);
        }
        catch
        {
            lease.Dispose();
            throw;
        }
    }

    public IStagedFiles Stage(string table) => new RemoteStage(_transfer, _cache, table, _options);

    public void Dispose()
    {
        _client.Dispose();
        _retries.Dispose();
    }

    private async IAsyncEnumerable<ListedFile> ListAsync(string folder, string prefix, bool recursive, string? after, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        string? next = null;
        do
        {
            var page = await _retries.RunAsync(folder, token => _client.ListAsync(prefix, recursive, after, next, token), cancellationToken);
            foreach (var item in page.Objects)
            {
                // Some tools put an empty object for each folder.
                if (!item.Key.EndsWith('/'))
                    yield return new ListedFile($"{_client.Root}/{item.Key}", item.Size, item.ModifiedAt);
            }

            next = page.Next;
        }
        while (next is not null);
    }

    private static async Task<byte[]> ContentAsync(string path, ObjectBody body, long size, CancellationToken cancellationToken)
    {
        var content = new byte[size];
        var read = await body.Content.ReadAtLeastAsync(content, content.Length, throwOnEndOfStream: false, cancellationToken);
        return read == size ? content : throw new ObjectStoreException(path, $"the answer ended after {read} of {size} bytes", isTransient: true);
    }
}
