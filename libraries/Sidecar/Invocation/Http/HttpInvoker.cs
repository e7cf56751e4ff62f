using Grpc.Core;
using RealTimeMesh.Sidecar.App;
using RealTimeMesh.Sidecar.Invocation.Wire;
using RealTimeMesh.Sidecar.Telemetry;

namespace RealTimeMesh.Sidecar.Invocation.Http;

/// <summary>Calls an HTTP server.</summary>
internal sealed class HttpInvoker(HttpTarget target, SidecarMetrics metrics, TimeProvider time) : IAppInvoker
{
    private static readonly UriCreationOptions AsWritten = new() { DangerousDisablePathAndQueryCanonicalization = true };

    public async Task<InvokeAnswer> InvokeAsync(InvokeCall call, CancellationToken cancellationToken)
    {
        if (call.Http is null)
            throw new InvokeException(StatusCode.InvalidArgument, "missing HTTP extension field");
        if (call.Http.Verb is HTTPExtension.Types.Verb.None or HTTPExtension.Types.Verb.Connect)
            throw new InvokeException(StatusCode.InvalidArgument, "invalid HTTP verb");
        if (target.Health is { IsHealthy: false })
            throw new InvokeException(StatusCode.Internal, "app is not in a healthy state");

        var verb = call.Http.Verb.ToString().ToUpperInvariant();
        var url = Url(call.Method, call.Http.Querystring);
        var request = new HttpRequestMessage(HttpMethod.Parse(verb), new Uri(url, AsWritten)) { Version = target.Version, VersionPolicy = HttpVersionPolicy.RequestVersionExact };
        await AddBodyAsync(request, call, cancellationToken);
        AddHeaders(request, call);
        var slot = await target.Limiter.EnterAsync(cancellationToken);
        var started = time.GetTimestamp();
        HttpResponseMessage response;
        try
        {
            var client = call.Body.CanRepeat ? target.Client : target.StreamClient ?? target.Client;
            response = await client.SendAsync(request, cancellationToken);
            Count((int)response.StatusCode, response.Content.Headers.ContentLength);
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
        {
            Count(500, null);
            slot.Dispose();
            request.Dispose();
            throw new InvokeException(GoText.RequestError(verb, url, exception), exception);
        }
        catch
        {
            slot.Dispose();
            request.Dispose();
            throw;
        }

        return await AnswerAsync(request, response, slot, cancellationToken);

        void Count(int status, long? received) => metrics.HttpCalled(verb, call.Method, status, call.Body.Bytes.Length, received, time.GetElapsedTime(started));
    }

    private static async Task<InvokeAnswer> AnswerAsync(HttpRequestMessage request, HttpResponseMessage response, AppLimiter.Slot slot, CancellationToken cancellationToken)
    {
        var status = (int)response.StatusCode;
        // Behind a switch of protocols comes no body but the other protocol.
        var body = status == 101 ? Stream.Null : new AppBody(await response.Content.ReadAsStreamAsync(cancellationToken));
        return new InvokeAnswer(body, new Held(request, response, slot))
        {
            Code = status,
            Headers = InvokeMetadata.From(response),
            ContentType = response.Content.Headers.NonValidated.TryGetValues("Content-Type", out var type) ? type.ToString() : "",
        };
    }

    private string Url(string method, string query)
    {
        var path = MethodName.Clean(method);
        if (path == ".")
            path = "";
        var full = path.StartsWith('/') || path.Length == 0 ? path : "/" + path;
        var url = target.BaseUrl + GoPath.Escape(full, target.BaseUrl + full);
        // A request line has a path, be it an empty one.
        if (full.Length == 0 && new Uri(url).AbsolutePath == "/" && !url.EndsWith('/'))
            url += "/";
        return query.Length > 0 ? $"{url}?{GoPath.Query(query)}" : url;
    }

    private static async ValueTask AddBodyAsync(HttpRequestMessage request, InvokeCall call, CancellationToken cancellationToken)
    {
        var declared = long.TryParse(call.Metadata.First("Content-Length"), out var length) ? length : (long?)null;
        if (call.Body.Stream is null)
        {
            if (!call.Body.Bytes.IsEmpty || declared is not null || MayHaveBody(call.Http!.Verb))
                request.Content = new ReadOnlyMemoryContent(call.Body.Bytes);
            return;
        }

        // Without the first bytes nobody knows whether there is a body at all.
        var stream = await PeekedStream.PeekAsync(call.Body.Stream, cancellationToken);
        if (!stream.IsEmpty)
            request.Content = new FlushedContent(stream, declared);
        else if (declared is not null || MayHaveBody(call.Http!.Verb))
            request.Content = new ReadOnlyMemoryContent(ReadOnlyMemory<byte>.Empty);
    }

    private static bool MayHaveBody(HTTPExtension.Types.Verb verb) => verb is HTTPExtension.Types.Verb.Post or HTTPExtension.Types.Verb.Put or HTTPExtension.Types.Verb.Patch;

    private void AddHeaders(HttpRequestMessage request, InvokeCall call)
    {
        HttpHeaderMapping.Write(call.Metadata, (name, values) => Add(name, (string?[])values!));
        if (call.HttpContentType.Length > 0)
            Add("Content-Type", [call.HttpContentType]);
        foreach (var (name, value) in target.Headers)
        {
            request.Headers.Remove(name);
            Add(name, [value]);
        }

        if (call.WantsEvents)
        {
            request.Headers.Remove("Accept");
            Add("Accept", ["text/event-stream"]);
        }

        void Add(string name, string?[] values)
        {
            if (request.Headers.TryAddWithoutValidation(name, values))
                return;
            // It describes a body.
            request.Content ??= new ReadOnlyMemoryContent(ReadOnlyMemory<byte>.Empty);
            request.Content.Headers.TryAddWithoutValidation(name, values);
        }
    }

    private sealed class Held(HttpRequestMessage request, HttpResponseMessage response, AppLimiter.Slot slot) : IDisposable
    {
        public void Dispose()
        {
            response.Dispose();
            request.Dispose();
            slot.Dispose();
        }
    }
}
