using System.Text.Json.Nodes;

namespace RealTimeMesh.SchemaRegistry.Endpoints;

internal static class ModeEndpoints
{
    public static void MapModes(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/mode", (HttpRequest request, SettingsWriter settings) => Get(null, request, settings));
        routes.MapPut("/mode", (HttpRequest request, SettingsWriter settings) => SetAsync(null, request, settings));
        routes.MapDelete("/mode", (HttpRequest request, SettingsWriter settings) => Delete(null, request, settings));
        routes.MapGet("/mode/{subject}", Get);
        routes.MapPut("/mode/{subject}", SetAsync);
        routes.MapDelete("/mode/{subject}", Delete);
    }

    private static IResult Get(string? subject, HttpRequest request, SettingsWriter settings)
    {
        var name = RouteValues.Settings(subject, mustBeValid: false);
        var mode = request.Flag("defaultToGlobal") ? settings.ModeInScope(name) : settings.ModeOf(name);
        if (mode is null && name is not null && SubjectName.Parse(name).Context != SubjectName.GlobalContext)
            throw RegistryException.NoSubjectMode(name);

        return Answer(mode ?? RegistryMode.READWRITE);
    }

    private static async Task<IResult> SetAsync(string? subject, HttpRequest request, SettingsWriter settings)
    {
        var body = await RequestBody.ReadObjectAsync(request);
        var name = RouteValues.Settings(subject, mustBeValid: true);
        RegistryMode? mode = null;
        if (body["mode"] is { } wanted)
            mode = RegistryModes.Find(wanted.ToString()) ?? throw RegistryException.InvalidMode();

        if (mode == RegistryMode.FORWARD && name is not null && SubjectName.Parse(name).Context != SubjectName.GlobalContext)
            throw RegistryException.InvalidMode("Forward mode only supported on global level");

        settings.SetMode(name, mode, request.Flag("force"));
        return RegistryAnswers.Json(body);
    }

    private static IResult Delete(string? subject, HttpRequest request, SettingsWriter settings)
    {
        var name = RouteValues.Settings(subject, mustBeValid: false);
        return Answer(settings.DeleteMode(name, request.Flag("recursive")) ?? (name is null ? RegistryMode.READWRITE : null));
    }

    private static IResult Answer(RegistryMode? mode) => RegistryAnswers.Json(mode is null ? [] : new JsonObject { ["mode"] = mode.ToString() });
}
