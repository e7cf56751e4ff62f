using System.Text.Json;
using System.Text.Json.Serialization;

namespace RealTimeMesh.SchemaRegistry.Endpoints;

/// <summary>Answers in the API's media type.</summary>
internal static class RegistryAnswers
{
    public const string MediaType = "application/vnd.schemaregistry.v1+json";

    private static readonly JsonSerializerOptions Options = new()
    {
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    public static IResult Json<T>(T value, int status = StatusCodes.Status200OK) => Results.Json(value, Options, MediaType, status);

    public static IResult Error(int status, int code, string message) => Json(new ErrorBody(code, message), status);

    public static IResult NoSuchRoute() => Error(StatusCodes.Status404NotFound, 404, "HTTP 404 Not Found");

    private sealed record ErrorBody([property: JsonPropertyName("error_code")] int ErrorCode, [property: JsonPropertyName("message")] string Message);
}
