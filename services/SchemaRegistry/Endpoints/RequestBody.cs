using System.Text.Json;
using System.Text.Json.Serialization;

namespace RealTimeMesh.SchemaRegistry.Endpoints;

/// <summary>Reads requests in any of the media types that registry clients send.</summary>
internal static class RequestBody
{
    public static async Task<string> ReadSchemaAsync(HttpRequest request)
    {
        var body = await ReadAsync<SchemaRequest>(request);
        if (body.SchemaType is not (null or "" or "AVRO"))
            throw RegistryException.UnsupportedSchema($"Invalid schema type {body.SchemaType}; expected AVRO. This registry keeps Avro schemas only.");

        if (body.References is { Count: > 0 })
            throw RegistryException.UnsupportedSchema("Invalid schema: schema references are not supported; expected one self-contained document. Copy the referenced types into it.");

        return string.IsNullOrWhiteSpace(body.Schema) ? throw RegistryException.UnsupportedSchema("Empty schema; expected an Avro schema document in 'schema'.") : body.Schema;
    }

    public static async Task<CompatibilityLevel> ReadLevelAsync(HttpRequest request)
    {
        var body = await ReadAsync<ConfigRequest>(request);
        return CompatibilityLevel.Find(body.Compatibility ?? "") ?? throw RegistryException.InvalidCompatibility(body.Compatibility);
    }

    private static async Task<T> ReadAsync<T>(HttpRequest request)
    {
        var type = request.ContentType?.Split(';')[0].Trim();
        if (type is not (null or "" or "application/json" or "application/octet-stream" or "application/vnd.schemaregistry+json" or RegistryAnswers.MediaType))
            throw new RegistryException(StatusCodes.Status415UnsupportedMediaType, $"Content type '{type}'; expected {RegistryAnswers.MediaType} or application/json");

        try
        {
            return await JsonSerializer.DeserializeAsync<T>(request.Body, cancellationToken: request.HttpContext.RequestAborted)
                ?? throw RegistryException.BadRequest("The body is null; expected a JSON object");
        }
        catch (JsonException e)
        {
            throw RegistryException.BadRequest($"The body is not the expected JSON object: {e.Message}");
        }
        catch (BadHttpRequestException e)
        {
            throw new RegistryException(e.StatusCode, e.Message);
        }
    }

    private sealed record SchemaRequest(
        [property: JsonPropertyName("schema")] string? Schema,
        [property: JsonPropertyName("schemaType")] string? SchemaType,
        [property: JsonPropertyName("references")] IReadOnlyList<JsonElement>? References);

    private sealed record ConfigRequest([property: JsonPropertyName("compatibility")] string? Compatibility);
}
