namespace RealTimeMesh.Components;

/// <summary>Which environment variables daprd gives to components and apps.</summary>
internal static class EnvironmentRules
{
    /// <summary>Dapr's own variables and tokens are never shown.</summary>
    public static bool IsReadable(string name) =>
        !name.Equals("APP_API_TOKEN", StringComparison.OrdinalIgnoreCase) && !name.StartsWith("DAPR_", StringComparison.OrdinalIgnoreCase);

    /// <summary>What an <c>envRef</c> may name: a readable variable, and one of the list in <c>DAPR_ENV_KEYS</c> where there is one.</summary>
    public static bool IsReferable(string name, string? allowed)
    {
        if (name.Length == 0 || name.Contains(' ', StringComparison.Ordinal) || !IsReadable(name))
            return false;
        return string.IsNullOrEmpty(allowed) || allowed.Split(' ').Contains(name.ToUpperInvariant(), StringComparer.Ordinal);
    }
}
