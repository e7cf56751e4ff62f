namespace RealTimeMesh.Sidecar.Configurations;

/// <summary>An element of <c>spec.secrets.scopes</c>: which secrets of a store the app may read.</summary>
public sealed record SecretScope
{
    /// <summary><c>storeName</c></summary>
    public required string StoreName { get; init; }

    /// <summary><c>defaultAccess</c>: <c>allow</c> (default) or <c>deny</c>.</summary>
    public string DefaultAccess { get; init; } = "";

    /// <summary><c>allowedSecrets</c>: where there are any, no others.</summary>
    public IReadOnlyList<string> Allowed { get; init; } = [];

    /// <summary><c>deniedSecrets</c></summary>
    public IReadOnlyList<string> Denied { get; init; } = [];

    /// <summary>Whether the app may read the secret of that name.</summary>
    public bool IsAllowed(string secret)
    {
        if (Allowed.Count > 0)
            return Allowed.Contains(secret, StringComparer.Ordinal);
        return !Denied.Contains(secret, StringComparer.Ordinal) && !DefaultAccess.Equals("deny", StringComparison.OrdinalIgnoreCase);
    }
}
