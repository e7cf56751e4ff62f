namespace RealTimeMesh.Components;

/// <summary>Which secrets of one store apps may read: an entry of a Configuration's <c>spec.secrets.scopes</c>. Secret references of components are not bound by it.</summary>
public sealed record SecretScope(string StoreName)
{
    /// <summary>True where secrets that no list names are denied. Default: allowed.</summary>
    public bool DenyByDefault { get; init; }

    /// <summary>Where not empty, the only secrets that are allowed.</summary>
    public IReadOnlyList<string> AllowedSecrets { get; init; } = [];

    /// <summary>Secrets that are denied.</summary>
    public IReadOnlyList<string> DeniedSecrets { get; init; } = [];

    public bool Allows(string secret) => AllowedSecrets.Count > 0
        ? AllowedSecrets.Contains(secret, StringComparer.Ordinal)
        : !DenyByDefault && !DeniedSecrets.Contains(secret, StringComparer.Ordinal);

    /// <summary>The scopes of a Configuration document; throws <see cref="SecretStoreException"/> in daprd's words where they contradict themselves.</summary>
    public static IReadOnlyList<SecretScope> Read(ResourceNode configuration)
    {
        var scopes = new List<SecretScope>();
        foreach (var entry in configuration.Find("spec")?.Find("secrets")?.Find("scopes")?.Items ?? [])
        {
            var store = entry.TextOf("storeName") ?? "";
            if (scopes.Any(scope => scope.StoreName == store))
                throw new SecretStoreException($"{store} storeName is repeated in secrets configuration");
            var access = entry.TextOf("defaultAccess") ?? "";
            var deny = access.Equals("deny", StringComparison.OrdinalIgnoreCase);
            if (access.Length > 0 && !deny && !access.Equals("allow", StringComparison.OrdinalIgnoreCase))
                throw new SecretStoreException($"defaultAccess {access} can be either allow or deny");
            scopes.Add(new SecretScope(store) { DenyByDefault = deny, AllowedSecrets = Texts(entry, "allowedSecrets"), DeniedSecrets = Texts(entry, "deniedSecrets") });
        }

        return scopes;
    }

    private static string[] Texts(ResourceNode parent, string name) => [.. parent.Find(name)?.Items.Select(item => item.Text) ?? []];
}
