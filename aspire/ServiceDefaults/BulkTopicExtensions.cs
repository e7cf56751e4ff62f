using System.Diagnostics;
using System.Text;
using System.Text.Json;
using Dapr;
using Dapr.AspNetCore;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace RealTimeMesh.ServiceDefaults;

/// <summary>Handles one bulk delivery; returns a status for each event, in order.</summary>
public delegate Task<IReadOnlyList<DeliveryStatus>> BulkHandler(BulkDelivery delivery, CancellationToken cancellationToken);

/// <summary>Subscribes an endpoint to a topic by Dapr's programmatic bulk subscription of raw payloads.</summary>
public static class BulkTopicExtensions
{
    private const int MaxTraceLinks = 32;

    /// <summary>
    /// Maps <paramref name="route"/> and lists it in <c>/dapr/subscribe</c>. An exception of the handler becomes
    /// status 500, so that the sidecar delivers the whole batch again.
    /// </summary>
    public static IEndpointConventionBuilder MapBulkTopic(this WebApplication app, string pubsub, string topic, string route, int maxCount, TimeSpan maxWait, BulkHandler handler)
    {
        var source = app.Services.GetRequiredService<ActivitySource>();
        return app.MapPost(route, (HttpContext context) => HandleAsync(context, topic, source, handler))
            .WithTopic(new TopicOptions { PubsubName = pubsub, Name = topic, EnableRawPayload = true })
            .WithBulkSubscribe(new BulkSubscribeTopicOptions { TopicName = topic, MaxMessagesCount = maxCount, MaxAwaitDurationMs = (int)maxWait.TotalMilliseconds });
    }

    private static async Task HandleAsync(HttpContext context, string topic, ActivitySource source, BulkHandler handler)
    {
        using var delivery = await BulkDelivery.ReadAsync(context.Request.Body, context.Request.ContentLength, context.RequestAborted);
        using var activity = StartActivity(source, topic, delivery.Events);
        var statuses = await handler(delivery, context.RequestAborted);
        context.Response.ContentType = "application/json";
        await using var writer = new Utf8JsonWriter(context.Response.BodyWriter);
        writer.WriteStartObject();
        writer.WriteStartArray("statuses"u8);
        for (var i = 0; i < delivery.Events.Count; i++)
        {
            writer.WriteStartObject();
            writer.WriteString("entryId"u8, delivery.Events[i].EntryId.Span);
            writer.WriteString("status"u8, statuses[i] switch
            {
                DeliveryStatus.Success => "SUCCESS"u8,
                DeliveryStatus.Drop => "DROP"u8,
                _ => "RETRY"u8,
            });
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        writer.WriteEndObject();
    }

    /// <summary>A consumer span that continues the first event's trace and links the others'.</summary>
    private static Activity? StartActivity(ActivitySource source, string topic, IReadOnlyList<DeliveredEvent> events)
    {
        if (!source.HasListeners() || events.Count == 0)
            return null;
        List<ActivityLink> links = [];
        ActivityContext first = default;
        ReadOnlyMemory<byte> previous = default;
        foreach (var item in events)
        {
            if (item.TraceParent.IsEmpty || item.TraceParent.Span.SequenceEqual(previous.Span))
                continue;
            previous = item.TraceParent;
            if (!ActivityContext.TryParse(Encoding.ASCII.GetString(previous.Span), null, isRemote: true, out var context))
                continue;
            if (first == default)
                first = context;
            links.Add(new ActivityLink(context));
            if (links.Count == MaxTraceLinks)
                break;
        }

        var activity = source.StartActivity($"process {topic}", ActivityKind.Consumer, first, links: links);
        activity?.SetTag("messaging.destination.name", topic);
        activity?.SetTag("messaging.batch.message_count", events.Count);
        return activity;
    }
}
