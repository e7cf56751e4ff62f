using System.Text.Json.Serialization;

namespace RealTimeMesh.SchemaRegistry.Endpoints;

internal static class CompatibilityEndpoints
{
    public static void MapCompatibility(this IEndpointRouteBuilder routes)
    {
        routes.MapPost("/compatibility/subjects/{subject}/versions", CheckAllAsync);
        routes.MapPost("/compatibility/subjects/{subject}/versions/{version}", CheckAsync);
    }

    private static async Task<IResult> CheckAllAsync(string subject, HttpRequest request, Registry registry, bool verbose = false) =>
        Answer(registry.Check(RouteValues.Subject(subject), null, await RequestBody.ReadSchemaAsync(request)), verbose);

    private static async Task<IResult> CheckAsync(string subject, string version, HttpRequest request, Registry registry, bool verbose = false)
    {
        var schema = await RequestBody.ReadSchemaAsync(request);
        var name = RouteValues.Subject(subject);
        return Answer(registry.Check(name, registry.Version(name, RouteValues.Version(version), deleted: false), schema), verbose);
    }

    private static IResult Answer(IReadOnlyList<string> problems, bool verbose) =>
        RegistryAnswers.Json(new CompatibilityBody(problems.Count == 0, verbose ? problems : null));

    private sealed record CompatibilityBody(
        [property: JsonPropertyName("is_compatible")] bool IsCompatible,
        [property: JsonPropertyName("messages")] IReadOnlyList<string>? Messages);
}
