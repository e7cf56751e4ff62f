namespace RealTimeMesh.DeltaLake;

/// <summary>The hidden columns of data files that hold what rows keep when they are written anew (PROTOCOL.md, "Row Tracking"). They are not in the schema.</summary>
/// <param name="RowId">Name of the column of row ids; null in it, or a file without it: the file's base id and the row's position.</param>
/// <param name="CommitVersion">Name of the column of row commit versions; null in it, or a file without it: the file's own.</param>
public sealed record RowTrackingColumns(string RowId, string CommitVersion);

/// <summary>Whether rows of a table have ids, and whether these can be relied upon.</summary>
internal static class RowTracking
{
    public const string Feature = "rowTracking";

    /// <summary>Key of <c>commitInfo.tags</c>: whether rows that were copied or updated kept their ids.</summary>
    public const string PreservedTag = "delta.rowTracking.preserved";

    /// <summary>True where every row has an id, which writers preserve.</summary>
    public static bool IsEnabled(IReadOnlyDictionary<string, string?> configuration) => TableProperties.IsTrue(configuration, TableProperties.RowTracking);

    /// <summary>True where new files get ids.</summary>
    public static bool Assigns(ProtocolAction protocol, IReadOnlyDictionary<string, string?> configuration) =>
        Features.IsOn(protocol, Feature) && !TableProperties.IsTrue(configuration, TableProperties.RowTrackingSuspended);

    /// <summary>The hidden columns; null where row tracking is not enabled.</summary>
    public static RowTrackingColumns? ColumnsOf(string table, IReadOnlyDictionary<string, string?> configuration) => IsEnabled(configuration)
        ? new RowTrackingColumns(Name(table, configuration, TableProperties.RowIdColumn), Name(table, configuration, TableProperties.RowCommitVersionColumn))
        : null;

    /// <summary>Checks what a commit sets, and gives the hidden columns names where row tracking is enabled for the first time.</summary>
    public static void Complete(string table, Dictionary<string, string?> configuration, StructType schema, Func<Guid> newId)
    {
        if (IsEnabled(configuration))
        {
            if (TableProperties.IsTrue(configuration, TableProperties.RowTrackingSuspended))
                throw new DeltaException(table, $"property '{TableProperties.RowTracking}' is true and so is '{TableProperties.RowTrackingSuspended}'; expected at most one of them; set the other to false.");
            configuration.TryAdd(TableProperties.RowIdColumn, $"_row-id-col-{newId()}");
            configuration.TryAdd(TableProperties.RowCommitVersionColumn, $"_row-commit-version-col-{newId()}");
        }

        foreach (var key in new[] { TableProperties.RowIdColumn, TableProperties.RowCommitVersionColumn })
        {
            if (TableProperties.Text(configuration, key) is { } name && schema.Fields.Any(field => Same(field.Name, name) || Same(field.PhysicalName, name)))
                throw new DeltaException(table, $"column '{name}' has the name of a hidden column ({key}); expected another name; rename the column.");
        }
    }

    private static bool Same(string left, string right) => string.Equals(left, right, StringComparison.OrdinalIgnoreCase);

    private static string Name(string table, IReadOnlyDictionary<string, string?> configuration, string key) => TableProperties.Text(configuration, key)
        ?? throw new DeltaException(table, $"property '{TableProperties.RowTracking}' is true, but '{key}' is not set (feature {Feature}); expected the name of a hidden column; restore the table's metadata.");
}
