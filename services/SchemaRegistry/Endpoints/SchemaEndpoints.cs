using System.Text.Json.Serialization;

namespace RealTimeMesh.SchemaRegistry.Endpoints;

internal static class SchemaEndpoints
{
    public static void MapSchemas(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/schemas/types", () => RegistryAnswers.Json(new[] { "AVRO" }));
        routes.MapGet("/schemas/ids/{id}", GetById);
        routes.MapGet("/schemas/ids/{id}/schema", GetText);
        routes.MapGet("/schemas/ids/{id}/versions", GetVersions);
        routes.MapGet("/schemas/ids/{id}/subjects", GetSubjects);
    }

    private static IResult GetById(string id, Registry registry) =>
        RegistryAnswers.Json(new SchemaBody(registry.ById(RouteValues.Id(id)).Text));

    private static IResult GetText(string id, Registry registry) =>
        Results.Content(registry.ById(RouteValues.Id(id)).Text, RegistryAnswers.MediaType);

    private static IResult GetVersions(string id, Registry registry, bool deleted = false) =>
        RegistryAnswers.Json(registry.UsesOf(RouteValues.Id(id), deleted).Select(use => new UseBody(use.Subject, use.Version)));

    private static IResult GetSubjects(string id, Registry registry, bool deleted = false) =>
        RegistryAnswers.Json(registry.UsesOf(RouteValues.Id(id), deleted).Select(use => use.Subject).Distinct(StringComparer.Ordinal));

    private sealed record SchemaBody([property: JsonPropertyName("schema")] string Schema);

    private sealed record UseBody([property: JsonPropertyName("subject")] string Subject, [property: JsonPropertyName("version")] int Version);
}
