using RealTimeMesh.Contracts;

namespace RealTimeMesh.SchemaRegistry;

/// <summary>A rule for what a subject's next schema may change.</summary>
/// <param name="Name">The registry's word for it.</param>
/// <param name="Backward">The new schema must read what the old one wrote.</param>
/// <param name="Forward">The old schema must read what the new one writes.</param>
/// <param name="Transitive">Against all versions rather than the latest.</param>
internal sealed record CompatibilityLevel(string Name, bool Backward, bool Forward, bool Transitive)
{
    public static readonly CompatibilityLevel Default = new("BACKWARD", true, false, false);

    private static readonly CompatibilityLevel[] All =
    [
        new("NONE", false, false, false),
        Default,
        new("BACKWARD_TRANSITIVE", true, false, true),
        new("FORWARD", false, true, false),
        new("FORWARD_TRANSITIVE", false, true, true),
        new("FULL", true, true, false),
        new("FULL_TRANSITIVE", true, true, true),
    ];

    public static string Names => string.Join(", ", All.Select(level => level.Name));

    public static CompatibilityLevel? Find(string name) => Array.Find(All, level => level.Name == name);

    /// <summary>Every reason why <paramref name="next"/> may not follow <paramref name="old"/>.</summary>
    public IReadOnlyList<SchemaIncompatibility> Check(AvroSchema next, AvroSchema old)
    {
        var found = new List<SchemaIncompatibility>();
        if (Backward)
            found.AddRange(SchemaCompatibility.Check(next, old));

        if (Forward)
            found.AddRange(SchemaCompatibility.Check(old, next));

        return found;
    }
}
