using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using RealTimeMesh.Sidecar.Http;

namespace RealTimeMesh.Sidecar.Secrets;

/// <summary>Secrets over HTTP.</summary>
internal static class SecretEndpoints
{
    private static readonly JsonWriterOptions Json = new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static void MapSecrets(this IEndpointRouteBuilder routes)
    {
        var secrets = routes.ServiceProvider.GetRequiredService<SecretService>();
        routes.MapGet("/v1.0/secrets/{store}/bulk", context => BulkAsync(context, secrets));
        routes.MapGet("/v1.0/secrets/{store}/{key}", context => GetAsync(context, secrets));
    }

    private static async Task GetAsync(HttpContext context, SecretService secrets)
    {
        var values = await secrets.GetAsync(ApiPath.Segment(context, 2), ApiPath.Segment(context, 3), ApiPath.QueryMetadata(context.Request), context.RequestAborted);
        context.Response.ContentType = "application/json";
        await using var json = new Utf8JsonWriter(context.Response.BodyWriter, Json);
        Write(json, values);
    }

    private static async Task BulkAsync(HttpContext context, SecretService secrets)
    {
        var all = await secrets.GetAllAsync(ApiPath.Segment(context, 2), ApiPath.QueryMetadata(context.Request), context.RequestAborted);
        context.Response.ContentType = "application/json";
        await using var json = new Utf8JsonWriter(context.Response.BodyWriter, Json);
        json.WriteStartObject();
        foreach (var (name, values) in all.OrderBy(secret => secret.Key, StringComparer.Ordinal))
        {
            json.WritePropertyName(name);
            Write(json, values);
        }

        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, IReadOnlyDictionary<string, string> values)
    {
        json.WriteStartObject();
        foreach (var (name, value) in values.OrderBy(pair => pair.Key, StringComparer.Ordinal))
            json.WriteString(name, value);
        json.WriteEndObject();
    }
}
