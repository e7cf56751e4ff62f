namespace RealTimeMesh.Sidecar.Invocation.Http;

/// <summary>An HTTP server outside the mesh that apps call by a name (<c>kind: HTTPEndpoint</c>), its secrets resolved.</summary>
public sealed record HttpEndpoint(string Name, string BaseUrl)
{
    /// <summary><c>spec.headers</c>: sent with each request.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Headers { get; init; } = [];

    /// <summary><c>spec.clientTLS.rootCA</c>, PEM: who may vouch for the server. Null for the system's list.</summary>
    public string? RootCa { get; init; }

    /// <summary><c>spec.clientTLS.certificate</c>, PEM: how the sidecar proves itself. Null for not at all.</summary>
    public string? Certificate { get; init; }

    /// <summary><c>spec.clientTLS.privateKey</c>, PEM, of the certificate.</summary>
    public string? PrivateKey { get; init; }
}
