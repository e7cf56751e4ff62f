using System.Globalization;

namespace RealTimeMesh.Console.Formatting;

/// <summary>Values as people read them.</summary>
internal static class Show
{
    public const string Nothing = "–";

    public static string Count(long value) => value.ToString("N0", CultureInfo.InvariantCulture);

    public static string Count(long? value) => value is { } known ? Count(known) : Nothing;

    /// <summary>Short form for narrow places: 12,480 stays, 1,203,221 becomes 1.20 M.</summary>
    public static string Compact(long value) => Math.Abs(value) switch
    {
        < 1_000_000 => Count(value),
        < 1_000_000_000 => string.Create(CultureInfo.InvariantCulture, $"{value / 1e6:0.00} M"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{value / 1e9:0.00} G"),
    };

    public static string Rate(double perSecond) => perSecond switch
    {
        <= 0 => "0/s",
        < 10 => string.Create(CultureInfo.InvariantCulture, $"{perSecond:0.0}/s"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{perSecond:N0}/s"),
    };

    public static string Bytes(long bytes) => bytes switch
    {
        < 1_024 => $"{bytes} B",
        < 1_024 * 1_024 => string.Create(CultureInfo.InvariantCulture, $"{bytes / 1_024.0:0.0} KiB"),
        < 1_024L * 1_024 * 1_024 => string.Create(CultureInfo.InvariantCulture, $"{bytes / 1_048_576.0:0.0} MiB"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{bytes / 1_073_741_824.0:0.00} GiB"),
    };

    public static string Milliseconds(double value) => value switch
    {
        < 10 => string.Create(CultureInfo.InvariantCulture, $"{value:0.0} ms"),
        < 10_000 => string.Create(CultureInfo.InvariantCulture, $"{value:N0} ms"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{value / 1_000:N1} s"),
    };

    public static string Duration(TimeSpan value) => value.TotalSeconds switch
    {
        < 1 => "0 s",
        < 120 => string.Create(CultureInfo.InvariantCulture, $"{value.TotalSeconds:0} s"),
        < 7_200 => string.Create(CultureInfo.InvariantCulture, $"{value.TotalMinutes:0} min"),
        < 172_800 => string.Create(CultureInfo.InvariantCulture, $"{value.TotalHours:0} h"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{value.TotalDays:0} d"),
    };

    /// <summary>A length that was chosen: in its largest whole unit.</summary>
    public static string Window(TimeSpan value) =>
        value.Ticks % TimeSpan.TicksPerDay == 0 ? $"{value.TotalDays} d"
        : value.Ticks % TimeSpan.TicksPerHour == 0 ? $"{value.TotalHours} h"
        : value.Ticks % TimeSpan.TicksPerMinute == 0 ? $"{value.TotalMinutes} min"
        : value.Ticks % TimeSpan.TicksPerSecond == 0 ? $"{value.TotalSeconds} s"
        : $"{value.TotalMilliseconds} ms";

    /// <summary>Name of a rule as people say it.</summary>
    public static string Rule(string rule) => rule
        .Replace("expect_column_values_to_not_be_", "not ", StringComparison.Ordinal)
        .Replace("expect_column_values_to_be_", "", StringComparison.Ordinal)
        .Replace("expect_column_values_to_", "", StringComparison.Ordinal)
        .Replace("expect_column_", "", StringComparison.Ordinal)
        .Replace('_', ' ');

    public static string Ago(DateTimeOffset? then, DateTimeOffset now) =>
        then is { } known ? (now - known).TotalSeconds < 1 ? "just now" : $"{Duration(now - known)} ago" : "never";

    /// <summary>How long until then.</summary>
    public static string In(DateTimeOffset? then, DateTimeOffset now) =>
        then is { } known ? known <= now ? "now" : $"in {Duration(known - now)}" : "not known";

    /// <summary>A name of the services as people write it: <c>disk_short</c> becomes "disk short".</summary>
    public static string Words(string name) => name.Replace('_', ' ');

    /// <summary>Address of a page of a table.</summary>
    public static string TablePath(string pipeline, string table, string page) =>
        $"/tables/{Uri.EscapeDataString(pipeline)}/{Uri.EscapeDataString(table)}{(page.Length == 0 ? "" : "/" + page)}";

    /// <summary>A parameter of an address; nothing where it has no value.</summary>
    public static string Query(string prefix, string? value) => string.IsNullOrWhiteSpace(value) ? "" : prefix + Uri.EscapeDataString(value.Trim());

    public static string Time(DateTimeOffset? value) => value?.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture) ?? Nothing;

    /// <summary>A time in a sentence, with its zone; columns say it in their heading.</summary>
    public static string Moment(DateTimeOffset? value) => value is null ? Nothing : $"{Time(value)} UTC";

    public static string Minute(DateTimeOffset value) => value.UtcDateTime.ToString("yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture);

    public static string Clock(DateTimeOffset value) => value.UtcDateTime.ToString("HH:mm:ss", CultureInfo.InvariantCulture);

    public static string Percent(double share) => string.Create(CultureInfo.InvariantCulture, $"{Math.Floor(share * 1_000) / 10:0.#} %");

    public static string Plural(long count, string one, string many) => $"{Count(count)} {(count == 1 ? one : many)}";

    /// <summary>A number for CSS and SVG.</summary>
    public static string Number(double value) => value.ToString("0.##", CultureInfo.InvariantCulture);
}
