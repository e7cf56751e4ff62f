using System.Globalization;
using System.Text;

namespace RealTimeMesh.DeltaLake.Expressions;

/// <summary>The patterns of <c>date_format</c> that tables are partitioned by: digits of fixed width, and punctuation.</summary>
internal static class DateFormats
{
    private static readonly string[] s_known = ["yyyy", "MM", "dd", "HH", "mm", "ss"];

    public static string Known => string.Join(", ", s_known);

    /// <summary>The part of a pattern that is not supported, or null.</summary>
    public static string? Fault(string pattern) => Parts(pattern).FirstOrDefault(part => char.IsLetter(part[0]) && !s_known.Contains(part));

    public static string Format(long micros, string pattern)
    {
        var days = CivilTime.FloorDiv(micros, CivilTime.MicrosPerDay);
        var seconds = (micros - (days * CivilTime.MicrosPerDay)) / 1_000_000;
        var (year, month, day) = CivilTime.CivilOf(days);
        var text = new StringBuilder();
        foreach (var part in Parts(pattern))
        {
            text.Append(part switch
            {
                "yyyy" => year.ToString("D4", CultureInfo.InvariantCulture),
                "MM" => month.ToString("D2", CultureInfo.InvariantCulture),
                "dd" => day.ToString("D2", CultureInfo.InvariantCulture),
                "HH" => (seconds / 3600).ToString("D2", CultureInfo.InvariantCulture),
                "mm" => (seconds / 60 % 60).ToString("D2", CultureInfo.InvariantCulture),
                "ss" => (seconds % 60).ToString("D2", CultureInfo.InvariantCulture),
                _ => part,
            });
        }

        return text.ToString();
    }

    /// <summary>Runs of one letter, and everything else a character at a time.</summary>
    public static IEnumerable<string> Parts(string pattern)
    {
        for (var at = 0; at < pattern.Length;)
        {
            var start = at++;
            while (char.IsLetter(pattern[start]) && at < pattern.Length && pattern[at] == pattern[start])
                at++;
            yield return pattern[start..at];
        }
    }
}
