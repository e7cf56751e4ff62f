using System.Collections.Concurrent;
using System.Globalization;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace RealTimeMesh.ObjectStores.Tests.Gcs;

/// <summary>
/// The part of Google Cloud Storage's JSON API that tables need: listings in pages, media with ranges, simple and resumable uploads, conditions on
/// the generation, and access tokens for a service account's signed assertion; with faults on demand. One bucket.
/// </summary>
internal sealed class GcsTestServer : IAsyncDisposable
{
    public const string Bucket = "lake";
    private readonly ConcurrentDictionary<string, Session> _sessions = new(StringComparer.Ordinal);
    private TestServer? _server;

    public TestFaults Faults { get; } = new();

    public TestBucket Objects { get; } = new();

    /// <summary>Gives tokens, which requests then need; null for an emulator, which asks for none.</summary>
    public GcsTokens? Tokens { get; private set; }

    public int PageSize { get; set; } = 25;

    public bool IgnoresConditions { get; set; }

    public string Url => _server!.Url;

    public static async Task<GcsTestServer> StartAsync(GcsTokens? tokens = null)
    {
        var server = new GcsTestServer { Tokens = tokens };
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
        Gcs = new GcsOptions { EmulatorHost = Url },
    };

    public async ValueTask DisposeAsync() => await _server!.DisposeAsync();

    private async Task HandleAsync(HttpContext context)
    {
        using var content = new MemoryStream();
        await context.Request.Body.CopyToAsync(content);
        var path = context.Features.Get<IHttpRequestFeature>()!.RawTarget.Split('?')[0].Split('/', StringSplitOptions.RemoveEmptyEntries).Select(Uri.UnescapeDataString).ToArray();
        if (Tokens is not null && path is ["token"] or ["computeMetadata", ..])
        {
            await Tokens!.HandleAsync(context, content.ToArray());
            return;
        }

        var key = path is ["storage", "v1", "b", _, "o", var name] ? name : context.Request.Query["name"].ToString();
        var fault = await Faults.NextAsync(context, key);
        switch (fault)
        {
            case Fault.Busy or Fault.Conflict:
                await ErrorAsync(context, 503, "backend error");
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
        await AnswerAsync(context, path, content.ToArray());
        context.Response.Body = output;
        if (fault == Fault.AnswerLost)
            context.Abort();
        else if (buffer.Length > 0)
            await output.WriteAsync(buffer.GetBuffer().AsMemory(0, (int)buffer.Length));
    }

    private Task AnswerAsync(HttpContext context, string[] path, byte[] body)
    {
        if (Tokens is { } tokens && !tokens.Admits(context.Request))
            return ErrorAsync(context, 401, "Invalid Credentials");
        var at = path is ["upload", ..] ? 1 : 0;
        if (path.ElementAtOrDefault(at + 3) != Bucket)
            return ErrorAsync(context, 404, "The specified bucket does not exist.");
        var query = context.Request.Query;
        return (context.Request.Method, path) switch
        {
            ("GET", ["storage", "v1", "b", _, "o"]) => ListAsync(context),
            ("GET", ["storage", "v1", "b", _, "o", var key]) => GetAsync(context, key),
            ("DELETE", ["storage", "v1", "b", _, "o", var key]) => Objects.Delete(key) ? Task.FromResult(context.Response.StatusCode = 204) : ErrorAsync(context, 404, $"No such object: {Bucket}/{key}"),
            ("POST", ["upload", ..]) when query["uploadType"] == "media" => PutAsync(context, query["name"]!, body, Condition(context)),
            ("POST", ["upload", ..]) when query["uploadType"] == "resumable" => BeginAsync(context),
            ("PUT", ["upload", ..]) when _sessions.TryGetValue(query["upload_id"].ToString(), out var session) => PartAsync(context, session, body),
            ("DELETE", ["upload", ..]) => Task.FromResult(context.Response.StatusCode = _sessions.TryRemove(query["upload_id"].ToString(), out _) ? 499 : 404),
            _ => ErrorAsync(context, 400, "Bad Request"),
        };
    }

    private Task ListAsync(HttpContext context)
    {
        var query = context.Request.Query;
        var token = query["pageToken"].ToString();
        // The offset is inclusive: what is before it ends just below.
        var offset = query["startOffset"].ToString();
        var after = token.Length > 0 ? token : offset.Length > 0 ? offset[..^1] + (char)(offset[^1] - 1) + "\uffff" : null;
        var (objects, prefixes, last, more) = Objects.List(query["prefix"].ToString(), query["delimiter"], after, PageSize);
        return JsonAsync(context, new { nextPageToken = more ? last : null, prefixes, items = objects.Count == 0 ? null : objects.Select(item => Describe(item.Key, item.Value)) });
    }

    private Task GetAsync(HttpContext context, string key)
    {
        if (Objects.Find(key) is not { } found)
            return ErrorAsync(context, 404, $"No such object: {Bucket}/{key}");
        return context.Request.Query["alt"] == "media"
            ? TestRanges.WriteAsync(context, found.Content, () => ErrorAsync(context, 416, "Requested range not satisfiable"))
            : JsonAsync(context, Describe(key, found));
    }

    private Task PutAsync(HttpContext context, string key, byte[] content, bool ifAbsent) => Objects.Put(key, content, ifAbsent)
        ? JsonAsync(context, Describe(key, Objects.Find(key)!))
        : ErrorAsync(context, 412, "At least one of the pre-conditions you specified did not hold.");

    private Task BeginAsync(HttpContext context)
    {
        var id = Path.GetRandomFileName();
        _sessions[id] = new Session(context.Request.Query["name"]!, Condition(context));
        context.Response.Headers.Location = $"{Url}/upload/storage/v1/b/{Bucket}/o?uploadType=resumable&upload_id={id}";
        return Task.CompletedTask;
    }

    private Task PartAsync(HttpContext context, Session session, byte[] body)
    {
        var range = context.Request.Headers.ContentRange.ToString().Replace("bytes ", "", StringComparison.Ordinal).Split('-', '/');
        var (from, total) = (long.Parse(range[0], CultureInfo.InvariantCulture), long.Parse(range[2], CultureInfo.InvariantCulture));
        if (from > session.Content.Length)
            return ErrorAsync(context, 503, "bytes are missing before these");
        var isLast = from + body.Length == total;
        if (!isLast && body.Length % (256 << 10) != 0)
            return ErrorAsync(context, 400, "the chunk is no multiple of 256 KiB");
        // Bytes that are there already are ignored.
        session.Content.Position = session.Content.Length;
        session.Content.Write(body.AsSpan((int)Math.Min(body.Length, session.Content.Length - from)));
        if (isLast)
            return session.IsDone ? JsonAsync(context, Describe(session.Key, Objects.Find(session.Key)!)) : CompleteAsync(context, session);
        context.Response.StatusCode = 308;
        context.Response.Headers.Range = string.Create(CultureInfo.InvariantCulture, $"bytes=0-{session.Content.Length - 1}");
        return Task.CompletedTask;
    }

    private Task CompleteAsync(HttpContext context, Session session)
    {
        var put = PutAsync(context, session.Key, session.Content.ToArray(), session.IfAbsent);
        session.IsDone = context.Response.StatusCode == 200;
        return put;
    }

    private bool Condition(HttpContext context) => context.Request.Query["ifGenerationMatch"] == "0" && !IgnoresConditions;

    private static object Describe(string key, TestObject item) => new
    {
        kind = "storage#object",
        name = key,
        size = item.Content.Length.ToString(CultureInfo.InvariantCulture),
        updated = item.ModifiedAt.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture),
        generation = item.ModifiedAt.Ticks.ToString(CultureInfo.InvariantCulture),
    };

    private static Task ErrorAsync(HttpContext context, int status, string message)
    {
        context.Response.StatusCode = status;
        return JsonAsync(context, new { error = new { code = status, message } });
    }

    private static Task JsonAsync(HttpContext context, object answer)
    {
        context.Response.ContentType = "application/json";
        return context.Response.Body.WriteAsync(JsonSerializer.SerializeToUtf8Bytes(answer, s_json)).AsTask();
    }

    private static readonly JsonSerializerOptions s_json = new() { DefaultIgnoreCondition = System.Text.Json.Serialization.JsonIgnoreCondition.WhenWritingNull };

    private sealed record Session(string Key, bool IfAbsent)
    {
        public MemoryStream Content { get; } = new();

        public bool IsDone { get; set; }
    }
}
