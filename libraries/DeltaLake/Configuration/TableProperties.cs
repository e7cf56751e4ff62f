using System.Globalization;

namespace RealTimeMesh.DeltaLake;

/// <summary>Table properties (<c>delta.*</c>): which there are, what they may be, what they are worth where they are not set.</summary>
internal static class TableProperties
{
    public const string AppendOnly = "delta.appendOnly";
    public const string ChangeDataFeed = "delta.enableChangeDataFeed";
    public const string CheckpointInterval = "delta.checkpointInterval";
    public const string CheckpointPolicy = "delta.checkpointPolicy";
    public const string ColumnMappingMode = "delta.columnMapping.mode";
    public const string ColumnMappingMaxId = "delta.columnMapping.maxColumnId";
    public const string ConstraintPrefix = "delta.constraints.";
    public const string DeletedFileRetention = "delta.deletedFileRetentionDuration";
    public const string DeletionVectors = "delta.enableDeletionVectors";
    public const string FeaturePrefix = "delta.feature.";
    public const string InCommitTimestamps = "delta.enableInCommitTimestamps";
    public const string InCommitTimestampVersion = "delta.inCommitTimestampEnablementVersion";
    public const string InCommitTimestampTime = "delta.inCommitTimestampEnablementTimestamp";
    public const string Isolation = "delta.isolationLevel";
    public const string LogRetention = "delta.logRetentionDuration";
    public const string RowCommitVersionColumn = "delta.rowTracking.materializedRowCommitVersionColumnName";
    public const string RowIdColumn = "delta.rowTracking.materializedRowIdColumnName";
    public const string RowTracking = "delta.enableRowTracking";
    public const string RowTrackingSuspended = "delta.rowTrackingSuspended";
    public const string StatsColumns = "delta.dataSkippingStatsColumns";
    public const string StatsIndexedColumns = "delta.dataSkippingNumIndexedCols";
    public const string TargetFileSize = "delta.targetFileSize";
    public const string TypeWidening = "delta.enableTypeWidening";

    private const string Truth = "true or false";
    private const string Number = "a whole number";
    private const string Interval = "an interval such as 'interval 7 days'";

    private static readonly Dictionary<string, (string Expected, Func<string, bool> Allows)> s_known = new(StringComparer.Ordinal)
    {
        [AppendOnly] = (Truth, IsFlag),
        [ChangeDataFeed] = (Truth, IsFlag),
        [CheckpointInterval] = ("a whole number above 0", text => IsNumber(text, 1)),
        [CheckpointPolicy] = ("classic or v2", text => text is "classic" or "v2"),
        [ColumnMappingMode] = ("none, name or id", text => text is "none" or "name" or "id"),
        [ColumnMappingMaxId] = (Number, text => IsNumber(text, 0)),
        [DeletedFileRetention] = (Interval, text => Intervals.TryParse(text, out _)),
        [DeletionVectors] = (Truth, IsFlag),
        [InCommitTimestamps] = (Truth, IsFlag),
        [InCommitTimestampVersion] = (Number, text => IsNumber(text, 0)),
        [InCommitTimestampTime] = (Number, text => IsNumber(text, 0)),
        [Isolation] = ("Serializable or WriteSerializable", text => text is "Serializable" or "WriteSerializable"),
        [LogRetention] = (Interval, text => Intervals.TryParse(text, out _)),
        [RowCommitVersionColumn] = ("a column name", _ => true),
        [RowIdColumn] = ("a column name", _ => true),
        [RowTracking] = (Truth, IsFlag),
        [RowTrackingSuspended] = (Truth, IsFlag),
        [StatsColumns] = ("column names, separated by commas", _ => true),
        [StatsIndexedColumns] = ("a whole number from -1 on", text => IsNumber(text, -1)),
        [TargetFileSize] = ("bytes, such as 104857600 or 100mb", _ => true),
        [TypeWidening] = (Truth, IsFlag),
        ["delta.autoOptimize.autoCompact"] = ("true, false, auto or legacy", _ => true),
        ["delta.autoOptimize.optimizeWrite"] = (Truth, IsFlag),
        ["delta.checkpoint.writeStatsAsJson"] = (Truth, IsFlag),
        ["delta.checkpoint.writeStatsAsStruct"] = (Truth, IsFlag),
        ["delta.checkpointRetentionDuration"] = (Interval, text => Intervals.TryParse(text, out _)),
        ["delta.compatibility.symlinkFormatManifest.enabled"] = (Truth, IsFlag),
        ["delta.enableExpiredLogCleanup"] = (Truth, IsFlag),
        ["delta.enableFullRetentionRollback"] = (Truth, IsFlag),
        ["delta.minReaderVersion"] = (Number, text => IsNumber(text, 1)),
        ["delta.minWriterVersion"] = (Number, text => IsNumber(text, 1)),
        ["delta.randomizeFilePrefixes"] = (Truth, IsFlag),
        ["delta.randomPrefixLength"] = (Number, text => IsNumber(text, 1)),
        ["delta.sampling.enabled"] = (Truth, IsFlag),
        ["delta.setTransactionRetentionDuration"] = (Interval, text => Intervals.TryParse(text, out _)),
        ["delta.tuneFileSizesForRewrites"] = (Truth, IsFlag),
        ["delta.universalFormat.enabledFormats"] = ("nothing: no other format is written", string.IsNullOrEmpty),
    };

    /// <summary>Throws where a property of Delta's is unknown or its value is not allowed; other names are the user's own.</summary>
    public static void Check(string table, string name, string? value)
    {
        if (!name.StartsWith("delta.", StringComparison.Ordinal) || name.StartsWith(ConstraintPrefix, StringComparison.Ordinal))
            return;
        if (name.StartsWith(FeaturePrefix, StringComparison.Ordinal))
        {
            if (value is not ("supported" or "enabled"))
                throw new DeltaException(table, $"property '{name}' is '{value}'; expected 'supported'.");
            return;
        }

        if (!s_known.TryGetValue(name, out var rule))
            throw new DeltaException(table, $"property '{name}' is not one of Delta's; expected one of {string.Join(", ", s_known.Keys.Order(StringComparer.Ordinal))}, or a name that does not begin with 'delta.'.");
        if (value is null || !rule.Allows(value))
            throw new DeltaException(table, $"property '{name}' is '{value}'; expected {rule.Expected}.");
    }

    public static bool IsTrue(IReadOnlyDictionary<string, string?> configuration, string name, bool fallback = false) =>
        configuration.TryGetValue(name, out var text) && text is not null ? string.Equals(text, "true", StringComparison.OrdinalIgnoreCase) : fallback;

    public static string? Text(IReadOnlyDictionary<string, string?> configuration, string name) => configuration.GetValueOrDefault(name);

    public static long Whole(IReadOnlyDictionary<string, string?> configuration, string name, long fallback) =>
        configuration.TryGetValue(name, out var text) && long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) ? number : fallback;

    public static TimeSpan Duration(IReadOnlyDictionary<string, string?> configuration, string name, TimeSpan fallback) =>
        configuration.TryGetValue(name, out var text) && text is not null && Intervals.TryParse(text, out var interval) ? interval : fallback;

    /// <summary>The level for commits that change data.</summary>
    public static IsolationLevel IsolationOf(IReadOnlyDictionary<string, string?> configuration) =>
        configuration.GetValueOrDefault(Isolation) == "WriteSerializable" ? IsolationLevel.WriteSerializable : IsolationLevel.Serializable;

    private static bool IsFlag(string text) => bool.TryParse(text, out _);

    private static bool IsNumber(string text, long least) => long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) && number >= least;
}
