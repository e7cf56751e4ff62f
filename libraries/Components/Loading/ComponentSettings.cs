using System.Globalization;

namespace RealTimeMesh.Components;

/// <summary>Typed reads of a spec's settings. Values were checked by the registry before.</summary>
public static class ComponentSettings
{
    public static string Text(this ComponentSpec spec, string name, string fallback) =>
        spec.Metadata.TryGetValue(name, out var value) && value.Length > 0 ? value : fallback;

    public static long Integer(this ComponentSpec spec, string name, long fallback) =>
        spec.Metadata.TryGetValue(name, out var value) && value.Length > 0 ? long.Parse(value, CultureInfo.InvariantCulture) : fallback;

    public static bool Boolean(this ComponentSpec spec, string name, bool fallback) =>
        spec.Metadata.TryGetValue(name, out var value) && TryParseBoolean(value, out var parsed) ? parsed : fallback;

    public static TimeSpan Duration(this ComponentSpec spec, string name, TimeSpan fallback) =>
        spec.Metadata.TryGetValue(name, out var value) && GoDuration.TryParse(value, out var parsed) ? parsed : fallback;

    /// <summary>daprd's truth values: 1, t, true, y, yes, on and their opposites, without case.</summary>
    public static bool TryParseBoolean(string text, out bool value)
    {
        value = text.ToUpperInvariant() is "1" or "T" or "TRUE" or "Y" or "YES" or "ON";
        return value || text.ToUpperInvariant() is "0" or "F" or "FALSE" or "N" or "NO" or "OFF";
    }
}
