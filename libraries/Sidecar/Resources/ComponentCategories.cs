namespace RealTimeMesh.Sidecar.Resources;

/// <summary>The categories of components and what daprd says where it has no component of a type.</summary>
internal static class ComponentCategories
{
    private const string Middleware = "middleware";

    public const string SecretStores = "secretstores";

    private static readonly (string Category, string Noun)[] All =
    [
        ("bindings", "output binding"),
        ("configuration", "configuration store"),
        ("conversation", "conversation"),
        ("crypto", "crypto provider"),
        ("lock", "lock store"),
        (Middleware, "HTTP middleware"),
        ("pubsub", "message bus"),
        (SecretStores, "secret store"),
        ("state", "state store"),
    ];

    /// <summary>What a component of this type is called, null where the type belongs to no category.</summary>
    public static string? NounOf(string type)
    {
        foreach (var (category, noun) in All)
        {
            if (type.StartsWith(category + ".", StringComparison.Ordinal))
                return noun;
        }

        return null;
    }

    public static bool IsMiddleware(string type) => type.StartsWith(Middleware + ".", StringComparison.Ordinal);

    public static bool IsSecretStore(string type) => type.StartsWith(SecretStores + ".", StringComparison.Ordinal);
}
