using System.Text.Json.Nodes;
using RealTimeMesh.Contracts;

namespace RealTimeMesh.SchemaRegistry.Endpoints;

internal static class SchemaEndpoints
{
    // More are answered page by page.
    private const int MostSchemas = 1000;

    public static void MapSchemas(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/schemas", List);
        routes.MapGet("/schemas/types", () => RegistryAnswers.Json(SchemaLanguages.Names));
        routes.MapGet("/schemas/ids/{id}", GetById);
        routes.MapGet("/schemas/ids/{id}/schema", GetText);
        routes.MapGet("/schemas/ids/{id}/versions", GetVersions);
        routes.MapGet("/schemas/ids/{id}/subjects", GetSubjects);
        routes.MapGet("/schemas/guids/{guid}", GetByGuid);
        routes.MapGet("/schemas/guids/{guid}/ids", GetIds);
    }

    private static IResult List(HttpRequest request, Registry registry)
    {
        var versions = registry.AllVersions(request.Text("subjectPrefix") ?? "", request.Flag("deleted"), request.Flag("latestOnly"));
        var rule = request.Text("ruleType");
        return RegistryAnswers.Json(request.Page(versions.Where(version => string.IsNullOrEmpty(rule) || HasRule(version.Content, rule)), MostSchemas).Select(version => RegistryAnswers.Describe(version, version.Content.Text)));
    }

    private static bool HasRule(SchemaContent content, string type) => content.RuleSet is not null
        && JsonNode.Parse(content.RuleSet)!.AsObject().Select(member => member.Value).OfType<JsonArray>().Any(rules => rules.Any(rule => rule?["type"]?.ToString() == type));

    private static IResult GetById(string id, HttpRequest request, Registry registry, SchemaParser parser)
    {
        var number = RouteValues.Id(id);
        var subject = request.Text("subject");
        var content = registry.ById(number, subject) ?? throw RegistryException.SchemaNotFound(number);
        var body = new JsonObject();
        if (subject is not null && registry.UsesOf(number, subject, deleted: true)?.FirstOrDefault() is { } use)
            (body["subject"], body["version"]) = (use.Subject, use.Version);

        RegistryAnswers.Describe(body, content, RegistryAnswers.Text(parser, subject ?? "", content, request.Text("format")));
        if (request.Flag("fetchMaxId"))
            body["maxId"] = registry.MaxId(subject);

        return RegistryAnswers.Json(body);
    }

    private static IResult GetText(string id, HttpRequest request, Registry registry, SchemaParser parser)
    {
        var subject = request.Text("subject");
        var content = registry.ById(RouteValues.Id(id), subject) ?? throw RegistryException.SchemaNotFound(RouteValues.Id(id));
        return RegistryAnswers.Document(RegistryAnswers.Text(parser, subject ?? "", content, request.Text("format")));
    }

    private static IResult GetVersions(string id, HttpRequest request, Registry registry) =>
        RegistryAnswers.Json(request.Page(Uses(id, request, registry)).Select(use => new JsonObject { ["subject"] = use.Subject, ["version"] = use.Version }));

    private static IResult GetSubjects(string id, HttpRequest request, Registry registry) =>
        RegistryAnswers.Json(request.Page(Uses(id, request, registry).Select(use => use.Subject).Distinct(StringComparer.Ordinal)));

    private static SubjectVersion[] Uses(string id, HttpRequest request, Registry registry) =>
        registry.UsesOf(RouteValues.Id(id), request.Text("subject"), request.Flag("deleted")) ?? throw RegistryException.SchemaNotFound();

    private static IResult GetByGuid(string guid, HttpRequest request, Registry registry, SchemaParser parser)
    {
        var (context, _, content) = registry.ByGuid(guid).FirstOrDefault();
        if (content is null)
            throw RegistryException.SchemaNotFound(guid);

        var body = new JsonObject();
        RegistryAnswers.Describe(body, content, RegistryAnswers.Text(parser, new SubjectName(context, "").ToString(), content, request.Text("format")));
        return RegistryAnswers.Json(body);
    }

    private static IResult GetIds(string guid, Registry registry) =>
        RegistryAnswers.Json(registry.ByGuid(guid).Select(found => new JsonObject { ["context"] = found.Context, ["id"] = found.Id }));
}
