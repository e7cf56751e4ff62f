namespace RealTimeMesh.Components;

/// <summary>How resource files are read.</summary>
public sealed record LoadOptions
{
    /// <summary>
    /// True (default): unknown keys, repeated keys and unreadable documents are faults, secret references are read from
    /// <see cref="Environment"/> at once. False: daprd's way, in which a document that cannot be read is left out with a warning
    /// and references stay unresolved until the component starts.
    /// </summary>
    public bool Strict { get; init; } = true;

    /// <summary>Strict only: values for <c>envRef</c> and <c>secretKeyRef</c> by name; null where there is none. Default: none at all.</summary>
    public Func<string, string?> Environment { get; init; } = _ => null;

    /// <summary>Not strict only: components that are not in scope for this app are left out.</summary>
    public string AppId { get; init; } = "";

    /// <summary>Not strict only: the value of <c>NAMESPACE</c>; null or empty where namespaces do not count.</summary>
    public string? Namespace { get; init; }
}
