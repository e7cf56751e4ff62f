using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using RealTimeMesh.Components;
using RealTimeMesh.Sidecar.Errors;
using RealTimeMesh.Sidecar.Http;
using RealTimeMesh.Sidecar.PubSub;

namespace RealTimeMesh.Sidecar.State;

/// <summary>State over HTTP.</summary>
internal static class StateEndpoints
{
    private static readonly string[] Writes = [HttpMethods.Post, HttpMethods.Put];

    public static void MapState(this IEndpointRouteBuilder routes)
    {
        var state = routes.ServiceProvider.GetRequiredService<StateService>();
        routes.MapMethods("/v1.0/state/{store}", Writes, context => SaveAsync(context, state));
        routes.MapMethods("/v1.0/state/{store}/bulk", Writes, context => BulkGetAsync(context, state));
        routes.MapMethods("/v1.0/state/{store}/transaction", Writes, context => TransactAsync(context, state));
        routes.MapMethods("/v1.0-alpha1/state/{store}/query", Writes, context => QueryAsync(context, state));
        routes.MapGet("/v1.0/state/{store}/{key}", context => GetAsync(context, state));
        routes.MapDelete("/v1.0/state/{store}/{key}", context => DeleteAsync(context, state));
    }

    /// <summary>When the item expires, as both APIs tell it.</summary>
    public static string ExpireTime(DateTimeOffset time) => CloudEvents.Rfc3339(time);

    private static async Task SaveAsync(HttpContext context, StateService state)
    {
        // The store is checked before the body is read: both may be wrong.
        var component = Component(context, state);
        var body = await RequestBody.ReadAsync(context.Request, context.RequestAborted);
        await state.SaveAsync(component, StateBodies.Items(body, ApiPath.QueryMetadata(context.Request)), context.RequestAborted);
        context.Response.StatusCode = StatusCodes.Status204NoContent;
    }

    private static async Task GetAsync(HttpContext context, StateService state)
    {
        var component = Component(context, state);
        var item = await state.GetAsync(component, ApiPath.Segment(context, 3), context.RequestAborted);
        var response = context.Response;
        if (item is null || item.Value.IsEmpty)
        {
            response.StatusCode = StatusCodes.Status204NoContent;
            return;
        }

        if (item.ETag.Length > 0)
            response.Headers.ETag = item.ETag;
        if (item.ExpiresAt is { } expiresAt)
            response.Headers["metadata.ttlExpireTime"] = ExpireTime(expiresAt);
        response.ContentType = "application/json";
        response.ContentLength = item.Value.Length;
        await response.BodyWriter.WriteAsync(item.Value, context.RequestAborted);
    }

    private static async Task DeleteAsync(HttpContext context, StateService state)
    {
        var component = Component(context, state);
        var item = new StateItemRequest(ApiPath.Segment(context, 3))
        {
            ETag = context.Request.Headers.IfMatch.ToString(),
            Concurrency = StateBodies.Concurrency(context.Request.Query["concurrency"].ToString()),
            Consistency = StateBodies.Consistency(context.Request.Query["consistency"].ToString()),
            Metadata = ApiPath.QueryMetadata(context.Request),
        };
        await state.DeleteAsync(component, item, context.RequestAborted);
        context.Response.StatusCode = StatusCodes.Status204NoContent;
    }

    private static async Task BulkGetAsync(HttpContext context, StateService state)
    {
        var component = Component(context, state);
        var keys = StateBodies.Keys(await RequestBody.ReadAsync(context.Request, context.RequestAborted));
        var items = await state.BulkGetAsync(component, keys, context.RequestAborted);
        context.Response.ContentType = "application/json";
        await using var writer = new Utf8JsonWriter(context.Response.BodyWriter);
        writer.WriteStartArray();
        for (var i = 0; i < keys.Count; i++)
        {
            writer.WriteStartObject();
            writer.WriteString("key"u8, keys[i]);
            if (items[i] is { } item)
                WriteItem(writer, item);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    }

    private static void WriteItem(Utf8JsonWriter writer, StateItem item)
    {
        if (!item.Value.IsEmpty)
        {
            writer.WritePropertyName("data"u8);
            if (IsJson(item.Value.Span))
                writer.WriteRawValue(item.Value.Span, skipInputValidation: true);
            else
                // Saved over gRPC as bytes that are no JSON.
                writer.WriteBase64StringValue(item.Value.Span);
        }

        if (item.ETag.Length > 0)
            writer.WriteString("etag"u8, item.ETag);
        if (item.ExpiresAt is not { } expiresAt)
            return;
        writer.WriteStartObject("metadata"u8);
        writer.WriteString("ttlExpireTime"u8, ExpireTime(expiresAt));
        writer.WriteEndObject();
    }

    private static async Task TransactAsync(HttpContext context, StateService state)
    {
        var component = Component(context, state);
        StateService.CheckTransactional(component);
        var operations = StateBodies.Operations(await RequestBody.ReadAsync(context.Request, context.RequestAborted));
        await state.TransactAsync(component, operations, context.RequestAborted);
        context.Response.StatusCode = StatusCodes.Status204NoContent;
    }

    private static Task QueryAsync(HttpContext context, StateService state) =>
        throw new ApiException(StateErrors.QueryNotSupported(Component(context, state).Name));

    private static StateComponent Component(HttpContext context, StateService state) => state.Resolve(ApiPath.Segment(context, 2));

    private static bool IsJson(ReadOnlySpan<byte> value)
    {
        try
        {
            var reader = new Utf8JsonReader(value);
            while (reader.Read())
            {
            }

            return true;
        }
        catch (JsonException)
        {
            return false;
        }
    }
}
