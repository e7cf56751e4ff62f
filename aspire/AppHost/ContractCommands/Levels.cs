using RealTimeMesh.Contracts;

namespace RealTimeMesh.AppHost.ContractCommands;

/// <summary>What a new version of a contract must be able to do, in the registry's words.</summary>
internal enum Level
{
    None,
    Backward,
    Forward,
    Full,
}

/// <summary>Judges two versions of a contract.</summary>
internal static class Levels
{
    /// <summary>A registry's level, and whether it counts for all versions. Throws <see cref="ContractException"/> for a word that is none.</summary>
    public static (Level Level, bool IsTransitive) Parse(string word)
    {
        const string all = "_TRANSITIVE";
        var isTransitive = word.EndsWith(all, StringComparison.Ordinal);
        return Enum.TryParse<Level>(isTransitive ? word[..^all.Length] : word, ignoreCase: true, out var level)
            ? (level, isTransitive)
            : throw new ContractException($"the registry's level '{word}': found none of this name; expected NONE, BACKWARD, FORWARD or FULL, or one with {all}. Update this program.");
    }

    public static IReadOnlyList<VerdictReason> Check(Level level, SchemaDocument old, SchemaDocument now)
    {
        if (level == Level.None)
            return [];

        if (old.Language != now.Language)
            return [new VerdictReason("LANGUAGE_CHANGED", "/", $"The schema was {old.Language} and is {now.Language}")];

        var found = new List<VerdictReason>();
        if (level is Level.Backward or Level.Full)
            found.AddRange(now.CheckReads(old).Select(reason => new VerdictReason(reason.Type, reason.Path, reason.Describe("new", "old"))));

        if (level is Level.Forward or Level.Full)
            found.AddRange(old.CheckReads(now).Select(reason => new VerdictReason(reason.Type, reason.Path, reason.Describe("old", "new"))));

        return found;
    }
}
