namespace RealTimeMesh.SchemaRegistry.Endpoints;

/// <summary>A subject may be an alias: its configuration names the one that is meant where something is read.</summary>
internal sealed class SubjectAliases(SettingsWriter settings)
{
    public string Resolve(string routeValue)
    {
        var subject = RouteValues.Subject(routeValue);
        return settings.ConfigOf(subject)?.Alias is { Length: > 0 } alias ? SubjectName.Within(subject, alias) : subject;
    }
}
