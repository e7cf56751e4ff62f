namespace RealTimeMesh.Sidecar.Configurations;

/// <summary><c>spec.accessControl</c></summary>
public sealed record AccessControlSettings
{
    /// <summary><c>defaultAction</c>: <c>allow</c> (default) or <c>deny</c>.</summary>
    public string DefaultAction { get; init; } = "allow";

    /// <summary><c>trustDomain</c></summary>
    public string TrustDomain { get; init; } = "public";

    /// <summary><c>policies</c>: rules per calling app.</summary>
    public IReadOnlyList<AppPolicy> Policies { get; init; } = [];
}

/// <summary>What one calling app may do.</summary>
public sealed record AppPolicy
{
    /// <summary><c>appId</c></summary>
    public string AppId { get; init; } = "";

    /// <summary><c>defaultAction</c></summary>
    public string DefaultAction { get; init; } = "";

    /// <summary><c>trustDomain</c></summary>
    public string TrustDomain { get; init; } = "";

    /// <summary><c>namespace</c></summary>
    public string Namespace { get; init; } = "";

    /// <summary><c>operations</c></summary>
    public IReadOnlyList<AppOperation> Operations { get; init; } = [];
}

/// <summary>A rule for one operation.</summary>
/// <param name="Name">Path or pattern of the method.</param>
/// <param name="HttpVerbs">Verbs it is for; <c>*</c> for all.</param>
/// <param name="Action"><c>allow</c> or <c>deny</c>.</param>
public sealed record AppOperation(string Name, IReadOnlyList<string> HttpVerbs, string Action);
