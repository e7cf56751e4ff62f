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

    // Longer texts than this are cut in messages: they would be repeated in every refusal.
    private const int ShownTextLength = 10 * 1024;

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

    public static CompatibilityLevel? Find(string name) => Array.Find(All, level => level.Name.Equals(name, StringComparison.OrdinalIgnoreCase));

    /// <summary>Messages that say why <paramref name="next"/> may not follow these versions; empty where it may.</summary>
    /// <param name="next">The candidate.</param>
    /// <param name="versions">Versions, oldest first.</param>
    /// <param name="parse">Gives a version's document.</param>
    /// <param name="lenient">The policy for JSON Schema.</param>
    public List<string> Check(SchemaDocument next, IReadOnlyList<SubjectVersion> versions, Func<SubjectVersion, SchemaDocument> parse, bool lenient)
    {
        if (!Backward && !Forward)
            return [];

        foreach (var version in Transitive ? versions.Reverse() : versions.TakeLast(1))
        {
            var found = Check(next, parse(version), version.Version, lenient);
            if (found.Count > 0)
                return found;
        }

        return [];
    }

    private List<string> Check(SchemaDocument next, SchemaDocument old, int version, bool lenient)
    {
        if (next.Language != old.Language)
            return ["Incompatible because of different schema type"];

        var messages = new List<string>();
        if (Forward)
            messages.AddRange(old.CheckReads(next, lenient).Select(problem => problem.ToMessage("old", "new")));

        if (Backward)
            messages.AddRange(next.CheckReads(old, lenient).Select(problem => problem.ToMessage("new", "old")));

        if (messages.Count == 0)
            return messages;

        messages.Add($"{{oldSchemaVersion: {version}}}");
        messages.Add(old.Canonical.Length <= ShownTextLength
            ? $"{{oldSchema: '{old.Canonical}'}}"
            : $"{{oldSchema: <truncated> '{old.Canonical[..ShownTextLength]}...'}}");
        return messages;
    }
}
