using RealTimeMesh.Components;
using RealTimeMesh.Sidecar.Invocation.Http;

namespace RealTimeMesh.Sidecar.Resources;

/// <summary>Reads documents of <c>kind: HTTPEndpoint</c>, with the secrets that their headers and keys refer to.</summary>
internal static class HttpEndpointReader
{
    private static readonly string[] TlsFields = ["rootCA", "certificate", "privateKey"];

    /// <summary>Throws a <see cref="ResourceException"/> for a document that is no endpoint.</summary>
    public static async Task<HttpEndpoint> ReadAsync(ResourceDocument document, ComponentSet components, CancellationToken cancellationToken)
    {
        var spec = document.Root.Find("spec");
        if (spec?.TextOf("baseUrl") is not { Length: > 0 } baseUrl)
            throw new ResourceException($"HTTPEndpoint {document.Name}: spec.baseUrl: found nothing; expected the address of the server");
        var store = document.Root.Find("auth")?.TextOf("secretStore") ?? "";
        var headers = await ResolveAsync(ResourceSetting.ReadList(spec, "headers", "HTTPEndpoint.spec.headers"));
        var tls = await ResolveAsync([.. TlsFields.Select(field => (Field: field, Node: spec.Find("clientTLS")?.Find(field))).Where(pair => pair.Node is not null).Select(pair => Setting(pair.Field, pair.Node!))]);
        return new HttpEndpoint(document.Name, baseUrl)
        {
            Headers = [.. headers.Select(header => KeyValuePair.Create(header.Name, header.Value ?? ""))],
            RootCa = Value("rootCA"),
            Certificate = Value("certificate"),
            PrivateKey = Value("privateKey"),
        };

        async Task<IReadOnlyList<ResourceSetting>> ResolveAsync(IReadOnlyList<ResourceSetting> settings) =>
            settings.Count == 0 ? settings : await components.ResolveAsync(document, store, settings, cancellationToken);

        string? Value(string field) => tls.FirstOrDefault(setting => setting.Name == field)?.Value;
    }

    private static ResourceSetting Setting(string field, ResourceNode node) => new(field)
    {
        Value = node.TextOf("value"),
        SecretName = node.Find("secretKeyRef")?.TextOf("name") ?? "",
        SecretKey = node.Find("secretKeyRef")?.TextOf("key") ?? "",
        EnvRef = node.TextOf("envRef") ?? "",
        Line = node.Line,
    };
}
