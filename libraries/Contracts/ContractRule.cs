namespace RealTimeMesh.Contracts;

/// <summary>A rule of a contract, in the registry's words.</summary>
public sealed record ContractRule
{
    public required string Name { get; init; }

    /// <summary>What it is for; null where nothing is said.</summary>
    public string? Doc { get; init; }

    /// <summary><c>CONDITION</c> or <c>TRANSFORM</c>.</summary>
    public string Kind { get; init; } = "CONDITION";

    /// <summary>When it is applied: <c>WRITE</c>, <c>READ</c>, <c>WRITEREAD</c>, <c>UPGRADE</c>, …</summary>
    public string Mode { get; init; } = "WRITE";

    /// <summary>The language of <see cref="Expression"/>, such as <c>CEL</c>, or what the rule does, such as <c>ENCRYPT</c>.</summary>
    public string Type { get; init; } = "CEL";

    /// <summary>The tags of fields that it is about; empty for the whole message.</summary>
    public IReadOnlyList<string> Tags { get; init; } = [];

    /// <summary>The condition or transformation; null where the type needs none.</summary>
    public string? Expression { get; init; }

    /// <summary>What the type needs besides, such as the topic of dead letters.</summary>
    public IReadOnlyDictionary<string, string> Parameters { get; init; } = new Dictionary<string, string>();

    /// <summary>What follows where nothing failed; null for the registry's default.</summary>
    public string? OnSuccess { get; init; }

    /// <summary>It is kept, and not applied.</summary>
    public bool IsDisabled { get; init; }

    /// <summary>The part of the rule set that it stands in: <c>domainRules</c>, <c>migrationRules</c> or <c>encodingRules</c>; null where its mode tells.</summary>
    public string? Part { get; init; }

    /// <summary>What follows a failure, such as <c>ERROR</c> or <c>DLQ</c>; null for the registry's default.</summary>
    public string? OnFailure { get; init; }
}
