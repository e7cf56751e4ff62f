using System.Text.Json.Serialization;

namespace RealTimeMesh.SchemaRegistry.Storage;

/// <summary>One change of the registry, as its log keeps it. The state is the fold of all of them.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "kind")]
[JsonDerivedType(typeof(SchemaRegistered), "schema")]
[JsonDerivedType(typeof(VersionsDeleted), "delete")]
[JsonDerivedType(typeof(CompatibilitySet), "config")]
internal abstract record LogEntry;

internal sealed record SchemaRegistered(
    [property: JsonRequired] string Subject,
    [property: JsonRequired] int Version,
    [property: JsonRequired] int Id,
    [property: JsonRequired] string Schema) : LogEntry;

internal sealed record VersionsDeleted(
    [property: JsonRequired] string Subject,
    [property: JsonRequired] IReadOnlyList<int> Versions,
    [property: JsonRequired] bool Permanent) : LogEntry;

/// <param name="Subject">Null for the global level.</param>
/// <param name="Level">Null where the subject goes back to the global level.</param>
internal sealed record CompatibilitySet(string? Subject, string? Level) : LogEntry;
