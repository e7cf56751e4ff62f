namespace RealTimeMesh.Components;

/// <summary>The prefixes of <see cref="IPrefixDeletingStore"/>.</summary>
public static class StatePrefix
{
    private const string Separator = "||";

    /// <summary>The prefix with its <c>||</c>. Throws <see cref="StatePatternException"/> where there is none.</summary>
    public static string Checked(string prefix)
    {
        if (prefix is "" or Separator)
            throw new StatePatternException("a prefix is required for deleteWithPrefix request");
        return prefix.EndsWith(Separator, StringComparison.Ordinal) ? prefix : prefix + Separator;
    }

    /// <summary>Whether a key lies directly under a checked prefix.</summary>
    public static bool Holds(string prefix, string key) =>
        key.StartsWith(prefix, StringComparison.Ordinal) && !key.AsSpan(prefix.Length).Contains(Separator, StringComparison.Ordinal);
}
