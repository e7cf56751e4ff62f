using System.Diagnostics;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;
using RealTimeMesh.Ingestion.CloudEvents;
using RealTimeMesh.Ingestion.Keys;
using RealTimeMesh.Ingestion.Memory;
using RealTimeMesh.Ingestion.Streams;
using RealTimeMesh.Ingestion.Telemetry;
using RealTimeMesh.Ingestion.Tenants;

namespace RealTimeMesh.Ingestion.FrontDoor;

/// <summary><c>POST /v1/streams/{pipeline}.{stream}/events</c>: the front door.</summary>
internal sealed class EventsEndpoint(StreamCatalog catalog, RequestReaders readers, BinaryModeReader binaryMode, MemoryBudget memory, TenantDirectory tenants, KeyedRequests keyed, ActivitySource activities, IngestionOptions options, IngestionMetrics metrics)
{
    /// <summary>What a request takes before it holds any of its body.</summary>
    private const int RequestBytes = 4 * 1024;

    /// <summary>Answers within the request's share of memory, so that the answer is part of it.</summary>
    public async Task PostAsync(string topic, HttpContext context)
    {
        if (catalog.Find(topic) is not { } stream)
        {
            await NotFound(topic).ExecuteAsync(context);
            return;
        }

        using var lease = memory.TryOpen(RequestBytes);
        IResult result = lease is null
            ? new ErrorResult(StatusCodes.Status429TooManyRequests, "overloaded", $"the requests that are being read hold {memory.Held} of {memory.Limit} bytes; nothing of this request was taken. Send it again after the time that Retry-After gives.", options.RetryAfter)
            : await TakeAsync(stream, lease, context);
        if (result is not IDoorResult door)
        {
            await result.ExecuteAsync(context);
            return;
        }

        if (door.StatusCode is StatusCodes.Status429TooManyRequests or StatusCodes.Status503ServiceUnavailable)
            metrics.Refused(topic, door.StatusCode);
        var answer = door.Render();
        lease?.Take(answer.HeldBytes);
        await AnswerSender.Of(context).SendAsync(context, answer);
    }

    private async Task<IResult> TakeAsync(StreamRuntime stream, MemoryLease lease, HttpContext context)
    {
        var topic = stream.Spec.Topic;
        if (stream.Problem is { } problem)
            return new ErrorResult(StatusCodes.Status503ServiceUnavailable, "not_ready", $"stream '{topic}' takes no events yet: {problem}. Send them again later.", options.RetryAfter);
        var contentType = context.Request.ContentType ?? "";
        var isBinaryMode = BinaryMode.Is(context.Request);
        if ((isBinaryMode ? binaryMode : readers.Find(contentType)) is not { } reader)
            return new ErrorResult(StatusCodes.Status415UnsupportedMediaType, "content_type", $"content type: found '{contentType}'; expected {readers.Expected}. Set the header Content-Type.");
        if (ContentEncodings.Open(context.Request, options, out var body) is { } wrong)
            return wrong;
        Unbind(context, reader);
        using var activity = StartActivity(context.Request, topic);
        var request = new EventsRequest
        {
            Stream = stream,
            Body = body,
            ContentLength = ReferenceEquals(body, context.Request.Body) ? context.Request.ContentLength : null,
            ContentType = contentType,
            TraceParent = activity?.Id ?? TraceParentOf(context.Request),
            Tenant = tenants.Of(context.Request.Headers[options.TenantHeader]),
            Memory = lease,
            Tally = new RequestTally(options.MaxListedRejects, lease),
            Attributes = isBinaryMode ? BinaryMode.Headers(context.Request) : [],
            EventId = context.Request.Headers["ce-id"] is [{ Length: > 0 } id] ? BinaryMode.Text(id) : null,
        };
        try
        {
            if (body is UnpackingStream)
                await lease.TakeAsync(UnpackingStream.Footprint, TimeSpan.Zero, context.RequestAborted);
            return context.Request.Headers.TryGetValue(KeyedRequests.Header, out var key)
                ? await keyed.ReadAsync(key.ToString(), reader, request, context.RequestAborted)
                : await reader.ReadAsync(request, context.RequestAborted);
        }
        catch (InvalidDataException e)
        {
            return new ErrorResult(StatusCodes.Status400BadRequest, "content_encoding", $"body: {e.Message}; expected what Content-Encoding says.");
        }
        catch (IOException e)
        {
            // Framing of HTTP that is none, of a body that must be there whole.
            return new ErrorResult(e is BadHttpRequestException bad ? bad.StatusCode : StatusCodes.Status400BadRequest, "body", $"body: broke off ({e.Message.TrimEnd('.')}); nothing of this request was taken.");
        }
        catch (MemoryRefusedException e)
        {
            return new ErrorResult(StatusCodes.Status429TooManyRequests, "overloaded", $"{e.Message}; nothing of this request was taken. Send it again after the time that Retry-After gives.", options.RetryAfter);
        }
        catch (TimeoutException)
        {
            return new ErrorResult(StatusCodes.Status503ServiceUnavailable, "not_counted", "the state store could not record the events, so none of this request is acknowledged, though some may be stored. Send them again once the state store answers.", options.RetryAfter);
        }
        finally
        {
            metrics.Tenant(request.Tenant.Label, request.Tally.Accepted + request.Tally.Rejected);
            if (body is UnpackingStream)
                await body.DisposeAsync();
        }
    }

    /// <summary>The service's own limits are for deliveries of the sidecar; this endpoint bounds what it holds, and how long, by itself.</summary>
    private static void Unbind(HttpContext context, IRequestReader reader)
    {
        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } limit)
            limit.MaxRequestBodySize = null;
        // A stream of events may pause for as long as its sender has nothing to say.
        if (reader.Streamed && context.Features.Get<IHttpMinRequestBodyDataRateFeature>() is { } pace)
            pace.MinDataRate = null;
    }

    private ErrorResult NotFound(string topic) => new(
        StatusCodes.Status404NotFound,
        "unknown_stream",
        $"stream: found '{topic}'; expected one of {string.Join(", ", catalog.Streams.Select(stream => stream.Spec.Topic))}. The streams stand in pipeline.yaml.");

    private Activity? StartActivity(HttpRequest request, string topic)
    {
        _ = ActivityContext.TryParse(TraceParentOf(request), request.Headers["tracestate"], isRemote: true, out var parent);
        var activity = activities.StartActivity($"ingest {topic}", ActivityKind.Producer, parent);
        activity?.SetTag("messaging.destination.name", topic);
        return activity;
    }

    /// <summary>The sender's trace, or the web server's own span; null where neither is there.</summary>
    private static string? TraceParentOf(HttpRequest request) =>
        request.Headers.TraceParent.ToString() is { Length: > 0 } header && ActivityContext.TryParse(header, null, out _) ? header : null;
}
