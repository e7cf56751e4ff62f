using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using RealTimeMesh.Contracts;

namespace RealTimeMesh.SchemaRegistry.Endpoints;

/// <summary>Answers in the API's media types.</summary>
internal static class RegistryAnswers
{
    public const string MediaType = "application/vnd.schemaregistry.v1+json";

    private static readonly string[] MediaTypes = [MediaType, "application/vnd.schemaregistry+json", "application/json"];

    private static readonly JsonSerializerOptions Options = new()
    {
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    public static IResult Json<T>(T value, int status = StatusCodes.Status200OK) => new Answer(JsonSerializer.SerializeToUtf8Bytes(value, Options), status);

    /// <summary>A schema's document itself.</summary>
    public static IResult Document(string text) => new Answer(System.Text.Encoding.UTF8.GetBytes(text), StatusCodes.Status200OK);

    public static IResult Error(int status, int code, string message) => Json(new ErrorBody(code, message), status);

    /// <summary>A version with everything that was registered with it.</summary>
    public static JsonObject Describe(SubjectVersion version, string text)
    {
        var body = new JsonObject { ["subject"] = version.Subject, ["version"] = version.Version, ["id"] = version.Id };
        Describe(body, version.Content, text);
        if (version.Timestamp > 0)
            body["ts"] = version.Timestamp;

        if (version.Deleted)
            body["deleted"] = true;

        return body;
    }

    public static void Describe(JsonObject body, SchemaContent content, string text)
    {
        body["guid"] = content.Guid;
        body["schemaType"] = content.Type;
        if (content.References.Count > 0)
            body["references"] = new JsonArray([.. content.References.Select(reference => new JsonObject { ["name"] = reference.Name, ["subject"] = reference.Subject, ["version"] = reference.Version })]);

        if (content.Metadata is not null)
            body["metadata"] = JsonNode.Parse(content.Metadata);

        if (content.RuleSet is not null)
            body["ruleSet"] = JsonNode.Parse(content.RuleSet);

        body["schema"] = text;
    }

    /// <summary>The text in the form asked for.</summary>
    public static string Text(SchemaParser parser, string subject, SchemaContent content, string? format)
    {
        if (string.IsNullOrWhiteSpace(format))
            return content.Text;

        try
        {
            return parser.Parse(subject, content).Format(format.Trim());
        }
        catch (ContractException e)
        {
            throw RegistryException.InvalidSchema(content.Type, e.Message);
        }
    }

    private static string? ChooseType(string? accept)
    {
        if (string.IsNullOrWhiteSpace(accept))
            return MediaType;

        string? best = null;
        var bestQuality = 0.0;
        foreach (var part in accept.Split(','))
        {
            var pieces = part.Split(';', StringSplitOptions.TrimEntries);
            var quality = Array.Find(pieces, piece => piece.StartsWith("q=", StringComparison.Ordinal)) is { } q && double.TryParse(q[2..], System.Globalization.CultureInfo.InvariantCulture, out var number) ? number : 1;
            var type = pieces[0] is "*/*" or "application/*" ? MediaType : Array.Find(MediaTypes, known => known == pieces[0]);
            if (type is not null && quality > bestQuality)
                (best, bestQuality) = (type, quality);
        }

        return best;
    }

    private sealed record ErrorBody([property: JsonPropertyName("error_code")] int ErrorCode, [property: JsonPropertyName("message")] string Message);

    private sealed class Answer(byte[] body, int status) : IResult
    {
        public async Task ExecuteAsync(HttpContext httpContext)
        {
            var type = ChooseType(httpContext.Request.Headers.Accept);
            if (type is null && status < 400)
            {
                await Error(StatusCodes.Status406NotAcceptable, 406, "HTTP 406 Not Acceptable").ExecuteAsync(httpContext);
                return;
            }

            httpContext.Response.StatusCode = status;
            httpContext.Response.ContentType = type ?? MediaType;
            httpContext.Response.ContentLength = body.Length;
            if (!HttpMethods.IsHead(httpContext.Request.Method))
                await httpContext.Response.Body.WriteAsync(body, httpContext.RequestAborted);
        }
    }
}
