using System.Text.Json.Nodes;
using System.Text.Json.Serialization;

namespace RealTimeMesh.Console.Backends;

// What the schema registry answers.

internal sealed record SchemaVersionReply(string Subject, int Version, int Id, string? SchemaType, string Schema, JsonObject? Metadata, JsonObject? RuleSet, IReadOnlyList<SchemaReferenceReply>? References)
{
    /// <summary>Avro has no name in the registry's answers.</summary>
    public string Language => SchemaType ?? "AVRO";
}

internal sealed record SchemaReferenceReply(string Name, string Subject, int Version);

internal sealed record SubjectConfigReply(string? CompatibilityLevel);

internal sealed record SubjectModeReply(string? Mode);

internal sealed record SchemaUseReply(string Subject, int Version);

internal sealed record CompatibilityReply([property: JsonPropertyName("is_compatible")] bool IsCompatible, [property: JsonPropertyName("messages")] IReadOnlyList<string>? Messages);

// What the job service says of contracts.

internal sealed record DependentsReply(IReadOnlyList<DependentReply> Parts);

internal sealed record DependentReply(string Kind, string Name, IReadOnlyList<string> Needs, IReadOnlyList<string> Via);

public sealed record ImpactReply(int Breaks, IReadOnlyList<ImpactPartReply> Parts);

public sealed record ImpactPartReply(string Kind, string Name, string Effect, string Reason, IReadOnlyList<string> Via);
