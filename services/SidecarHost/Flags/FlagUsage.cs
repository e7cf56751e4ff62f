namespace RealTimeMesh.SidecarHost.Flags;

/// <summary>The list of flags as text.</summary>
internal static class FlagUsage
{
    public static string Of(IReadOnlyList<FlagDefinition> definitions) =>
        "Usage of meshd:" + Environment.NewLine + string.Join(Environment.NewLine, definitions.OrderBy(definition => definition.Name, StringComparer.Ordinal).Select(Line));

    private static string Line(FlagDefinition definition)
    {
        var kind = definition.Kind switch
        {
            FlagKind.Truth => "",
            FlagKind.List => " strings",
            FlagKind.Number => " int",
            FlagKind.Duration => " duration",
            _ => " string",
        };
        var notes = (definition.Default is "" or "false" ? "" : $" (default {definition.Default})")
            + (definition.Deprecated is { } instead ? $" (deprecated: use {instead})" : "")
            + (definition.LeftOut is { } part ? $" (accepted and ignored: {part} left out)" : "");
        return $"      {("--" + definition.Name + kind).PadRight(48)} {definition.Help}{notes}";
    }
}
