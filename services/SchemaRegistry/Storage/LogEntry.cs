using System.Text.Json.Nodes;
using System.Text.Json.Serialization;

namespace RealTimeMesh.SchemaRegistry.Storage;

/// <summary>One change of the registry, as its log keeps it. The state is the fold of all of them.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "kind")]
[JsonDerivedType(typeof(SchemaRegistered), "schema")]
[JsonDerivedType(typeof(VersionsDeleted), "delete")]
[JsonDerivedType(typeof(CompatibilitySet), "config")]
[JsonDerivedType(typeof(ConfigSet), "settings")]
[JsonDerivedType(typeof(ModeSet), "mode")]
[JsonDerivedType(typeof(SubjectsCleared), "clear")]
[JsonDerivedType(typeof(ContextDeleted), "context")]
internal abstract record LogEntry;

/// <param name="Subject">With its context.</param>
/// <param name="Version">Its place there.</param>
/// <param name="Id">Its id within the context.</param>
/// <param name="Schema">The text.</param>
/// <param name="Type">Null for Avro in the form that versions before this one stored.</param>
/// <param name="References">Null where there are none.</param>
/// <param name="Metadata">Canonical JSON, or null.</param>
/// <param name="RuleSet">Canonical JSON, or null.</param>
/// <param name="Ts">Milliseconds since 1970.</param>
/// <param name="Replaces">Softly deleted versions of the same id that go for good.</param>
internal sealed record SchemaRegistered(
    [property: JsonRequired] string Subject,
    [property: JsonRequired] int Version,
    [property: JsonRequired] int Id,
    [property: JsonRequired] string Schema,
    string? Type = null,
    IReadOnlyList<SchemaReference>? References = null,
    string? Metadata = null,
    string? RuleSet = null,
    long Ts = 0,
    IReadOnlyList<int>? Replaces = null) : LogEntry;

internal sealed record VersionsDeleted(
    [property: JsonRequired] string Subject,
    [property: JsonRequired] IReadOnlyList<int> Versions,
    [property: JsonRequired] bool Permanent) : LogEntry;

/// <summary>What versions before <see cref="ConfigSet"/> stored.</summary>
/// <param name="Subject">Null for the global level.</param>
/// <param name="Level">Null where the subject goes back to the global level.</param>
internal sealed record CompatibilitySet(string? Subject, string? Level) : LogEntry;

/// <param name="Subject">Null for all.</param>
/// <param name="Settings">Null where nothing is set any more.</param>
internal sealed record ConfigSet(string? Subject, JsonObject? Settings) : LogEntry;

/// <param name="Subject">Null for all.</param>
/// <param name="Mode">Null where none is set any more.</param>
internal sealed record ModeSet(string? Subject, string? Mode) : LogEntry;

/// <summary>Everything of these subjects goes for good.</summary>
internal sealed record SubjectsCleared([property: JsonRequired] IReadOnlyList<string> Subjects) : LogEntry;

internal sealed record ContextDeleted([property: JsonRequired] string Context) : LogEntry;
