using System.Globalization;

namespace RealTimeMesh.DeltaLake;

/// <summary>Sizes in table properties: bytes, or with a unit as Spark reads it (<c>100mb</c>, <c>1g</c>).</summary>
internal static class FileSizes
{
    private static readonly (string Unit, int Shift)[] s_units =
        [("kb", 10), ("mb", 20), ("gb", 30), ("tb", 40), ("k", 10), ("m", 20), ("g", 30), ("t", 40), ("b", 0)];

    /// <summary>The table's target size of data files, or null.</summary>
    public static long? TargetOf(string table, IReadOnlyDictionary<string, string?> configuration)
    {
        if (TableProperties.Text(configuration, TableProperties.TargetFileSize) is not { } text)
            return null;
        return TryParse(text, out var bytes) && bytes > 0
            ? bytes
            : throw new DeltaException(table, $"property '{TableProperties.TargetFileSize}' is '{text}'; expected bytes, such as 104857600 or 100mb.");
    }

    public static bool TryParse(string text, out long bytes)
    {
        text = text.Trim();
        var shift = 0;
        foreach (var (unit, bits) in s_units)
        {
            if (!text.EndsWith(unit, StringComparison.OrdinalIgnoreCase))
                continue;
            (text, shift) = (text[..^unit.Length].Trim(), bits);
            break;
        }

        if (!long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out bytes) || bytes > long.MaxValue >> shift)
            return false;
        bytes <<= shift;
        return true;
    }
}
