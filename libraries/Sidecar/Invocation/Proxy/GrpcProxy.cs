using Grpc.Core;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;
using Microsoft.Extensions.Logging;
using RealTimeMesh.Sidecar.App;
using RealTimeMesh.Sidecar.Grpc;
using RealTimeMesh.Sidecar.Invocation.Names;
using RealTimeMesh.Sidecar.Invocation.Remote;
using RealTimeMesh.Sidecar.Resiliency;
using RealTimeMesh.Sidecar.Server;
using RealTimeMesh.Sidecar.Telemetry;

namespace RealTimeMesh.Sidecar.Invocation.Proxy;

/// <summary>
/// Calls of any gRPC service of another app, handed on as they came: messages, metadata, trailers and flow in both
/// directions. The metadata <c>dapr-app-id</c> says whose.
/// </summary>
internal sealed class GrpcProxy(
    SidecarOptions options,
    AppGrpc app,
    RemoteSidecars sidecars,
    NameLookup names,
    AccessControl access,
    ResiliencyProvider resiliency,
    SidecarMetrics metrics,
    TimeProvider time,
    ILogger<GrpcProxy> logger)
{
    private const string CalleeHeader = "dapr-callee-app-id";
    private const string AppIdHeader = "dapr-app-id";
    private const string StreamHeader = "dapr-stream";

    public async Task HandleAsync(HttpContext context)
    {
        // Messages are limited one by one; a stream of them has no end.
        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } size)
            size.MaxRequestBodySize = null;
        if (context.Features.Get<IHttpMinRequestBodyDataRateFeature>() is { } rate)
            rate.MinDataRate = null;
        var started = time.GetTimestamp();
        var result = StatusCode.Cancelled;
        try
        {
            result = await ProxyAsync(context);
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
        {
            throw;
        }
        catch (Exception exception) when (!context.Response.HasStarted)
        {
            Log.ProxyEnded(logger, context.Request.Path, exception.Message);
            var (status, detail) = exception switch
            {
                InvokeException { Status: { } known } refused => (known, refused.Detail),
                RpcException refused => (refused.StatusCode, refused.Status.Detail),
                PolicyTimeoutException timeout => (StatusCode.DeadlineExceeded, timeout.Message),
                _ => (StatusCode.Unknown, exception.Message),
            };
            result = status;
            await UnimplementedMethods.FailAsync(context, status, detail);
        }
        finally
        {
            // As daprd: calls of this sidecar's own callers, not those that other sidecars hand on.
            if (IsCounted(context) && context.Features.Get<DoorFeature>()?.Door is null or SidecarDoor.Grpc)
                metrics.GrpcServed(context.Request.Path.Value ?? "/", result, null, null, time.GetElapsedTime(started));
        }
    }

    /// <summary>The status the caller gets.</summary>
    private async Task<StatusCode> ProxyAsync(HttpContext context)
    {
        var id = TargetId(context.Request.Headers);
        var target = await TargetAsync(id, context.RequestAborted);
        var path = context.Request.Path.Value ?? "/";
        if (target.IsLocal)
        {
            path = MethodName.Normalise(path);
            access.Require(path, Wire.HTTPExtension.Types.Verb.None);
        }

        var runner = target.IsLocal ? PolicyRunner.None : resiliency.ForAppEndpoint(id, $"{id}:{path}");
        if (IsTruthy(context.Request.Headers[StreamHeader]) && !runner.IsNone)
        {
            return await StreamAsync(context, runner, target, id, path);
        }

        var replay = runner.HasRetries ? await RequestReplay.ReadAsync(context.Request.BodyReader, options.MaxBodyBytes, context.RequestAborted) : null;
        var call = new ProxiedCall(context, path, options, replay);
        var counted = IsCounted(context) ? id : null;
        Outcome<bool> outcome;
        try
        {
            outcome = await runner.RunAsync((proxy: this, call, target, id, counted), static (state, attempt) => state.proxy.CountAsync(state.counted, state.call.TryAsync(() => state.proxy.AgainAsync(state.id, state.target, attempt.Number, attempt.Token), attempt.Token)), context.RequestAborted);
        }
        finally
        {
            await call.SettledAsync();
        }

        if (outcome.Error is { } error && !call.IsAnswered)
            await call.FailAsync(error);
        else if (outcome.Error is not null and not StatusCodeException)
            context.Abort();
        return StatusOf(outcome);
    }

    /// <summary>As daprd: policies are for the beginning of a stream.</summary>
    private async Task<StatusCode> StreamAsync(HttpContext context, PolicyRunner runner, ProxyTarget target, string id, string path)
    {
        var call = new ProxiedCall(context, path, options, null);
        using var stream = new ProxiedStream(call, context.RequestAborted);
        var counted = IsCounted(context) ? id : null;
        var opened = await runner.RunAsync((proxy: this, stream, target, id, counted), static (state, attempt) => state.proxy.CountStreamAsync(state.counted, state.stream.OpenAsync(() => state.proxy.AgainAsync(state.id, state.target, attempt.Number, attempt.Token), attempt.Token)), context.RequestAborted);
        if (opened.Error is { } error)
            throw error;
        var outcome = await stream.RelayAsync();
        if (outcome.Error is not null and not StatusCodeException)
            context.Abort();
        return StatusOf(outcome);
    }

    private static StatusCode StatusOf(in Outcome<bool> outcome) => outcome.Error is null ? StatusCode.OK : (StatusCode)(outcome.Code ?? (int)StatusCode.Unknown);

    private static bool IsCounted(HttpContext context) => context.Request.Headers[AppIdHeader] is [{ Length: > 0 }, ..];

    /// <param name="target">Null where the call is not counted.</param>
    private async Task<Outcome<bool>> CountAsync(string? target, Task<Outcome<bool>> attempt)
    {
        if (target is null)
            return await attempt;
        var started = time.GetTimestamp();
        metrics.InvocationSent(target, "unary");
        var outcome = await attempt;
        metrics.InvocationCompleted(target, (int)StatusOf(outcome), "unary", time.GetElapsedTime(started));
        return outcome;
    }

    /// <summary>Of a stream only the beginning is counted, and a beginning that failed.</summary>
    private async Task<Outcome<bool>> CountStreamAsync(string? target, Task<Outcome<bool>> attempt)
    {
        if (target is null)
            return await attempt;
        metrics.InvocationSent(target, "streaming");
        var outcome = await attempt;
        if (outcome.Error is InvokeException { Status: { } status })
            metrics.InvocationCompleted(target, (int)status, "streaming", null);
        return outcome;
    }

    /// <summary>The first attempt knows its target already.</summary>
    private ValueTask<ProxyTarget> AgainAsync(string id, ProxyTarget first, int attempt, CancellationToken cancellationToken) =>
        attempt == 1 || first.IsLocal ? ValueTask.FromResult(first) : TargetAsync(id, cancellationToken);

    private async ValueTask<ProxyTarget> TargetAsync(string id, CancellationToken cancellationToken)
    {
        var name = AppName.Parse(id, options.Namespace);
        if (name.Id == options.AppId)
        {
            return options.AppPort > 0
                ? new ProxyTarget(name.Id, true, AppTransport.Address(options).GetLeftPart(UriPartial.Authority), app.Raw)
                : throw new InvokeException("cannot invoke local endpoint: app channel not initialized");
        }

        var address = await names.FindAsync(name.Id, name.Namespace, cancellationToken);
        return new ProxyTarget(name.Id, false, $"http://{address}", sidecars.Raw);
    }

    private static string TargetId(IHeaderDictionary headers)
    {
        if (headers[CalleeHeader] is [{ Length: > 0 } callee, ..])
            return callee;
        return headers[AppIdHeader] is [{ Length: > 0 } id, ..]
            ? id
            : throw new InvokeException($"failed to proxy request: required metadata {CalleeHeader} or {AppIdHeader} not found");
    }

    private static bool IsTruthy(string? value) => value?.Trim().ToUpperInvariant() is "Y" or "YES" or "TRUE" or "T" or "ON" or "1";
}
