using System.Text.Json;
using System.Text.Json.Nodes;

namespace RealTimeMesh.SchemaRegistry.Endpoints;

/// <summary>Reads requests in any of the media types that registry clients send.</summary>
internal static class RequestBody
{
    private const int MaxDepth = 128;

    public static async Task<SchemaRequest> ReadSchemaAsync(HttpRequest request)
    {
        using var document = await ReadAsync(request);
        var body = document.RootElement;
        return new SchemaRequest
        {
            Schema = Text(body, "schema"),
            SchemaType = Text(body, "schemaType"),
            References = References(body),
            Metadata = Part(body, "metadata"),
            RuleSet = Part(body, "ruleSet"),
            Id = Number(body, "id") ?? -1,
            Version = Number(body, "version") ?? 0,
        };
    }

    public static async Task<JsonObject> ReadObjectAsync(HttpRequest request)
    {
        using var document = await ReadAsync(request);
        return JsonObject.Create(document.RootElement.Clone())!;
    }

    private static async Task<JsonDocument> ReadAsync(HttpRequest request)
    {
        var type = request.ContentType?.Split(';')[0].Trim();
        if (type is not (null or "" or "application/json" or "application/octet-stream" or "application/vnd.schemaregistry+json" or RegistryAnswers.MediaType))
            throw new RegistryException(StatusCodes.Status415UnsupportedMediaType, "HTTP 415 Unsupported Media Type");

        JsonDocument document;
        try
        {
            document = await JsonDocument.ParseAsync(request.Body, new JsonDocumentOptions { MaxDepth = MaxDepth, AllowDuplicateProperties = false }, request.HttpContext.RequestAborted);
        }
        catch (JsonException e)
        {
            throw RegistryException.BadRequest($"The body is not the expected JSON object: {e.Message}");
        }
        catch (BadHttpRequestException e)
        {
            throw new RegistryException(e.StatusCode, e.Message);
        }

        if (document.RootElement.ValueKind == JsonValueKind.Object)
            return document;

        var kind = document.RootElement.ValueKind;
        document.Dispose();
        throw RegistryException.BadRequest($"The body is not the expected JSON object: found {kind}");
    }

    private static List<SchemaReference> References(JsonElement body)
    {
        var found = new List<SchemaReference>();
        if (!body.TryGetProperty("references", out var references) || references.ValueKind == JsonValueKind.Null)
            return found;

        if (references.ValueKind != JsonValueKind.Array)
            throw Wrong("references", references);

        foreach (var reference in references.EnumerateArray())
        {
            if (reference.ValueKind != JsonValueKind.Object)
                throw Wrong("references", reference);

            found.Add(new SchemaReference(Text(reference, "name") ?? "", Text(reference, "subject") ?? "", Number(reference, "version") ?? -1));
        }

        return found;
    }

    private static JsonElement? Part(JsonElement body, string key) => !body.TryGetProperty(key, out var value) || value.ValueKind == JsonValueKind.Null
        ? null
        : value.ValueKind == JsonValueKind.Object ? value.Clone() : throw Wrong(key, value);

    private static string? Text(JsonElement body, string key)
    {
        if (!body.TryGetProperty(key, out var value) || value.ValueKind == JsonValueKind.Null)
            return null;

        try
        {
            return value.ValueKind == JsonValueKind.String ? value.GetString() : throw Wrong(key, value);
        }
        catch (InvalidOperationException)
        {
            throw RegistryException.BadRequest($"The body's '{key}' is not Unicode text");
        }
    }

    private static int? Number(JsonElement body, string key)
    {
        if (!body.TryGetProperty(key, out var value) || value.ValueKind == JsonValueKind.Null)
            return null;

        return value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out var number) ? number : throw Wrong(key, value);
    }

    private static RegistryException Wrong(string key, JsonElement value) =>
        RegistryException.BadRequest($"The body's '{key}' is {value.ValueKind}, which is not expected there");
}
