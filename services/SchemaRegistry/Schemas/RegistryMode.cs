namespace RealTimeMesh.SchemaRegistry;

/// <summary>What may be done with a subject. The names are the API's.</summary>
internal enum RegistryMode
{
    READWRITE,
    READONLY,
    READONLY_OVERRIDE,
    IMPORT,
    FORWARD,
}

internal static class RegistryModes
{
    public static RegistryMode? Find(string name) =>
        Enum.TryParse<RegistryMode>(name.ToUpperInvariant(), out var mode) && Enum.IsDefined(mode) && !char.IsAsciiDigit(name.FirstOrDefault()) ? mode : null;

    public static bool IsReadOnly(this RegistryMode mode) => mode is RegistryMode.READONLY or RegistryMode.READONLY_OVERRIDE;

    /// <summary>Schemas come with the ids and versions they have elsewhere, and are not judged.</summary>
    public static bool Imports(this RegistryMode mode) => mode is RegistryMode.IMPORT or RegistryMode.FORWARD;
}
