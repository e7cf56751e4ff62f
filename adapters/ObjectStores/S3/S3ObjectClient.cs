using System.Globalization;
using System.Net;
using Amazon;
using Amazon.Runtime;
using Amazon.S3;
using Amazon.S3.Model;

namespace RealTimeMesh.ObjectStores.S3;

/// <summary>A bucket of Amazon S3 or of a store that speaks its protocol.</summary>
internal sealed class S3ObjectClient : IObjectClient
{
    private readonly AmazonS3Client _client;
    private readonly string _bucket;

    public S3ObjectClient(string root, string bucket, S3Options options, ObjectStoreOptions limits)
    {
        (Root, _bucket, IsVendor, Endpoint) = (root, bucket, options.Endpoint is null, options.Endpoint ?? "");
        var config = new AmazonS3Config
        {
            // One policy of retries for all stores.
            MaxErrorRetry = 0,
            MaxConnectionsPerServer = limits.Parallelism,
            Timeout = limits.RequestTimeout,
            ForcePathStyle = options.PathStyle ?? !IsVendor,
        };
        if (options.Endpoint is { } endpoint)
        {
            config.ServiceURL = endpoint;
            config.AuthenticationRegion = options.Region ?? "us-east-1";
            // Compatible stores know neither trailing checksums nor the chunks that carry them.
            config.RequestChecksumCalculation = RequestChecksumCalculation.WHEN_REQUIRED;
            config.ResponseChecksumValidation = ResponseChecksumValidation.WHEN_REQUIRED;
        }
        else if (options.Region is { } region)
        {
            config.RegionEndpoint = RegionEndpoint.GetBySystemName(region);
        }

        try
        {
            _client = options.AccessKey is null ? new AmazonS3Client(config)
                : options.SessionToken is null ? new AmazonS3Client(options.AccessKey, options.SecretKey, config)
                : new AmazonS3Client(options.AccessKey, options.SecretKey, options.SessionToken, config);
        }
        catch (AmazonClientException exception)
        {
            throw new ObjectStoreException(root, $"{exception.Message}; expected a region or an endpoint; set AWS_REGION, or AWS_ENDPOINT_URL_S3 for a compatible store.", innerException: exception);
        }
    }

    public string Root { get; }

    public string Endpoint { get; }

    public bool IsVendor { get; }

    public int PartsAtOnce => 4;

    public Task<ObjectPage> ListAsync(string prefix, bool recursive, string? after, string? next, CancellationToken cancellationToken) => CallAsync(prefix, async () =>
    {
        var request = new ListObjectsV2Request { BucketName = _bucket, Prefix = prefix, Delimiter = recursive ? null : "/", StartAfter = next is null ? after : null, ContinuationToken = next };
        var answer = await _client.ListObjectsV2Async(request, cancellationToken);
        return new ObjectPage([.. (answer.S3Objects ?? []).Select(item => new ObjectInfo(item.Key, item.Size ?? 0, S3Time.Of(item.LastModified)))], answer.IsTruncated == true ? answer.NextContinuationToken : null);
    });

    public Task<ObjectInfo?> DescribeAsync(string key, CancellationToken cancellationToken) => CallAsync(key, async () =>
    {
        try
        {
            var answer = await _client.GetObjectMetadataAsync(_bucket, key, cancellationToken);
            return new ObjectInfo(key, answer.ContentLength, S3Time.Of(answer.LastModified));
        }
        catch (AmazonS3Exception exception) when (exception.StatusCode == HttpStatusCode.NotFound && exception.ErrorCode != "NoSuchBucket")
        {
            return null;
        }
    });

    public Task<ObjectBody?> ReadAsync(string key, long offset, long count, CancellationToken cancellationToken) => CallAsync(key, async () =>
    {
        try
        {
            // Always a range: whole objects would be compared with an ETag that not every store makes by MD5.
            var range = count == long.MaxValue ? new ByteRange(string.Create(CultureInfo.InvariantCulture, $"bytes={offset}-")) : new ByteRange(offset, offset + count - 1);
            var request = new GetObjectRequest { BucketName = _bucket, Key = key, ByteRange = range };
            var answer = await _client.GetObjectAsync(request, cancellationToken);
            var size = answer.ContentRange?.Split('/') is [_, var total] ? long.Parse(total, CultureInfo.InvariantCulture) : answer.ContentLength;
            return new ObjectBody(answer.ResponseStream, size, S3Time.Of(answer.LastModified), answer);
        }
        catch (AmazonS3Exception exception) when (exception.StatusCode == HttpStatusCode.NotFound && exception.ErrorCode != "NoSuchBucket")
        {
            return null;
        }
        catch (AmazonS3Exception exception) when (exception.StatusCode == HttpStatusCode.RequestedRangeNotSatisfiable)
        {
            return await DescribeAsync(key, cancellationToken) is { } info ? new ObjectBody(Stream.Null, info.Size, info.ModifiedAt) : null;
        }
    });

    public Task<bool> PutAsync(string key, ReadOnlyMemory<byte> content, bool ifAbsent, CancellationToken cancellationToken) => CallAsync(key, async () =>
    {
        using var stream = new ReadOnlyMemoryStream(content);
        var request = new PutObjectRequest { BucketName = _bucket, Key = key, InputStream = stream, AutoCloseStream = false, IfNoneMatch = ifAbsent ? "*" : null };
        if (!IsVendor)
            request.UseChunkEncoding = false;
        return await WonAsync(() => _client.PutObjectAsync(request, cancellationToken));
    });

    public Task<string> BeginUploadAsync(string key, bool ifAbsent, CancellationToken cancellationToken) => CallAsync(key, async () =>
        (await _client.InitiateMultipartUploadAsync(new InitiateMultipartUploadRequest { BucketName = _bucket, Key = key }, cancellationToken)).UploadId);

    public Task<string> PutPartAsync(string key, string upload, UploadPart part, CancellationToken cancellationToken) => CallAsync(key, async () =>
    {
        using var stream = new ReadOnlyMemoryStream(part.Content);
        var request = new UploadPartRequest { BucketName = _bucket, Key = key, UploadId = upload, PartNumber = part.Number, InputStream = stream, PartSize = part.Content.Length };
        if (!IsVendor)
            request.UseChunkEncoding = false;
        return (await _client.UploadPartAsync(request, cancellationToken)).ETag;
    });

    public Task<bool> CompleteUploadAsync(string key, string upload, IReadOnlyList<string> parts, bool ifAbsent, CancellationToken cancellationToken) => CallAsync(key, () =>
    {
        var request = new CompleteMultipartUploadRequest
        {
            BucketName = _bucket,
            Key = key,
            UploadId = upload,
            PartETags = [.. parts.Select((tag, i) => new PartETag(i + 1, tag))],
            IfNoneMatch = ifAbsent ? "*" : null,
        };
        return WonAsync(() => _client.CompleteMultipartUploadAsync(request, cancellationToken));
    });

    public Task AbortUploadAsync(string key, string upload, CancellationToken cancellationToken) => CallAsync(key, async () =>
        await _client.AbortMultipartUploadAsync(_bucket, key, upload, cancellationToken));

    public Task DeleteAsync(string key, CancellationToken cancellationToken) => CallAsync(key, async () => await _client.DeleteObjectAsync(_bucket, key, cancellationToken));

    public void Dispose() => _client.Dispose();

    private static async Task<bool> WonAsync(Func<Task> put)
    {
        try
        {
            await put();
            return true;
        }
        catch (AmazonS3Exception exception) when (exception.StatusCode == HttpStatusCode.PreconditionFailed)
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
        catch (Exception exception) when (exception is AmazonClientException or AmazonServiceException)
        {
            throw S3Faults.Of($"{Root}/{key}", exception);
        }
    }
}
