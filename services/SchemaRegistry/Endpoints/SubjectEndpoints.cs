using System.Text.Json.Nodes;

namespace RealTimeMesh.SchemaRegistry.Endpoints;

internal static class SubjectEndpoints
{
    public static void MapSubjects(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/subjects", List);
        routes.MapPost("/subjects/{subject}", LookupAsync);
        routes.MapDelete("/subjects/{subject}", DeleteSubject);
        routes.MapGet("/subjects/{subject}/metadata", GetByMetadata);
        routes.MapGet("/subjects/{subject}/versions", ListVersions);
        routes.MapPost("/subjects/{subject}/versions", RegisterAsync);
        routes.MapGet("/subjects/{subject}/versions/{version}", GetVersion);
        routes.MapGet("/subjects/{subject}/versions/{version}/schema", GetVersionText);
        routes.MapGet("/subjects/{subject}/versions/{version}/referencedby", GetReferences);
        routes.MapDelete("/subjects/{subject}/versions/{version}", DeleteVersion);
    }

    private static IResult List(HttpRequest request, Registry registry) =>
        RegistryAnswers.Json(request.Page(registry.Subjects(request.Text("subjectPrefix") ?? ":*:", Filter(request))));

    private static async Task<IResult> LookupAsync(string subject, HttpRequest request, Registry registry, SubjectAliases aliases, SchemaParser parser)
    {
        var body = await RequestBody.ReadSchemaAsync(request);
        return Describe(registry.Lookup(aliases.Resolve(subject), body, request.Flag("normalize"), request.Flag("deleted")), request, parser);
    }

    private static async Task<IResult> RegisterAsync(string subject, HttpRequest request, RegistryWriter writer, SchemaParser parser)
    {
        var body = await RequestBody.ReadSchemaAsync(request);
        RuleSets.Check(body.RuleSet);
        var version = writer.Register(RouteValues.NewSubject(subject), body, request.Flag("normalize"), request.Flag("force"));
        var answer = new JsonObject { ["id"] = version.Id, ["version"] = version.Version };
        RegistryAnswers.Describe(answer, version.Content, RegistryAnswers.Text(parser, version.Subject, version.Content, request.Text("format")));
        return RegistryAnswers.Json(answer);
    }

    private static IResult ListVersions(string subject, HttpRequest request, Registry registry, SubjectAliases aliases)
    {
        var negative = request.Flag("deletedAsNegative");
        var versions = registry.Versions(aliases.Resolve(subject), negative ? VersionFilter.All : Filter(request));
        return RegistryAnswers.Json(request.Page(versions.Select(version => negative && version.Deleted ? -version.Version : version.Version)));
    }

    private static IResult GetVersion(string subject, string version, HttpRequest request, Registry registry, SubjectAliases aliases, SchemaParser parser)
    {
        var found = registry.Version(aliases.Resolve(subject), RouteValues.Version(version), request.Flag("deleted"));
        if (request.Text("referenceFormat") == "qualified")
            found = found with { Content = found.Content with { References = [.. found.Content.References.Select(reference => reference with { Subject = SubjectName.Within(found.Subject, reference.Subject) })] } };

        return Describe(found, request, parser);
    }

    private static IResult GetVersionText(string subject, string version, HttpRequest request, Registry registry, SubjectAliases aliases, SchemaParser parser)
    {
        var found = registry.Version(aliases.Resolve(subject), RouteValues.Version(version), request.Flag("deleted"));
        return RegistryAnswers.Document(RegistryAnswers.Text(parser, found.Subject, found.Content, request.Text("format")));
    }

    private static IResult GetReferences(string subject, string version, HttpRequest request, Registry registry, SubjectAliases aliases)
    {
        var found = registry.Version(aliases.Resolve(subject), RouteValues.Version(version), deleted: true);
        return RegistryAnswers.Json(request.Page(registry.ReferencesTo(found, request.Flag("deleted"))));
    }

    private static IResult GetByMetadata(string subject, HttpRequest request, Registry registry, SubjectAliases aliases, SchemaParser parser)
    {
        var properties = request.Query["key"].Zip(request.Query["value"], (key, value) => (key ?? "", value ?? "")).ToArray();
        return Describe(registry.WithMetadata(aliases.Resolve(subject), properties, request.Flag("deleted")), request, parser);
    }

    private static IResult DeleteSubject(string subject, HttpRequest request, RegistryWriter writer) =>
        RegistryAnswers.Json(writer.DeleteSubject(RouteValues.Subject(subject), request.Flag("permanent")));

    private static IResult DeleteVersion(string subject, string version, HttpRequest request, RegistryWriter writer) =>
        RegistryAnswers.Json(writer.DeleteVersion(RouteValues.Subject(subject), RouteValues.Version(version), request.Flag("permanent")));

    private static IResult Describe(SubjectVersion version, HttpRequest request, SchemaParser parser) =>
        RegistryAnswers.Json(RegistryAnswers.Describe(version, RegistryAnswers.Text(parser, version.Subject, version.Content, request.Text("format"))));

    private static VersionFilter Filter(HttpRequest request) =>
        request.Flag("deletedOnly") ? VersionFilter.DeletedOnly : request.Flag("deleted") ? VersionFilter.All : VersionFilter.Live;
}
