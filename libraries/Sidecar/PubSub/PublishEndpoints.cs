using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Primitives;
using RealTimeMesh.Sidecar.Errors;
using RealTimeMesh.Sidecar.Http;

namespace RealTimeMesh.Sidecar.PubSub;

/// <summary>Publish over HTTP.</summary>
internal static class PublishEndpoints
{
    private static readonly string[] Verbs = [HttpMethods.Post, HttpMethods.Put];

    public static void MapPublish(this IEndpointRouteBuilder routes)
    {
        var publisher = routes.ServiceProvider.GetRequiredService<Publisher>();
        var options = routes.ServiceProvider.GetRequiredService<SidecarOptions>();
        routes.MapMethods("/v1.0/publish/{pubsub}/{**topic}", Verbs, context => PublishAsync(context, publisher));
        routes.MapMethods("/v1.0/publish/bulk/{pubsub}/{**topic}", Verbs, context => BulkPublishAsync(context, publisher, options));
        routes.MapMethods("/v1.0-alpha1/publish/bulk/{pubsub}/{**topic}", Verbs, context => BulkPublishAsync(context, publisher, options));
    }

    /// <summary>A header's value, or null where there is none.</summary>
    public static string? Text(StringValues header) => header.Count > 0 && header.ToString() is { Length: > 0 } text ? text : null;

    private static async Task PublishAsync(HttpContext context, Publisher publisher)
    {
        var (pubsub, topic) = PublishPath.Read(context, 2);
        var metadata = Metadata(context.Request);
        var component = publisher.Resolve(pubsub, topic, metadata ?? [], isHttp: true);
        using var body = await BodyAsync(context, cause => PubSubErrors.PublishFailed(pubsub, topic, cause));
        // A raw value goes to the broker as it is, and a broker may read it for longer than the request lives.
        var data = metadata is null ? body.Memory : body.Memory.ToArray();
        await publisher.PublishAsync(
            component,
            new PublishRequest { Topic = topic, Data = data, ContentType = context.Request.ContentType ?? "", Metadata = metadata, Trace = Trace(context.Request), IsHttp = true },
            context.RequestAborted);
        context.Response.StatusCode = StatusCodes.Status204NoContent;
    }

    private static async Task BulkPublishAsync(HttpContext context, Publisher publisher, SidecarOptions options)
    {
        var (pubsub, topic) = PublishPath.Read(context, 3);
        var metadata = Metadata(context.Request);
        var component = publisher.Resolve(pubsub, topic, metadata ?? [], isHttp: true);
        PublishMetadata.IsRaw(pubsub, metadata);
        using var body = await BodyAsync(context, cause => PubSubErrors.UnmarshalEvents(pubsub, topic, options.AppId, cause));
        var entries = BulkPublishBody.Parse(body.Memory, new BulkPublishFaults(pubsub, topic, options.AppId));
        var outcome = await publisher.PublishAsync(component, topic, entries, metadata, Trace(context.Request), context.RequestAborted);
        if (outcome.Cause is null)
        {
            context.Response.StatusCode = StatusCodes.Status204NoContent;
            return;
        }

        var failure = BrokerGate.Failure(pubsub, topic, outcome.Cause).Error;
        var answer = Answer(outcome.Failed);
        context.Response.StatusCode = failure.HttpStatus;
        context.Response.ContentType = "application/json";
        context.Response.Headers["metadata.responseData"] = HeaderText(Encoding.UTF8.GetString(answer));
        context.Response.Headers["metadata.error"] = HeaderText($"api error: code = {failure.GrpcStatus} desc = {failure.Message}");
        await context.Response.BodyWriter.WriteAsync(answer, context.RequestAborted);
    }

    private static byte[] Answer(IReadOnlyList<FailedEntry> failed)
    {
        using var buffer = new PooledBuffer(256);
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartObject();
            writer.WriteStartArray("failedEntries"u8);
            foreach (var entry in failed)
            {
                writer.WriteStartObject();
                writer.WriteString("entryId"u8, entry.EntryId);
                writer.WriteString("error"u8, entry.Error);
                writer.WriteEndObject();
            }

            writer.WriteEndArray();
            writer.WriteString("errorCode"u8, "ERR_PUBSUB_PUBLISH_MESSAGE"u8);
            writer.WriteEndObject();
        }

        return buffer.WrittenSpan.ToArray();
    }

    /// <summary>Headers carry no control characters and, here, ASCII only.</summary>
    private static string HeaderText(string text) => string.Create(text.Length, text, static (output, source) =>
    {
        for (var i = 0; i < output.Length; i++)
            output[i] = source[i] is < ' ' or > '~' ? ' ' : source[i];
    });

    private static async ValueTask<BodyReading> BodyAsync(HttpContext context, Func<string, ApiError> error)
    {
        try
        {
            return await BodyReading.ReadAsync(context.Request, context.RequestAborted);
        }
        catch (BadHttpRequestException exception) when (exception.StatusCode == StatusCodes.Status413PayloadTooLarge)
        {
            throw new ApiException(error(BodyReading.TooLarge), exception);
        }
    }

    private static Dictionary<string, string>? Metadata(HttpRequest request) => request.QueryString.HasValue ? ApiPath.QueryMetadata(request) : null;

    private static RequestTrace Trace(HttpRequest request) => new(Text(request.Headers.TraceParent), Text(request.Headers.TraceState));
}
