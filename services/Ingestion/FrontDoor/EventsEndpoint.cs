using System.Diagnostics;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;
using RealTimeMesh.Ingestion.Streams;
using RealTimeMesh.Ingestion.Telemetry;

namespace RealTimeMesh.Ingestion.FrontDoor;

/// <summary><c>POST /v1/streams/{pipeline}.{stream}/events</c>: the front door.</summary>
internal sealed class EventsEndpoint(StreamCatalog catalog, RequestReaders readers, ActivitySource activities, IngestionOptions options, IngestionMetrics metrics)
{
    public async Task<IResult> PostAsync(string topic, HttpContext context)
    {
        if (catalog.Find(topic) is not { } stream)
            return NotFound(topic);
        if (stream.Problem is { } problem)
            return Refuse(stream, new ErrorResult(StatusCodes.Status503ServiceUnavailable, "not_ready", $"stream '{topic}' takes no events yet: {problem}. Send them again later.", options.RetryAfter));
        var contentType = context.Request.ContentType ?? "";
        if (readers.Find(contentType) is not { } reader)
            return new ErrorResult(StatusCodes.Status415UnsupportedMediaType, "content_type", $"content type: found '{contentType}'; expected {readers.Expected}. Set the header Content-Type.");

        // The service's own limit is for deliveries of the sidecar; this endpoint bounds what it holds by itself.
        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } limit)
            limit.MaxRequestBodySize = null;
        // A stream of events may pause for as long as its sender has nothing to say.
        if (reader.Streamed && context.Features.Get<IHttpMinRequestBodyDataRateFeature>() is { } pace)
            pace.MinDataRate = null;
        if (ContentEncodings.Open(context.Request, out var body) is { } wrong)
            return wrong;
        using var activity = StartActivity(context.Request, topic);
        var request = new EventsRequest { Stream = stream, Body = body, ContentLength = ReferenceEquals(body, context.Request.Body) ? context.Request.ContentLength : null, ContentType = contentType, TraceParent = activity?.Id ?? TraceParentOf(context.Request) };
        try
        {
            return Refuse(stream, await reader.ReadAsync(request, context.RequestAborted));
        }
        catch (InvalidDataException e)
        {
            return new ErrorResult(StatusCodes.Status400BadRequest, "content_encoding", $"body: {e.Message}; expected what Content-Encoding says.");
        }
        catch (TimeoutException)
        {
            return Refuse(stream, new ErrorResult(StatusCodes.Status503ServiceUnavailable, "not_counted", "the state store could not record the events, so none of this request is acknowledged, though some may be stored. Send them again once the state store answers.", options.RetryAfter));
        }
        finally
        {
            await body.DisposeAsync();
        }
    }

    private ErrorResult NotFound(string topic) => new(
        StatusCodes.Status404NotFound,
        "unknown_stream",
        $"stream: found '{topic}'; expected one of {string.Join(", ", catalog.Streams.Select(stream => stream.Spec.Topic))}. The streams stand in pipeline.yaml.");

    private IResult Refuse(StreamRuntime stream, IResult result)
    {
        var status = result switch
        {
            EventsResult events => events.StatusCode,
            ErrorResult error => error.StatusCode,
            _ => 0,
        };
        if (status is StatusCodes.Status429TooManyRequests or StatusCodes.Status503ServiceUnavailable)
            metrics.Refused(stream.Spec.Topic, status);
        return result;
    }

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
