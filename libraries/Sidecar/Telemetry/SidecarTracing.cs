using System.Diagnostics;
using System.Globalization;
using Microsoft.AspNetCore.Http;

namespace RealTimeMesh.Sidecar.Telemetry;

/// <summary>Spans of API calls, publish and delivery, made only when somebody listens.</summary>
internal sealed class SidecarTracing : IDisposable
{
    public const string SourceName = "RealTimeMesh.Sidecar";

    private readonly ActivitySource _source = new(SourceName);

    public void Dispose() => _source.Dispose();

    public bool IsListenedTo => _source.HasListeners();

    /// <summary>The span of an API call, under daprd's attribute names. Health checks have none.</summary>
    public Activity? StartCall(HttpContext context, bool isGrpc)
    {
        var request = context.Request;
        if (!_source.HasListeners() || request.Path.Value?.Contains("/healthz", StringComparison.Ordinal) == true)
            return null;
        ActivityContext.TryParse(request.Headers.TraceParent, request.Headers.TraceState, isRemote: true, out var parent);
        var path = request.Path.Value ?? "/";
        // daprd calls its side of an API call the client's.
        var activity = _source.StartActivity(path, ActivityKind.Client, parent);
        if (activity is not { IsAllDataRequested: true })
            return activity;
        activity.SetTag("dapr.protocol", isGrpc ? "grpc" : "http");
        activity.SetTag("dapr.api", isGrpc ? path : $"{request.Method} {path}");
        if (isGrpc)
        {
            activity.SetTag("rpc.system", "grpc");
            activity.SetTag("rpc.service", path.Split('/', 3, StringSplitOptions.RemoveEmptyEntries) is [var service, ..] ? service : path);
            return activity;
        }

        activity.SetTag("http.request.method", request.Method);
        activity.SetTag("url.full", request.Path + request.QueryString);
        return activity;
    }

    public static void EndCall(Activity activity, HttpContext context, bool isGrpc)
    {
        var status = context.Response.StatusCode;
        if (!isGrpc)
            activity.SetTag("dapr.status_code", status.ToString(CultureInfo.InvariantCulture));
        if (status >= 400)
            activity.SetStatus(ActivityStatusCode.Error, $"Code({status})");
    }

    public Activity? StartPublish(string topic, string? traceParent, int count) =>
        Start($"publish {topic}", ActivityKind.Producer, topic, traceParent, count, Activity.Current);

    public Activity? StartDelivery(string topic, string? traceParent, int count) => Start($"pubsub/{topic}", ActivityKind.Consumer, topic, traceParent, count, null);

    private Activity? Start(string name, ActivityKind kind, string topic, string? traceParent, int count, Activity? call)
    {
        if (!_source.HasListeners())
            return null;
        ActivityContext parent;
        if (call is { Source.Name: SourceName })
            parent = call.Context;
        else
            ActivityContext.TryParse(traceParent, null, isRemote: true, out parent);
        var activity = _source.StartActivity(name, kind, parent);
        activity?.SetTag("messaging.system", "pubsub");
        activity?.SetTag("messaging.destination", topic);
        activity?.SetTag("messaging.batch.message_count", count);
        return activity;
    }
}
