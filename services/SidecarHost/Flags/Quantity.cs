using System.Globalization;

namespace RealTimeMesh.SidecarHost.Flags;

/// <summary>Sizes as Kubernetes writes them: <c>8Mi</c>, <c>1500k</c>, <c>1e6</c>, <c>4194304</c>.</summary>
internal static class Quantity
{
    private static readonly (string Suffix, decimal Factor)[] Suffixes =
    [
        ("Ki", 1024m), ("Mi", 1024m * 1024), ("Gi", 1024m * 1024 * 1024), ("Ti", 1024m * 1024 * 1024 * 1024), ("Pi", 1024m * 1024 * 1024 * 1024 * 1024),
        ("m", 0.001m), ("k", 1_000m), ("M", 1_000_000m), ("G", 1_000_000_000m), ("T", 1_000_000_000_000m), ("P", 1_000_000_000_000_000m),
    ];

    /// <summary>Bytes of the flag's value; a <see cref="FlagException"/> where it is no size.</summary>
    public static int Bytes(string flag, string text)
    {
        var (digits, factor) = Split(text);
        if (!decimal.TryParse(digits, NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent, CultureInfo.InvariantCulture, out var number))
            throw new FlagException($"invalid value for '{flag}' option: quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'");
        var bytes = number * factor;
        return bytes == Math.Truncate(bytes) && Math.Abs(bytes) <= int.MaxValue
            ? (int)bytes
            : throw new FlagException($"invalid value for '{flag}' option: cannot get bytes from resource quantity value '{text}'; expected a whole number of bytes up to {int.MaxValue}");
    }

    private static (string Digits, decimal Factor) Split(string text)
    {
        foreach (var (suffix, factor) in Suffixes)
        {
            if (text.EndsWith(suffix, StringComparison.Ordinal))
                return (text[..^suffix.Length], factor);
        }

        return (text, 1);
    }
}
