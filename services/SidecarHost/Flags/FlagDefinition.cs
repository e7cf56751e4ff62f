namespace RealTimeMesh.SidecarHost.Flags;

/// <summary>What a flag's value must be.</summary>
internal enum FlagKind
{
    Text,

    /// <summary>Comma-separated, and may be given several times.</summary>
    List,
    Truth,
    Number,
    Duration,
}

/// <summary>A flag that the executable knows.</summary>
internal sealed record FlagDefinition(string Name, FlagKind Kind, string Default, string Help)
{
    /// <summary>What to use in its place; null where it is current.</summary>
    public string? Deprecated { get; init; }

    /// <summary>What this executable leaves out, so that the flag does nothing; null where it counts.</summary>
    public string? LeftOut { get; init; }
}
