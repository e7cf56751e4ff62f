using System.Text.Json.Serialization;
using RealTimeMesh.SchemaRegistry.Storage;

namespace RealTimeMesh.SchemaRegistry.Endpoints;

internal static class SubjectEndpoints
{
    public static void MapSubjects(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/", () => RegistryAnswers.Json(new object()));
        routes.MapGet("/subjects", List);
        routes.MapPost("/subjects/{subject}", LookupAsync);
        routes.MapDelete("/subjects/{subject}", DeleteSubject);
        routes.MapGet("/subjects/{subject}/versions", ListVersions);
        routes.MapPost("/subjects/{subject}/versions", RegisterAsync);
        routes.MapGet("/subjects/{subject}/versions/{version}", GetVersion);
        routes.MapGet("/subjects/{subject}/versions/{version}/schema", GetVersionText);
        routes.MapGet("/subjects/{subject}/versions/{version}/referencedby", GetReferences);
        routes.MapDelete("/subjects/{subject}/versions/{version}", DeleteVersion);
    }

    private static IResult List(Registry registry, bool deleted = false, string subjectPrefix = "") =>
        RegistryAnswers.Json(registry.Subjects(deleted, subjectPrefix));

    private static async Task<IResult> LookupAsync(string subject, HttpRequest request, Registry registry, bool deleted = false) =>
        Describe(registry.Lookup(RouteValues.Subject(subject), await RequestBody.ReadSchemaAsync(request), deleted));

    private static async Task<IResult> RegisterAsync(string subject, HttpRequest request, Registry registry) =>
        RegistryAnswers.Json(new IdBody(registry.Register(RouteValues.Subject(subject), await RequestBody.ReadSchemaAsync(request)).Schema.Id));

    private static IResult ListVersions(string subject, Registry registry, bool deleted = false) =>
        RegistryAnswers.Json(registry.Versions(RouteValues.Subject(subject), deleted).Select(version => version.Version));

    private static IResult GetVersion(string subject, string version, Registry registry, bool deleted = false) =>
        Describe(registry.Version(RouteValues.Subject(subject), RouteValues.Version(version), deleted));

    private static IResult GetVersionText(string subject, string version, Registry registry, bool deleted = false) =>
        Results.Content(registry.Version(RouteValues.Subject(subject), RouteValues.Version(version), deleted).Schema.Text, RegistryAnswers.MediaType);

    /// <summary>Ids of schemas that refer to this one: none, because documents are self-contained here.</summary>
    private static IResult GetReferences(string subject, string version, Registry registry)
    {
        registry.Version(RouteValues.Subject(subject), RouteValues.Version(version), deleted: false);
        return RegistryAnswers.Json(Array.Empty<int>());
    }

    private static IResult DeleteSubject(string subject, Registry registry, bool permanent = false) =>
        RegistryAnswers.Json(registry.DeleteSubject(RouteValues.Subject(subject), permanent));

    private static IResult DeleteVersion(string subject, string version, Registry registry, bool permanent = false) =>
        RegistryAnswers.Json(registry.DeleteVersion(RouteValues.Subject(subject), RouteValues.Version(version), permanent));

    private static IResult Describe(SubjectVersion version) =>
        RegistryAnswers.Json(new VersionBody(version.Subject, version.Version, version.Schema.Id, version.Schema.Text));

    private sealed record IdBody([property: JsonPropertyName("id")] int Id);

    private sealed record VersionBody(
        [property: JsonPropertyName("subject")] string Subject,
        [property: JsonPropertyName("version")] int Version,
        [property: JsonPropertyName("id")] int Id,
        [property: JsonPropertyName("schema")] string Schema);
}
