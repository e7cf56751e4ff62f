using System.Globalization;
using System.Security;
using System.Text;
using System.Xml.Linq;
using Microsoft.AspNetCore.Http;

namespace RealTimeMesh.ObjectStores.Tests.S3;

/// <summary>
/// The part of S3 that tables need, as strict as its documentation: signatures, ListObjectsV2 in pages, ranges, uploads in parts, conditional
/// puts; with faults on demand. Path style, one bucket.
/// </summary>
internal sealed class S3TestServer : IAsyncDisposable
{
    public const string Bucket = "lake";
    public const string AccessKey = "test-access";
    public const string SecretKey = "test/secret+key";
    private const int LeastPart = 5 << 20;
    private TestServer? _server;

    public TestFaults Faults { get; } = new();

    public TestBucket Objects { get; } = new();

    /// <summary>Most names of one page, whatever the request asks for.</summary>
    public int PageSize { get; set; } = 25;

    /// <summary>True for a store that replaces objects in spite of <c>If-None-Match: *</c>.</summary>
    public bool IgnoresConditions { get; set; }

    public string Url => _server!.Url;

    public static async Task<S3TestServer> StartAsync()
    {
        var server = new S3TestServer();
        server._server = await TestServer.StartAsync(server.HandleAsync);
        return server;
    }

    public ObjectStoreOptions Options(string cache) => new()
    {
        CacheFolder = cache,
        FirstDelay = TimeSpan.FromMilliseconds(5),
        MaxDelay = TimeSpan.FromMilliseconds(100),
        PartMiB = 5,
        MaxAttempts = 12,
        RequestTimeout = TimeSpan.FromSeconds(20),
        S3 = new S3Options { Endpoint = Url, AccessKey = AccessKey, SecretKey = SecretKey },
    };

    public async ValueTask DisposeAsync() => await _server!.DisposeAsync();

    private async Task HandleAsync(HttpContext context)
    {
        using var content = new MemoryStream();
        await context.Request.Body.CopyToAsync(content);
        var body = content.ToArray();
        var path = context.Request.Path.Value!.TrimStart('/');
        var key = path.Contains('/', StringComparison.Ordinal) ? path[(path.IndexOf('/', StringComparison.Ordinal) + 1)..] : "";
        var fault = await Faults.NextAsync(context, key);
        switch (fault)
        {
            case Fault.Busy:
                await ErrorAsync(context, 503, "SlowDown");
                return;
            case Fault.Conflict:
                await ErrorAsync(context, 409, "ConditionalRequestConflict");
                return;
            case Fault.Dropped:
                context.Abort();
                return;
            case Fault.Silent:
                await TestFaults.HangAsync(context);
                return;
            default:
                break;
        }

        var output = context.Response.Body;
        using var buffer = new MemoryStream();
        context.Response.Body = buffer;
        if (S3Signature.FaultOf(context.Request, body, AccessKey, SecretKey) is { } code)
            await ErrorAsync(context, 403, code);
        else if (path.Split('/')[0] != Bucket)
            await ErrorAsync(context, 404, "NoSuchBucket");
        else
            await AnswerAsync(context, key, body);
        context.Response.Body = output;
        if (fault == Fault.AnswerLost)
            context.Abort();
        else if (buffer.Length > 0 && context.Request.Method != "HEAD")
            await output.WriteAsync(buffer.GetBuffer().AsMemory(0, (int)buffer.Length));
    }

    private Task AnswerAsync(HttpContext context, string key, byte[] body)
    {
        var query = context.Request.Query;
        return (context.Request.Method, query.ContainsKey("uploads"), query.ContainsKey("uploadId")) switch
        {
            ("GET", _, _) when key.Length == 0 => ListAsync(context),
            ("GET" or "HEAD", _, false) => GetAsync(context, key),
            ("PUT", _, false) => PutAsync(context, key, body),
            ("POST", true, _) => BeginAsync(context, key),
            ("PUT", _, true) => PartAsync(context, body),
            ("POST", _, true) => CompleteAsync(context, key, body),
            ("DELETE", _, true) => Task.FromResult(context.Response.StatusCode = Objects.Uploads.TryRemove(query["uploadId"]!, out _) ? 204 : 404),
            ("DELETE", _, _) => Task.FromResult((context.Response.StatusCode = 204, Objects.Delete(key))),
            _ => ErrorAsync(context, 501, "NotImplemented"),
        };
    }

    private Task ListAsync(HttpContext context)
    {
        var query = context.Request.Query;
        if (query["list-type"] != "2")
            return ErrorAsync(context, 501, "NotImplemented");
        var token = query["continuation-token"].ToString();
        var after = token.Length > 0 ? Encoding.UTF8.GetString(Convert.FromBase64String(token)) : query["start-after"].ToString();
        var (objects, prefixes, last, more) = Objects.List(query["prefix"].ToString(), query["delimiter"], after, PageSize);
        XNamespace s3 = "http://s3.amazonaws.com/doc/2006-03-01/";
        var xml = new XElement(s3 + "ListBucketResult", new XElement(s3 + "Name", Bucket), new XElement(s3 + "KeyCount", objects.Count + prefixes.Count), new XElement(s3 + "IsTruncated", more));
        if (more)
            xml.Add(new XElement(s3 + "NextContinuationToken", Convert.ToBase64String(Encoding.UTF8.GetBytes(last!))));
        xml.Add(objects.Select(item => new XElement(s3 + "Contents", new XElement(s3 + "Key", item.Key), new XElement(s3 + "Size", item.Value.Content.Length), new XElement(s3 + "LastModified", item.Value.ModifiedAt.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture)))));
        xml.Add(prefixes.Select(prefix => new XElement(s3 + "CommonPrefixes", new XElement(s3 + "Prefix", prefix))));
        return XmlAsync(context, xml.ToString());
    }

    private Task GetAsync(HttpContext context, string key)
    {
        if (Objects.Find(key) is not { } found)
            return ErrorAsync(context, 404, "NoSuchKey");
        var response = context.Response;
        response.Headers.ETag = $"\"{found.ETag}\"";
        response.Headers.LastModified = found.ModifiedAt.ToString("R");
        return TestRanges.WriteAsync(context, found.Content, () => ErrorAsync(context, 416, "InvalidRange"));
    }

    private Task PutAsync(HttpContext context, string key, byte[] body)
    {
        if (Condition(context) is not { } ifAbsent)
            return ErrorAsync(context, 501, "NotImplemented");
        if (!Objects.Put(key, body, ifAbsent))
            return ErrorAsync(context, 412, "PreconditionFailed");
        context.Response.Headers.ETag = $"\"{Objects.Find(key)?.ETag}\"";
        return Task.CompletedTask;
    }

    private Task BeginAsync(HttpContext context, string key)
    {
        var id = Path.GetRandomFileName();
        Objects.Uploads[id] = [];
        return XmlAsync(context, $"<InitiateMultipartUploadResult><Bucket>{Bucket}</Bucket><Key>{SecurityElement.Escape(key)}</Key><UploadId>{id}</UploadId></InitiateMultipartUploadResult>");
    }

    private Task PartAsync(HttpContext context, byte[] body)
    {
        if (!Objects.Uploads.TryGetValue(context.Request.Query["uploadId"]!, out var parts))
            return ErrorAsync(context, 404, "NoSuchUpload");
        lock (parts)
            parts[int.Parse(context.Request.Query["partNumber"]!, CultureInfo.InvariantCulture)] = body;
        context.Response.Headers.ETag = $"\"{new TestObject(body, default).ETag}\"";
        return Task.CompletedTask;
    }

    private Task CompleteAsync(HttpContext context, string key, byte[] body)
    {
        var id = context.Request.Query["uploadId"].ToString();
        if (!Objects.Uploads.TryGetValue(id, out var parts))
            return ErrorAsync(context, 404, "NoSuchUpload");
        var listed = XElement.Parse(Encoding.UTF8.GetString(body)).Elements().Select(part => (
            Number: int.Parse(part.Elements().First(item => item.Name.LocalName == "PartNumber").Value, CultureInfo.InvariantCulture),
            ETag: part.Elements().First(item => item.Name.LocalName == "ETag").Value.Trim('"'))).ToList();
        if (!listed.Select(part => part.Number).SequenceEqual(listed.Select(part => part.Number).Order()))
            return ErrorAsync(context, 400, "InvalidPartOrder");
        if (listed.Exists(part => !parts.TryGetValue(part.Number, out var found) || new TestObject(found, default).ETag != part.ETag))
            return ErrorAsync(context, 400, "InvalidPart");
        if (listed.SkipLast(1).Any(part => parts[part.Number].Length < LeastPart))
            return ErrorAsync(context, 400, "EntityTooSmall");
        if (Condition(context) is not { } ifAbsent)
            return ErrorAsync(context, 501, "NotImplemented");
        if (!Objects.Put(key, [.. listed.SelectMany(part => parts[part.Number])], ifAbsent))
            return ErrorAsync(context, 412, "PreconditionFailed");
        Objects.Uploads.TryRemove(id, out _);
        return XmlAsync(context, $"<CompleteMultipartUploadResult><Bucket>{Bucket}</Bucket><Key>{SecurityElement.Escape(key)}</Key><ETag>\"x-{listed.Count}\"</ETag></CompleteMultipartUploadResult>");
    }

    /// <summary>S3 knows no other value of the condition than <c>*</c>.</summary>
    private bool? Condition(HttpContext context) => context.Request.Headers.IfNoneMatch.ToString() switch
    {
        "" => false,
        "*" => !IgnoresConditions,
        _ => null,
    };

    private static Task ErrorAsync(HttpContext context, int status, string code)
    {
        context.Response.StatusCode = status;
        return XmlAsync(context, $"<Error><Code>{code}</Code><Message>{code} of the test server</Message><RequestId>1</RequestId></Error>");
    }

    private static Task XmlAsync(HttpContext context, string xml)
    {
        context.Response.ContentType = "application/xml";
        return context.Response.Body.WriteAsync(Encoding.UTF8.GetBytes("<?xml version=\"1.0\" encoding=\"UTF-8\"?>" + xml)).AsTask();
    }
}
