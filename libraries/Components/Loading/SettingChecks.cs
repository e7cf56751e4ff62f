using System.Globalization;

namespace RealTimeMesh.Components;

/// <summary>Checks for the values of settings: each returns what was expected where the value is wrong.</summary>
public static class SettingChecks
{
    public static string? Boolean(string value) => ComponentSettings.TryParseBoolean(value, out _) ? null : "true or false";

    public static string? Duration(string value) => GoDuration.TryParse(value, out var parsed) && parsed >= TimeSpan.Zero ? null : "a duration such as 100ms, 30s, 1h30m";

    public static string? NotEmpty(string value) => value.Length > 0 ? null : "a text that is not empty";

    public static Func<string, string?> Integer(long least, long most) => value =>
        long.TryParse(value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) && number >= least && number <= most
            ? null
            : $"a whole number from {least} to {most}";

    public static Func<string, string?> OneOf(params string[] values) => value =>
        values.Contains(value, StringComparer.OrdinalIgnoreCase) ? null : $"one of {string.Join(", ", values)}";
}
