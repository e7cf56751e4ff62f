namespace RealTimeMesh.DeltaLake;

/// <summary>The properties of a table that rule its log: times, retention, form of checkpoints.</summary>
internal static class LogProperties
{
    public static bool UsesInCommitTimestamps(IReadOnlyDictionary<string, string?> properties) => TableProperties.IsTrue(properties, TableProperties.InCommitTimestamps);

    /// <summary>The first version with an in-commit timestamp: 0 where they were enabled when the table was created; null where they are not in use.</summary>
    public static long? InCommitTimestampsSince(IReadOnlyDictionary<string, string?> properties) =>
        UsesInCommitTimestamps(properties) ? TableProperties.Whole(properties, TableProperties.InCommitTimestampVersion, 0) : null;

    /// <summary>How long tombstones are kept, so that vacuum and readers of old snapshots know the files. Default 7 days.</summary>
    public static TimeSpan DeletedFileRetention(string table, IReadOnlyDictionary<string, string?> properties) => Duration(table, properties, TableProperties.DeletedFileRetention, TimeSpan.FromDays(7));

    /// <summary>How long commits are kept, where a checkpoint makes them dispensable. Default 30 days.</summary>
    public static TimeSpan LogRetention(string table, IReadOnlyDictionary<string, string?> properties) => Duration(table, properties, TableProperties.LogRetention, TimeSpan.FromDays(30));

    public static bool CleansUpLog(IReadOnlyDictionary<string, string?> properties) => TableProperties.IsTrue(properties, "delta.enableExpiredLogCleanup", fallback: true);

    public static bool StatsAsJson(IReadOnlyDictionary<string, string?> properties) => TableProperties.IsTrue(properties, "delta.checkpoint.writeStatsAsJson", fallback: true);

    /// <summary>Where the property is silent, statistics that are not written as JSON are written as structs (Spark does so in any case), so that none are lost.</summary>
    public static bool StatsAsStruct(IReadOnlyDictionary<string, string?> properties) => TableProperties.IsTrue(properties, "delta.checkpoint.writeStatsAsStruct", fallback: !StatsAsJson(properties));

    /// <summary>A text that is no interval is an error: a default in its place might delete what was to be kept.</summary>
    private static TimeSpan Duration(string table, IReadOnlyDictionary<string, string?> properties, string name, TimeSpan fallback)
    {
        if (TableProperties.Text(properties, name) is not { } text)
            return fallback;
        return Intervals.TryParse(text, out var interval)
            ? interval
            : throw new DeltaException(table, $"property '{name}' is '{text}'; expected an interval such as 'interval 30 days'; set it anew.");
    }
}
