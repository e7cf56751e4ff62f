using System.Text.Json.Serialization;

namespace RealTimeMesh.SchemaRegistry.Endpoints;

internal static class CompatibilityEndpoints
{
    public static void MapCompatibility(this IEndpointRouteBuilder routes)
    {
        routes.MapPost("/compatibility/subjects/{subject}/versions", CheckAllAsync);
        routes.MapPost("/compatibility/subjects/{subject}/versions/{version}", CheckAsync);
    }

    private static async Task<IResult> CheckAllAsync(string subject, HttpRequest request, Registry registry, SubjectAliases aliases)
    {
        var body = await RequestBody.ReadSchemaAsync(request);
        var name = aliases.Resolve(subject);
        return Answer(request, name, body, registry, registry.AllVersions(name, deleted: false, latestOnly: false).Where(version => version.Subject == name));
    }

    private static async Task<IResult> CheckAsync(string subject, string version, HttpRequest request, Registry registry, SubjectAliases aliases)
    {
        var body = await RequestBody.ReadSchemaAsync(request);
        var (name, wanted) = (aliases.Resolve(subject), RouteValues.Version(version));
        var found = registry.FindVersion(name, wanted, deleted: false);

        // A subject without a version has nothing that the schema could break.
        if (found is null && wanted is not null)
            throw RegistryException.VersionNotFound(wanted.Value);

        return Answer(request, name, body, registry, found is null ? [] : [found]);
    }

    private static IResult Answer(HttpRequest request, string subject, SchemaRequest schema, Registry registry, IEnumerable<SubjectVersion> against)
    {
        var verbose = request.Flag("verbose");
        List<string> messages;
        try
        {
            messages = registry.Check(subject, [.. against], schema, request.Flag("normalize"));
        }
        catch (RegistryException e) when (verbose && e.Status == StatusCodes.Status422UnprocessableEntity)
        {
            messages = [e.Message];
        }

        return RegistryAnswers.Json(new CompatibilityBody(messages.Count == 0, verbose ? messages : null));
    }

    private sealed record CompatibilityBody(
        [property: JsonPropertyName("is_compatible")] bool IsCompatible,
        [property: JsonPropertyName("messages")] IReadOnlyList<string>? Messages);
}
