using System.Text;
using System.Text.Json;
using Grpc.Core;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using RealTimeMesh.Sidecar.Errors;
using RealTimeMesh.Sidecar.Http;
using RealTimeMesh.Sidecar.Subscriptions;

namespace RealTimeMesh.Sidecar.Metadata;

/// <summary>Metadata over HTTP. Unlike in gRPC, a subscription's rules are a flat array.</summary>
internal static class MetadataEndpoints
{
    public static void MapMetadata(this IEndpointRouteBuilder routes)
    {
        var metadata = routes.ServiceProvider.GetRequiredService<MetadataStore>();
        routes.MapGet("/v1.0/metadata", context => GetAsync(context, metadata));
        routes.MapPut("/v1.0/metadata/{key}", context => PutAsync(context, metadata));
    }

    private static async Task PutAsync(HttpContext context, MetadataStore metadata)
    {
        var body = await RequestBody.ReadAsync(context.Request, context.RequestAborted);
        if (!metadata.TrySet(ApiPath.Segment(context, 2), Encoding.UTF8.GetString(body)))
            throw new ApiException(new ApiError(StatusCodes.Status400BadRequest, StatusCode.InvalidArgument, "ERR_BAD_REQUEST", "invalid request: too many metadata labels"));
        context.Response.StatusCode = StatusCodes.Status204NoContent;
    }

    private static async Task GetAsync(HttpContext context, MetadataStore metadata)
    {
        context.Response.ContentType = "application/json";
        await using var writer = new Utf8JsonWriter(context.Response.BodyWriter);
        writer.WriteStartObject();
        writer.WriteString("id"u8, metadata.AppId);
        writer.WriteString("runtimeVersion"u8, MetadataStore.RuntimeVersion);
        WriteFeatures(writer, metadata.EnabledFeatures);
        WriteComponents(writer, metadata);
        WriteMap(writer, "extended", metadata.Extended);
        WriteSubscriptions(writer, metadata.Subscriptions);
        WriteNames(writer, "httpEndpoints"u8, metadata.HttpEndpoints);
        WriteAppConnection(writer, metadata.AppConnection);
        writer.WriteStartObject("actorRuntime"u8);
        writer.WriteString("runtimeStatus"u8, "DISABLED"u8);
        writer.WriteBoolean("hostReady"u8, false);
        writer.WriteString("placement"u8, MetadataStore.Placement);
        writer.WriteEndObject();
        WriteNames(writer, "resiliencies"u8, metadata.Resiliencies);
        writer.WriteEndObject();
    }

    private static void WriteFeatures(Utf8JsonWriter writer, IReadOnlyList<string> features)
    {
        if (features.Count == 0)
            return;
        writer.WriteStartArray("enabledFeatures"u8);
        foreach (var feature in features)
            writer.WriteStringValue(feature);
        writer.WriteEndArray();
    }

    private static void WriteAppConnection(Utf8JsonWriter writer, AppConnectionInfo app)
    {
        writer.WriteStartObject("appConnectionProperties"u8);
        if (app.Port > 0)
            writer.WriteNumber("port"u8, app.Port);
        writer.WriteString("protocol"u8, app.Protocol);
        writer.WriteString("channelAddress"u8, app.ChannelAddress);
        if (app.MaxConcurrency > 0)
            writer.WriteNumber("maxConcurrency"u8, app.MaxConcurrency);
        if (app.Health is { } health)
        {
            writer.WriteStartObject("health"u8);
            if (health.Path.Length > 0)
                writer.WriteString("healthCheckPath"u8, health.Path);
            writer.WriteString("healthProbeInterval"u8, health.Interval);
            writer.WriteString("healthProbeTimeout"u8, health.Timeout);
            writer.WriteNumber("healthThreshold"u8, health.Threshold);
            writer.WriteEndObject();
        }

        writer.WriteEndObject();
    }

    private static void WriteComponents(Utf8JsonWriter writer, MetadataStore metadata)
    {
        writer.WriteStartArray("components"u8);
        foreach (var component in metadata.Components)
        {
            writer.WriteStartObject();
            writer.WriteString("name"u8, component.Name);
            writer.WriteString("type"u8, component.Type);
            writer.WriteString("version"u8, component.Version);
            writer.WriteStartArray("capabilities"u8);
            foreach (var capability in component.Capabilities)
                writer.WriteStringValue(capability);
            writer.WriteEndArray();
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    }

    private static void WriteSubscriptions(Utf8JsonWriter writer, IReadOnlyList<SubscriptionDefinition> subscriptions)
    {
        if (subscriptions.Count == 0)
            return;
        writer.WriteStartArray("subscriptions"u8);
        foreach (var subscription in subscriptions)
        {
            writer.WriteStartObject();
            writer.WriteString("pubsubname"u8, subscription.PubSub);
            writer.WriteString("topic"u8, subscription.Topic);
            if (subscription.Metadata.Count > 0)
                WriteMap(writer, "metadata", subscription.Metadata);
            writer.WriteStartArray("rules"u8);
            foreach (var rule in subscription.Rules)
            {
                writer.WriteStartObject();
                if (rule.Text.Length > 0)
                    writer.WriteString("match"u8, rule.Text);
                writer.WriteString("path"u8, rule.Path);
                writer.WriteEndObject();
            }

            writer.WriteEndArray();
            writer.WriteString("deadLetterTopic"u8, subscription.DeadLetterTopic);
            writer.WriteString("type"u8, subscription.Kind.ToString().ToUpperInvariant());
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    }

    private static void WriteNames(Utf8JsonWriter writer, ReadOnlySpan<byte> field, IReadOnlyList<string> names)
    {
        if (names.Count == 0)
            return;
        writer.WriteStartArray(field);
        foreach (var name in names)
        {
            writer.WriteStartObject();
            writer.WriteString("name"u8, name);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    }

    private static void WriteMap(Utf8JsonWriter writer, string name, IEnumerable<KeyValuePair<string, string>> pairs)
    {
        writer.WriteStartObject(name);
        foreach (var (key, value) in pairs)
            writer.WriteString(key, value);
        writer.WriteEndObject();
    }
}
