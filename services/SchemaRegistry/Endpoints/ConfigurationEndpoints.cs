using System.Text.Json;
using System.Text.Json.Nodes;

namespace RealTimeMesh.SchemaRegistry.Endpoints;

internal static class ConfigurationEndpoints
{
    public static void MapConfiguration(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/config", (HttpRequest request, SettingsWriter settings) => Get(null, request, settings));
        routes.MapPut("/config", (HttpRequest request, SettingsWriter settings) => SetAsync(null, request, settings));
        routes.MapDelete("/config", (SettingsWriter settings) => Delete(null, settings));
        routes.MapGet("/config/{subject}", Get);
        routes.MapPut("/config/{subject}", SetAsync);
        routes.MapDelete("/config/{subject}", Delete);
    }

    private static IResult Get(string? subject, HttpRequest request, SettingsWriter settings)
    {
        var name = RouteValues.Settings(subject, mustBeValid: false);
        var config = request.Flag("defaultToGlobal") ? settings.ConfigInScope(name) : settings.ConfigOf(name);
        if (config is null && name is not null && SubjectName.Parse(name).Context != SubjectName.GlobalContext)
            throw RegistryException.NoSubjectCompatibility(name);

        return RegistryAnswers.Json((config ?? RegistryConfig.Empty).ToAnswer());
    }

    private static async Task<IResult> SetAsync(string? subject, HttpRequest request, SettingsWriter settings)
    {
        var body = await RequestBody.ReadObjectAsync(request);
        var level = body["compatibility"];
        if (level is not null && CompatibilityLevel.Find(level.ToString()) is null)
            throw RegistryException.InvalidCompatibility();

        foreach (var rules in new[] { "defaultRuleSet", "overrideRuleSet" })
            RuleSets.Check(body[rules] is { } set ? JsonSerializer.SerializeToElement(set) : null);

        return RegistryAnswers.Json(settings.SetConfig(RouteValues.Settings(subject, mustBeValid: true), body).ToJson());
    }

    private static IResult Delete(string? subject, SettingsWriter settings) =>
        RegistryAnswers.Json(settings.DeleteConfig(RouteValues.Settings(subject, mustBeValid: false)).ToAnswer());
}
