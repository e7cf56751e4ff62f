using System.CommandLine;
using System.Globalization;

namespace RealTimeMesh.AppHost.Lake;

/// <summary>Arguments that several <c>lake</c> commands take.</summary>
internal static class LakeArguments
{
    /// <summary>MiB.</summary>
    public const int DefaultMemory = 1024;

    public static Argument<string> Path() => new("PATH") { Description = "Folder of the Delta table: a path, a file: URI, or one of an object store: s3://bucket/path, az://container/path, abfss://container@account.dfs.core.windows.net/path, gs://bucket/path." };

    public static Option<OutputFormat> Format() => new("--format")
    {
        Description = "table: for the eye. ndjson: one JSON object a line. Default: table.",
        HelpName = "table|ndjson",
        CustomParser = result =>
        {
            switch (result.Tokens.Count == 0 ? "table" : result.Tokens[0].Value)
            {
                case "table":
                    return OutputFormat.Table;
                case "ndjson":
                    return OutputFormat.Ndjson;
                case var other:
                    result.AddError($"--format: found '{other}'; expected table or ndjson.");
                    return default;
            }
        },
    };

    /// <summary>Memory of an engine, MiB.</summary>
    public static Option<long?> Memory(string description) => Whole("--memory", "MIB", $"{description} Default: {DefaultMemory}.", 32, 1 << 20, "MiB");

    public static Option<long?> Version() => Whole("--version", "N", "The version to read. Default: the newest.", 0, long.MaxValue);

    public static Option<bool> DryRun() => new("--dry-run") { Description = "Only tell what would be done." };

    /// <summary>A whole number within a range.</summary>
    /// <param name="unit">What it counts.</param>
    public static Option<long?> Whole(string name, string helpName, string description, long least, long most, string? unit = null) => new(name)
    {
        Description = description,
        HelpName = helpName,
        CustomParser = result =>
        {
            var text = result.Tokens[0].Value;
            if (long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var value) && value >= least && value <= most)
                return value;
            result.AddError(string.Create(CultureInfo.InvariantCulture, $"{name}: found '{text}'; expected a whole number{(unit is null ? "" : " of " + unit)} {(most == long.MaxValue ? $"from {least} on" : $"from {least} to {most}")}."));
            return null;
        },
    };

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
