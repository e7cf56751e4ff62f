using System.Text.Json.Serialization;

namespace RealTimeMesh.Contracts;

public sealed partial class SchemaRegistryClient
{
    /// <summary>Registers a document of any language, with what it refers to by subject and version, or finds it; its version in the subject. A conflict is a <see cref="ContractException"/> with the registry's messages.</summary>
    public async Task<int> RegisterDocumentAsync(string subject, RegisteredSchema schema, IReadOnlyList<RegistryReference> references, ContractMetadata? metadata, CancellationToken cancellationToken)
    {
        var body = new SchemaBody(schema.Text)
        {
            SchemaType = schema.Language,
            References = references.Count > 0 ? references : null,
            Metadata = metadata?.ToRegistryMetadata(),
            RuleSet = metadata?.ToRegistryRules(),
        };
        var path = $"subjects/{Uri.EscapeDataString(subject)}";
        Told(await _http.SendAsync(HttpMethod.Post, $"{path}/versions", () => Json(body), brief: false, cancellationToken));
        return Told(await _http.SendAsync(HttpMethod.Post, path, () => Json(body), brief: false, cancellationToken)).Read<VersionBody>(options.Url, path).Version;

        RegistryAnswer Told(RegistryAnswer answer) => answer.Code is 0 or RegistryAnswer.NoAnswer
            ? Succeeded(answer, $"register subject '{subject}'", $"subject '{subject}'")
            : throw new ContractException($"schema registry {options.Url}: subject '{subject}': {answer.Message} (code {answer.Code}). Register a compatible schema, or change the subject's compatibility.");
    }

    /// <summary>The compatibility level that counts for a subject, in the registry's words.</summary>
    public async Task<string> GetLevelAsync(string subject, CancellationToken cancellationToken)
    {
        var path = $"config/{Uri.EscapeDataString(subject)}?defaultToGlobal=true";
        var answer = await _http.SendAsync(HttpMethod.Get, path, null, brief: false, cancellationToken);
        return Succeeded(answer, $"ask for the level of '{subject}'", $"subject '{subject}'").Read<LevelBody>(options.Url, path).CompatibilityLevel;
    }

    private sealed record VersionBody([property: JsonPropertyName("version"), JsonRequired] int Version);

    private sealed record LevelBody([property: JsonPropertyName("compatibilityLevel"), JsonRequired] string CompatibilityLevel);
}
