using System.Globalization;
using Azure;
using Azure.Core.Pipeline;
using Azure.Storage;
using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;
using Azure.Storage.Blobs.Specialized;

namespace RealTimeMesh.ObjectStores.Azure;

/// <summary>A container of Azure Blob Storage; of Data Lake Storage by the same service.</summary>
internal sealed class AzureObjectClient : IObjectClient
{
    private readonly BlobContainerClient _container;
    private readonly HttpClient _http = new(new SocketsHttpHandler { PooledConnectionLifetime = TimeSpan.FromMinutes(5) });

    public AzureObjectClient(string root, string container, string? account, AzureOptions options, ObjectStoreOptions limits)
    {
        Root = root;
        var client = new BlobClientOptions { Transport = new HttpClientTransport(_http) };
        // One policy of retries for all stores.
        client.Retry.MaxRetries = 0;
        client.Retry.NetworkTimeout = limits.RequestTimeout;
        _container = Open(root, container, account ?? options.Account, options, client);
        IsVendor = _container.Uri.Host.EndsWith(".blob.core.windows.net", StringComparison.OrdinalIgnoreCase);
    }

    public string Root { get; }

    public string Endpoint => _container.Uri.GetLeftPart(UriPartial.Path);

    public bool IsVendor { get; }

    public int PartsAtOnce => 4;

    public Task<ObjectPage> ListAsync(string prefix, bool recursive, string? after, string? next, CancellationToken cancellationToken) => CallAsync(prefix, async () =>
    {
        // Folders of a hierarchical account are told as blobs with a mark in their metadata.
        var pages = recursive
            ? _container.GetBlobsAsync(BlobTraits.Metadata, BlobStates.None, prefix, cancellationToken).AsPages(next)
            : _container.GetBlobsByHierarchyAsync(BlobTraits.Metadata, BlobStates.None, "/", prefix, cancellationToken).Blobs(next);
        await foreach (var page in pages)
        {
            var objects = page.Values.Where(item => !IsFolder(item) && string.CompareOrdinal(item.Name, after) > 0)
                .Select(item => new ObjectInfo(item.Name, item.Properties.ContentLength ?? 0, Seconds(item.Properties.LastModified ?? default)));
            return new ObjectPage([.. objects], string.IsNullOrEmpty(page.ContinuationToken) ? null : page.ContinuationToken);
        }

        return new ObjectPage([], null);
    });

    public Task<ObjectInfo?> DescribeAsync(string key, CancellationToken cancellationToken) => CallAsync(key, async () =>
    {
        try
        {
            var properties = (await Blob(key).GetPropertiesAsync(cancellationToken: cancellationToken)).Value;
            return new ObjectInfo(key, properties.ContentLength, Seconds(properties.LastModified));
        }
        catch (RequestFailedException exception) when (IsAbsent(exception))
        {
            return null;
        }
    });

    public Task<ObjectBody?> ReadAsync(string key, long offset, long count, CancellationToken cancellationToken) => CallAsync(key, async () =>
    {
        try
        {
            var range = new HttpRange(offset, count == long.MaxValue ? null : count);
            var answer = (await Blob(key).DownloadStreamingAsync(new BlobDownloadOptions { Range = range }, cancellationToken)).Value;
            var details = answer.Details;
            var size = details.ContentRange?.Split('/') is [_, var total] ? long.Parse(total, CultureInfo.InvariantCulture) : details.ContentLength;
            return new ObjectBody(answer.Content, size, Seconds(details.LastModified), answer);
        }
        catch (RequestFailedException exception) when (IsAbsent(exception))
        {
            return null;
        }
        catch (RequestFailedException exception) when (exception.Status == 416)
        {
            return await DescribeAsync(key, cancellationToken) is { } info ? new ObjectBody(Stream.Null, info.Size, info.ModifiedAt) : null;
        }
    });

    public Task<bool> PutAsync(string key, ReadOnlyMemory<byte> content, bool ifAbsent, CancellationToken cancellationToken) => CallAsync(key, async () =>
    {
        using var stream = new ReadOnlyMemoryStream(content);
        return await WonAsync(() => _container.GetBlockBlobClient(key).UploadAsync(stream, new BlobUploadOptions { Conditions = Conditions(ifAbsent) }, cancellationToken));
    });

    /// <summary>Blocks that were put belong to nothing until they are listed; the store forgets them after a week.</summary>
    public Task<string> BeginUploadAsync(string key, bool ifAbsent, CancellationToken cancellationToken) => Task.FromResult(Path.GetRandomFileName());

    public Task<string> PutPartAsync(string key, string upload, UploadPart part, CancellationToken cancellationToken) => CallAsync(key, async () =>
    {
        var id = Convert.ToBase64String(System.Text.Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{upload}-{part.Number:D6}")));
        using var stream = new ReadOnlyMemoryStream(part.Content);
        await _container.GetBlockBlobClient(key).StageBlockAsync(id, stream, cancellationToken: cancellationToken);
        return id;
    });

    public Task<bool> CompleteUploadAsync(string key, string upload, IReadOnlyList<string> parts, bool ifAbsent, CancellationToken cancellationToken) => CallAsync(key, () =>
        WonAsync(() => _container.GetBlockBlobClient(key).CommitBlockListAsync(parts, new CommitBlockListOptions { Conditions = Conditions(ifAbsent) }, cancellationToken)));

    public Task AbortUploadAsync(string key, string upload, CancellationToken cancellationToken) => Task.CompletedTask;

    public Task DeleteAsync(string key, CancellationToken cancellationToken) => CallAsync(key, async () => await Blob(key).DeleteIfExistsAsync(cancellationToken: cancellationToken));

    public void Dispose() => _http.Dispose();

    private static BlobContainerClient Open(string root, string container, string? account, AzureOptions options, BlobClientOptions client)
    {
        try
        {
            if (options.ConnectionString is { } connection)
                return new BlobContainerClient(connection, container, client);
            if (account is null && options.Endpoint is null)
                throw new ObjectStoreException(root, "names no storage account; expected one; write abfss://container@account.dfs.core.windows.net/path, or set AZURE_STORAGE_ACCOUNT or AZURE_STORAGE_CONNECTION_STRING.");
            var service = new Uri($"{(options.Endpoint ?? $"https://{account}.blob.core.windows.net").TrimEnd('/')}/{container}");
            if (options.Key is { } key)
                return new BlobContainerClient(service, new StorageSharedKeyCredential(account ?? service.Host.Split('.')[0], key), client);
            if (options.SasToken is { } token)
                return new BlobContainerClient(service, new AzureSasCredential(token.TrimStart('?')), client);
        }
        catch (Exception exception) when (exception is FormatException or ArgumentException)
        {
            throw new ObjectStoreException(root, $"the credentials cannot be used: {exception.Message}; expected a connection string, a base64 key or a SAS as Azure gives them; correct the variable.", innerException: exception);
        }

        throw new ObjectStoreException(root, "no credentials; expected an account key, a SAS or a connection string; set AZURE_STORAGE_KEY, AZURE_STORAGE_SAS_TOKEN or AZURE_STORAGE_CONNECTION_STRING.");
    }

    private BlobBaseClient Blob(string key) => _container.GetBlobBaseClient(key);

    private static BlobRequestConditions? Conditions(bool ifAbsent) => ifAbsent ? new BlobRequestConditions { IfNoneMatch = ETag.All } : null;

    private static bool IsFolder(BlobItem item) => item.Metadata is { } metadata && metadata.TryGetValue("hdi_isfolder", out var mark) && mark == "true";

    private static bool IsAbsent(RequestFailedException exception) => exception.Status == 404 && exception.ErrorCode != BlobErrorCode.ContainerNotFound;

    private static long Seconds(DateTimeOffset time) => time.ToUnixTimeSeconds() * 1000;

    private static async Task<bool> WonAsync(Func<Task> put)
    {
        try
        {
            await put();
            return true;
        }
        catch (RequestFailedException exception) when (exception.Status == 412 || (exception.Status == 409 && exception.ErrorCode == BlobErrorCode.BlobAlreadyExists))
        {
            return false;
        }
    }

    private async Task<T> CallAsync<T>(string key, Func<Task<T>> call)
    {
        try
        {
            return await call();
        }
        catch (RequestFailedException exception)
        {
            throw AzureFaults.Of($"{Root}/{key}", exception);
        }
        catch (AggregateException exception) when (exception.InnerException is RequestFailedException inner)
        {
            throw AzureFaults.Of($"{Root}/{key}", inner);
        }
    }
}
