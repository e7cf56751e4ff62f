using System.Text.RegularExpressions;

namespace RealTimeMesh.Pipelines;

/// <summary>Names become parts of topics, keys, paths and SQL; so they are held to what all of these take.</summary>
internal static partial class Names
{
    public static bool Check(YamlElement element, string name)
    {
        if (Plain().IsMatch(name))
            return true;
        element.Fault($"the name '{name}'", "a letter, then letters, digits and _, at most 64", "Rename it.");
        return false;
    }

    public static bool CheckTable(YamlElement element, string name)
    {
        if (Table().IsMatch(name))
            return true;
        element.Fault($"the name '{name}'", "bronze, silver or gold, a dot, and a name of letters, digits and _", "Rename it, such as silver.trades.");
        return false;
    }

    /// <summary>Names of sources may hold dots and dashes, as file names do.</summary>
    public static bool CheckSource(YamlElement element, string name)
    {
        if (Source().IsMatch(name))
            return true;
        element.Fault($"the name '{name}'", "letters, digits, and . _ - within, at most 128", "Give the source a 'name'.");
        return false;
    }

    [GeneratedRegex("^[A-Za-z][A-Za-z0-9_]{0,63}$")]
    private static partial Regex Plain();

    [GeneratedRegex("^(bronze|silver|gold)\\.[A-Za-z][A-Za-z0-9_]{0,63}$")]
    private static partial Regex Table();

    [GeneratedRegex("^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$")]
    private static partial Regex Source();
}
