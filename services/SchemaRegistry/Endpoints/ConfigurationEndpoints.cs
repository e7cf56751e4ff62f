using System.Text.Json.Serialization;

namespace RealTimeMesh.SchemaRegistry.Endpoints;

internal static class ConfigurationEndpoints
{
    public static void MapConfiguration(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/mode", () => RegistryAnswers.Json(new ModeBody("READWRITE")));
        routes.MapGet("/mode/{subject}", (string subject) => RegistryAnswers.Json(new ModeBody("READWRITE")));
        routes.MapGet("/config", GetGlobal);
        routes.MapPut("/config", SetGlobalAsync);
        routes.MapDelete("/config", ResetGlobal);
        routes.MapGet("/config/{subject}", GetSubject);
        routes.MapPut("/config/{subject}", SetSubjectAsync);
        routes.MapDelete("/config/{subject}", ResetSubject);
    }

    private static IResult GetGlobal(Registry registry) => Show(registry.GlobalLevel());

    private static async Task<IResult> SetGlobalAsync(HttpRequest request, Registry registry)
    {
        var level = await RequestBody.ReadLevelAsync(request);
        registry.SetLevel(null, level);
        return RegistryAnswers.Json(new SetBody(level.Name));
    }

    private static IResult ResetGlobal(Registry registry)
    {
        var before = registry.GlobalLevel();
        registry.SetLevel(null, null);
        return Show(before);
    }

    private static IResult GetSubject(string subject, Registry registry, bool defaultToGlobal = false)
    {
        var name = RouteValues.Subject(subject);
        return Show(registry.LevelOf(name) ?? (defaultToGlobal ? registry.GlobalLevel() : throw RegistryException.NoSubjectCompatibility(name)));
    }

    private static async Task<IResult> SetSubjectAsync(string subject, HttpRequest request, Registry registry)
    {
        var level = await RequestBody.ReadLevelAsync(request);
        registry.SetLevel(RouteValues.Subject(subject), level);
        return RegistryAnswers.Json(new SetBody(level.Name));
    }

    private static IResult ResetSubject(string subject, Registry registry)
    {
        var name = RouteValues.Subject(subject);
        var before = registry.LevelOf(name) ?? throw RegistryException.NoSubjectCompatibility(name);
        registry.SetLevel(name, null);
        return Show(before);
    }

    private static IResult Show(CompatibilityLevel level) => RegistryAnswers.Json(new LevelBody(level.Name));

    private sealed record LevelBody([property: JsonPropertyName("compatibilityLevel")] string CompatibilityLevel);

    private sealed record SetBody([property: JsonPropertyName("compatibility")] string Compatibility);

    private sealed record ModeBody([property: JsonPropertyName("mode")] string Mode);
}
