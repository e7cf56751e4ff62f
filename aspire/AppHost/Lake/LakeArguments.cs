using System.CommandLine;
using System.Globalization;

namespace RealTimeMesh.AppHost.Lake;

/// <summary>Arguments that several <c>lake</c> commands take.</summary>
internal static class LakeArguments
{
    public static Argument<string> Path() => new("PATH") { Description = "Folder of the Delta table." };

    public static Option<OutputFormat> Format() => new("--format") { Description = "table: for the eye. ndjson: one JSON object a line.", HelpName = "table|ndjson", DefaultValueFactory = _ => OutputFormat.Table };

    public static Option<long?> Version() => new("--version") { Description = "The version to read. Default: the newest.", HelpName = "N" };

    public static Option<bool> DryRun() => new("--dry-run") { Description = "Only tell what would be done." };

    public static Option<DateTimeOffset?> Timestamp() => new("--timestamp")
    {
        Description = "Read the version that was current then: 2026-11-23, 2026-11-23T10:00:00Z. Without a zone it is UTC.",
        HelpName = "T",
        CustomParser = result =>
        {
            var text = result.Tokens[0].Value;
            if (DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var time))
                return time;
            result.AddError($"--timestamp: found '{text}'; expected a date or a time in ISO 8601, such as 2026-11-23T10:00:00Z.");
            return null;
        },
    };
}

/// <summary>How a command prints.</summary>
internal enum OutputFormat
{
    Table,
    Ndjson,
}
