namespace RealTimeMesh.Contracts;

public sealed partial class SchemaRegistryClient
{
    /// <summary>The latest version of a subject in whatever language, with its id; null where there is no such subject.</summary>
    public async Task<(int Id, RegisteredSchema Schema)?> FindLatestOfAnyAsync(string subject, CancellationToken cancellationToken)
    {
        var path = $"subjects/{Uri.EscapeDataString(subject)}/versions/latest";
        var file = $"latest-{RegistryDisk.Hash(subject)}.json";
        var answer = await _http.SendAsync(HttpMethod.Get, path, null, _disk.Has(file), cancellationToken);
        if (answer.Code is RegistryAnswer.SubjectNotFound or RegistryAnswer.VersionNotFound)
            return null;

        var body = Keep(answer, file, path, $"get the latest schema of '{subject}'", $"subject '{subject}'");
        return (body.Id, await ResolveAsync(body, cancellationToken));
    }

    /// <summary>The schema of a global id in whatever language, with those it refers to; null where the registry has none.</summary>
    public ValueTask<RegisteredSchema?> FindSchemaAsync(int id, CancellationToken cancellationToken) => FetchAsync(id, cancellationToken);

    /// <summary>All versions of a subject, oldest first; empty where there is no such subject.</summary>
    public async Task<IReadOnlyList<RegisteredSchema>> GetVersionsAsync(string subject, CancellationToken cancellationToken)
    {
        var path = $"subjects/{Uri.EscapeDataString(subject)}/versions";
        var answer = await _http.SendAsync(HttpMethod.Get, path, null, brief: false, cancellationToken);
        if (answer.Code is RegistryAnswer.SubjectNotFound or RegistryAnswer.VersionNotFound)
            return [];

        var schemas = new List<RegisteredSchema>();
        foreach (var version in Succeeded(answer, $"list the versions of '{subject}'", $"subject '{subject}'").Read<IReadOnlyList<int>>(options.Url, path))
        {
            if (await FetchAsync($"{path}/{version}", $"version-{RegistryDisk.Hash($"{subject}/{version}")}.json", cancellationToken) is { } schema)
                schemas.Add(schema);
        }

        return schemas;
    }
}
