using System.Buffers;
using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using Grpc.Core;
using Microsoft.AspNetCore.Http;
using RealTimeMesh.Sidecar.Grpc;
using RealTimeMesh.Sidecar.Resiliency;

namespace RealTimeMesh.Sidecar.Invocation.Proxy;

/// <summary>One call on its way through the proxy, with all its attempts.</summary>
/// <param name="replay">The request's message where the call may be repeated; null hands the request on as it comes.</param>
internal sealed class ProxiedCall(HttpContext context, string path, SidecarOptions options, RequestReplay? replay)
{
    private const int ChunkBytes = 32 * 1024;

    private readonly ConcurrentBag<Task> _attempts = [];
    private int _answering;

    public bool IsAnswered => Volatile.Read(ref _answering) != 0;

    public Task<Outcome<bool>> TryAsync(Func<ValueTask<ProxyTarget>> target, CancellationToken cancellationToken)
    {
        var running = AttemptAsync(target, cancellationToken);
        _attempts.Add(running);
        return running;
    }

    /// <summary>Waits for attempts that their policy has given up: they must not touch the request after its end.</summary>
    public async Task SettledAsync()
    {
        foreach (var attempt in _attempts)
            await attempt.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    /// <summary>Tells the caller that no attempt was good: the app's own status where there is one.</summary>
    public Task FailAsync(Exception error)
    {
        if (error is not RefusedException refused)
            throw error;
        context.Response.ContentType = "application/grpc";
        foreach (var (name, value) in refused.Trailers)
            context.Response.Headers[name] = value;
        return Task.CompletedTask;
    }

    private async Task<Outcome<bool>> AttemptAsync(Func<ValueTask<ProxyTarget>> find, CancellationToken cancellationToken)
    {
        var target = await find();
        using var request = CreateRequest(target, CreateContent());
        HttpResponseMessage response;
        try
        {
            response = await target.Client.SendAsync(request, cancellationToken);
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
        {
            var refusal = Refusal(exception, target);
            return new Outcome<bool>(false, refusal, refusal.Status is { } status ? (int)status : null, IsPermanent: refusal.Status is StatusCode.FailedPrecondition);
        }

        using (response)
        {
            try
            {
                return await RelayAsync(response, cancellationToken);
            }
            catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
            {
                return new Outcome<bool>(false, Refusal(exception, target), IsPermanent: true);
            }
        }
    }

    /// <summary>The request's body for one attempt.</summary>
    public HttpContent CreateContent() => replay?.CreateContent() ?? new FlushedContent(new FrameLimitStream(context.Request.Body, options.MaxBodyBytes), null);

    public HttpRequestMessage CreateRequest(ProxyTarget target, HttpContent content)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, new Uri(target.BaseAddress + GoPath.Escape(path, path)))
        {
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Content = content,
        };
        ProxyHeaders.CopyRequest(context.Request, request, target, options);
        request.Content.Headers.TryAddWithoutValidation("content-type", context.Request.ContentType ?? "application/grpc");
        return request;
    }

    /// <summary>Hands the answer on to the caller.</summary>
    public async Task<Outcome<bool>> RelayAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        if (replay is not null && response.Headers.NonValidated.TryGetValues("grpc-status", out var early) && Failed(early.ToString()) is { } code)
            return Refused(code, response.Headers.NonValidated);
        var body = await response.Content.ReadAsStreamAsync(cancellationToken);
        var buffer = ArrayPool<byte>.Shared.Rent(ChunkBytes);
        try
        {
            var reading = body.ReadAsync(buffer, cancellationToken);
            // A caller of a stream waits for the headers; where the call may be repeated, they wait for the first message.
            if (replay is null && !reading.IsCompleted)
            {
                Begin(response, cancellationToken);
                await context.Response.Body.FlushAsync(cancellationToken);
            }

            var count = await reading;
            if (replay is not null && count == 0 && response.TrailingHeaders.NonValidated.TryGetValues("grpc-status", out var late) && Failed(late.ToString()) is { } lateCode)
                return Refused(lateCode, response.TrailingHeaders.NonValidated);
            Begin(response, cancellationToken);
            for (; count > 0; count = await body.ReadAsync(buffer, cancellationToken))
                await context.Response.Body.WriteAsync(buffer.AsMemory(0, count), cancellationToken);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }

        ProxyHeaders.CopyTrailers(response, context.Response);
        // The caller has the status already; this is for the circuit breaker.
        // An answer without messages may have its status among the headers.
        return (response.TrailingHeaders.NonValidated.TryGetValues("grpc-status", out var last) || response.Headers.NonValidated.TryGetValues("grpc-status", out last)) && Failed(last.ToString()) is { } lastCode
            ? new Outcome<bool>(false, new StatusCodeException(lastCode, $"grpc-status {lastCode}"), lastCode, IsPermanent: true)
            : new Outcome<bool>(true);
    }

    private void Begin(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (Interlocked.Exchange(ref _answering, 1) == 0)
            ProxyHeaders.CopyResponse(response, context.Response);
    }

    private static int? Failed(string status) => int.TryParse(status, NumberStyles.None, CultureInfo.InvariantCulture, out var code) && code != 0 ? code : null;

    private static Outcome<bool> Refused(int code, System.Net.Http.Headers.HttpHeadersNonValidated trailers) =>
        new(false, new RefusedException(code, [.. trailers.Where(pair => !HopByHop.Contains(pair.Key)).Select(pair => KeyValuePair.Create(pair.Key, pair.Value.ToArray()))]), code);

    /// <summary>A failed connection in gRPC's words.</summary>
    public static InvokeException Refusal(Exception exception, ProxyTarget target)
    {
        for (var cause = exception; cause is not null; cause = cause.InnerException)
        {
            if (cause is InvokeException known)
                return known;
        }

        var detail = exception is HttpRequestException { HttpRequestError: HttpRequestError.ConnectionError }
            ? $"connection error: desc = \"transport: Error while dialing: {GoText.ConnectionError(new Uri(target.BaseAddress).Authority, exception)}\""
            : exception.Message;
        return new InvokeException(StatusCode.Unavailable, detail, exception);
    }

    /// <summary>The app answered with an error status and no message.</summary>
    private sealed class RefusedException(int code, IReadOnlyList<KeyValuePair<string, string[]>> trailers) : Contracts.RealTimeMeshException($"grpc-status {code}")
    {
        public IReadOnlyList<KeyValuePair<string, string[]>> Trailers { get; } = trailers;
    }
}
