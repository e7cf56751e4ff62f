using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;

namespace RealTimeMesh.ObjectStores.Gcs;

/// <summary>A bucket of Google Cloud Storage, by its JSON API.</summary>
internal sealed class GcsObjectClient : IObjectClient
{
    private readonly HttpClient _http = new(new SocketsHttpHandler { PooledConnectionLifetime = TimeSpan.FromMinutes(5) }) { Timeout = Timeout.InfiniteTimeSpan };
    private readonly GcsCredentials _credentials;
    private readonly string _objects;
    private readonly string _uploads;

    public GcsObjectClient(string root, string bucket, GcsOptions options, TimeProvider time)
    {
        (Root, IsVendor) = (root, options.EmulatorHost is null);
        _credentials = new GcsCredentials(root, options, _http, time);
        var service = options.EmulatorHost is not { } emulator ? options.Endpoint.TrimEnd('/') : emulator.Contains("://", StringComparison.Ordinal) ? emulator.TrimEnd('/') : $"http://{emulator}";
        _objects = $"{service}/storage/v1/b/{Uri.EscapeDataString(bucket)}/o";
        _uploads = $"{service}/upload/storage/v1/b/{Uri.EscapeDataString(bucket)}/o";
    }

    public string Root { get; }

    public string Endpoint => _objects;

    public bool IsVendor { get; }

    /// <summary>A resumable upload takes its parts one after the other.</summary>
    public int PartsAtOnce => 1;

    public async Task<ObjectPage> ListAsync(string prefix, bool recursive, string? after, string? next, CancellationToken cancellationToken)
    {
        var uri = $"{_objects}?prefix={Uri.EscapeDataString(prefix)}&fields=nextPageToken,items(name,size,updated)";
        if (!recursive)
            uri += "&delimiter=%2F";
        // Inclusive: what comes after a name begins with the name and one more character.
        if (after is not null)
            uri += $"&startOffset={Uri.EscapeDataString(after + "\u0001")}";
        if (next is not null)
            uri += $"&pageToken={Uri.EscapeDataString(next)}";
        using var answer = await SendAsync(HttpMethod.Get, uri, prefix, null, cancellationToken);
        await RequireAsync(answer, prefix, cancellationToken);
        using var json = await JsonAsync(answer, cancellationToken);
        var items = json.RootElement.TryGetProperty("items", out var found) ? found.EnumerateArray().Select(Info).ToList() : [];
        return new ObjectPage(items, json.RootElement.TryGetProperty("nextPageToken", out var token) ? token.GetString() : null);
    }

    public async Task<ObjectInfo?> DescribeAsync(string key, CancellationToken cancellationToken)
    {
        using var answer = await SendAsync(HttpMethod.Get, $"{ObjectUri(key)}?fields=name,size,updated", key, null, cancellationToken);
        if (await IsAbsentAsync(answer, cancellationToken))
            return null;
        await RequireAsync(answer, key, cancellationToken);
        using var json = await JsonAsync(answer, cancellationToken);
        return Info(json.RootElement);
    }

    public async Task<ObjectBody?> ReadAsync(string key, long offset, long count, CancellationToken cancellationToken)
    {
        var range = offset > 0 || count < long.MaxValue ? new RangeHeaderValue(offset, count == long.MaxValue ? null : offset + count - 1) : null;
        var answer = await SendAsync(HttpMethod.Get, $"{ObjectUri(key)}?alt=media", key, request => request.Headers.Range = range, cancellationToken);
        try
        {
            if (await IsAbsentAsync(answer, cancellationToken))
            {
                answer.Dispose();
                return null;
            }

            var beyond = answer.StatusCode == HttpStatusCode.RequestedRangeNotSatisfiable;
            if (!beyond)
                await RequireAsync(answer, key, cancellationToken);
            // Only the listing and the description are sure to have the time.
            var modified = answer.Content.Headers.LastModified;
            var size = answer.Content.Headers.ContentRange?.Length ?? (range is null ? answer.Content.Headers.ContentLength : null);
            if (beyond || modified is null || size is null)
            {
                if (await DescribeAsync(key, cancellationToken) is not { } info)
                {
                    answer.Dispose();
                    return null;
                }

                return new ObjectBody(beyond ? Stream.Null : await answer.Content.ReadAsStreamAsync(cancellationToken), info.Size, info.ModifiedAt, answer);
            }

            return new ObjectBody(await answer.Content.ReadAsStreamAsync(cancellationToken), size.Value, modified.Value.ToUnixTimeSeconds() * 1000, answer);
        }
        catch
        {
            answer.Dispose();
            throw;
        }
    }

    public async Task<bool> PutAsync(string key, ReadOnlyMemory<byte> content, bool ifAbsent, CancellationToken cancellationToken)
    {
        using var answer = await SendAsync(HttpMethod.Post, $"{_uploads}?uploadType=media&name={Uri.EscapeDataString(key)}{Condition(ifAbsent)}", key, request => request.Content = Bytes(content), cancellationToken);
        if (answer.StatusCode == HttpStatusCode.PreconditionFailed)
            return false;
        await RequireAsync(answer, key, cancellationToken);
        return true;
    }

    public async Task<string> BeginUploadAsync(string key, bool ifAbsent, CancellationToken cancellationToken)
    {
        using var answer = await SendAsync(HttpMethod.Post, $"{_uploads}?uploadType=resumable&name={Uri.EscapeDataString(key)}{Condition(ifAbsent)}", key, request => request.Content = Bytes(default), cancellationToken);
        // Where the object is there already the store may say so at once; the end of the upload asks again.
        if (answer.StatusCode == HttpStatusCode.PreconditionFailed)
            return "";
        await RequireAsync(answer, key, cancellationToken);
        return answer.Headers.Location?.ToString() ?? throw new ObjectStoreException($"{Root}/{key}", "the store began an upload and gave no Location; expected one; check what stands between here and the store.");
    }

    /// <summary>The last part completes the object: its text is <c>done</c>, or <c>taken</c> where the object was to be absent and is not.</summary>
    public async Task<string> PutPartAsync(string key, string upload, UploadPart part, CancellationToken cancellationToken)
    {
        const int Incomplete = 308;
        if (upload.Length == 0)
            return "taken";
        using var answer = await SendAsync(HttpMethod.Put, upload, key, request =>
        {
            request.Content = Bytes(part.Content);
            request.Content.Headers.ContentRange = new ContentRangeHeaderValue(part.Offset, part.Offset + part.Content.Length - 1, part.Total);
        }, cancellationToken);
        if (answer.StatusCode == HttpStatusCode.PreconditionFailed)
            return "taken";
        var isLast = part.Offset + part.Content.Length == part.Total;
        if ((int)answer.StatusCode != Incomplete)
        {
            await RequireAsync(answer, key, cancellationToken);
            return isLast ? "done" : throw new ObjectStoreException($"{Root}/{key}", $"the store completed an upload after {part.Offset + part.Content.Length} of {part.Total} bytes; expected it to wait for the rest; check what stands between here and the store.");
        }

        return !isLast ? "part" : throw new ObjectStoreException($"{Root}/{key}", "the store has not all bytes of an upload", isTransient: true);
    }

    public Task<bool> CompleteUploadAsync(string key, string upload, IReadOnlyList<string> parts, bool ifAbsent, CancellationToken cancellationToken) => Task.FromResult(parts[^1] == "done");

    public async Task AbortUploadAsync(string key, string upload, CancellationToken cancellationToken)
    {
        if (upload.Length > 0)
            (await SendAsync(HttpMethod.Delete, upload, key, null, cancellationToken)).Dispose();
    }

    public async Task DeleteAsync(string key, CancellationToken cancellationToken)
    {
        using var answer = await SendAsync(HttpMethod.Delete, ObjectUri(key), key, null, cancellationToken);
        if (!await IsAbsentAsync(answer, cancellationToken))
            await RequireAsync(answer, key, cancellationToken);
    }

    public void Dispose()
    {
        _credentials.Dispose();
        _http.Dispose();
    }

    private string ObjectUri(string key) => $"{_objects}/{Uri.EscapeDataString(key)}";

    private static string Condition(bool ifAbsent) => ifAbsent ? "&ifGenerationMatch=0" : "";

    private static ReadOnlyMemoryContent Bytes(ReadOnlyMemory<byte> content) => new(content) { Headers = { ContentType = new MediaTypeHeaderValue("application/octet-stream") } };

    private static ObjectInfo Info(JsonElement item) => new(
        item.GetProperty("name").GetString()!,
        long.Parse(item.GetProperty("size").GetString()!, CultureInfo.InvariantCulture),
        item.GetProperty("updated").GetDateTimeOffset().ToUnixTimeSeconds() * 1000);

    private static async Task<JsonDocument> JsonAsync(HttpResponseMessage answer, CancellationToken cancellationToken) =>
        await JsonDocument.ParseAsync(await answer.Content.ReadAsStreamAsync(cancellationToken), default, cancellationToken);

    /// <summary>Whether the object is not there; where the bucket is not, that is a fault.</summary>
    private static async Task<bool> IsAbsentAsync(HttpResponseMessage answer, CancellationToken cancellationToken) =>
        answer.StatusCode == HttpStatusCode.NotFound && !(await answer.Content.ReadAsStringAsync(cancellationToken)).Contains("bucket does not exist", StringComparison.OrdinalIgnoreCase);

    private async Task<HttpResponseMessage> SendAsync(HttpMethod method, string uri, string key, Action<HttpRequestMessage>? prepare, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(method, uri);
        prepare?.Invoke(request);
        if (await _credentials.TokenAsync(cancellationToken) is { } token)
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        try
        {
            return await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
        }
        catch (HttpRequestException exception)
        {
            throw new ObjectStoreException($"{Root}/{key}", exception.Message, isTransient: true, exception);
        }
    }

    private async Task RequireAsync(HttpResponseMessage answer, string key, CancellationToken cancellationToken)
    {
        if (!answer.IsSuccessStatusCode)
            throw await GcsFaults.OfAsync($"{Root}/{key}", answer, cancellationToken);
    }
}
