using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
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

    private static async Task PublishAsync(HttpContext context, Publisher publisher)
    {
        var (pubsub, topic) = (ApiPath.Segment(context, 2), ApiPath.Rest(context, 3));
        publisher.Resolve(pubsub, topic);
        await publisher.PublishAsync(
            new PublishRequest
            {
                PubSub = pubsub,
                Topic = topic,
                Data = await RequestBody.ReadAsync(context.Request, context.RequestAborted),
                ContentType = context.Request.ContentType ?? "",
                Metadata = ApiPath.QueryMetadata(context.Request),
                Trace = Trace(context.Request),
            },
            context.RequestAborted);
        context.Response.StatusCode = StatusCodes.Status204NoContent;
    }

    private static async Task BulkPublishAsync(HttpContext context, Publisher publisher, SidecarOptions options)
    {
        var (pubsub, topic) = (ApiPath.Segment(context, 3), ApiPath.Rest(context, 4));
        var component = publisher.Resolve(pubsub, topic);
        var metadata = ApiPath.QueryMetadata(context.Request);
        PublishMetadata.IsRaw(pubsub, metadata);
        var body = await RequestBody.ReadAsync(context.Request, context.RequestAborted);
        if (BulkPublishBody.Parse(body, out var cause) is not { } entries)
            throw new ApiException(PubSubErrors.UnmarshalEvents(pubsub, topic, options.AppId, cause));
        var failed = await publisher.PublishAsync(component, topic, entries, metadata, Trace(context.Request), context.RequestAborted);
        if (failed.Count == 0)
        {
            context.Response.StatusCode = StatusCodes.Status204NoContent;
            return;
        }

        context.Response.StatusCode = StatusCodes.Status500InternalServerError;
        context.Response.ContentType = "application/json";
        await using var writer = new Utf8JsonWriter(context.Response.BodyWriter);
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

    private static RequestTrace Trace(HttpRequest request) =>
        new(Header(request, "traceparent"), Header(request, "tracestate"));

    private static string? Header(HttpRequest request, string name) =>
        request.Headers.TryGetValue(name, out var value) && value.ToString() is { Length: > 0 } text ? text : null;
}
