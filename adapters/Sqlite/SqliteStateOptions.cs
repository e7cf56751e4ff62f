using RealTimeMesh.Components;

namespace RealTimeMesh.Sqlite;

/// <summary>How a database is opened and used, by the names and defaults of daprd's component.</summary>
internal sealed record SqliteStateOptions
{
    private static readonly TimeSpan ShortestTimeout = TimeSpan.FromSeconds(1);

    public required SqliteAddress Address { get; init; }

    /// <summary>Table of the values. Default <c>state</c>.</summary>
    public string TableName { get; init; } = "state";

    /// <summary>Table of the schema's level and the last cleanup. Default <c>metadata</c>.</summary>
    public string MetadataTableName { get; init; } = "metadata";

    /// <summary>Longest time of an operation. Default 20 s, at least 1 s.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(20);

    /// <summary>How long a write waits for another process that writes. Default 2 s; zero or less: not at all.</summary>
    public TimeSpan BusyTimeout { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>Pause between removals of expired values; zero, the default, never removes them (they are not read all the same).</summary>
    public TimeSpan CleanupInterval { get; init; }

    /// <summary>Keeps the rollback journal instead of the write-ahead log, for databases on a network file system.</summary>
    public bool DisableWal { get; init; }

    public static IReadOnlyList<ComponentSetting> Settings { get; } =
    [
        // Checked at the start, with daprd's texts.
        new("connectionString"),
        new("url"),
        new("tableName"),
        new("metadataTableName"),
        new("timeout", Check: SqliteDuration.Check),
        new("timeoutInSeconds", Check: SqliteDuration.Check),
        new("busyTimeout", Check: SqliteDuration.Check),
        new("cleanupInterval", Check: SqliteDuration.Check),
        new("cleanupIntervalInSeconds", Check: SqliteDuration.Check),
        new("disableWAL", Check: value => value.Length == 0 ? null : SettingChecks.Boolean(value)),
        new("keyPrefix"),
        new("actorStateStore", Check: SettingChecks.Boolean),
    ];

    /// <summary>Throws <see cref="SqliteStoreException"/> with daprd's text where a setting is wrong.</summary>
    public static SqliteStateOptions From(ComponentSpec spec, string dataPath)
    {
        var connectionString = spec.Text("connectionString", spec.Text("url", ""));
        if (connectionString.Length == 0)
            throw new SqliteStoreException("missing connection string");
        var defaults = new SqliteStateOptions { Address = SqliteAddress.Parse(connectionString, dataPath) };
        var options = defaults with
        {
            TableName = spec.Text("tableName", defaults.TableName),
            MetadataTableName = spec.Text("metadataTableName", defaults.MetadataTableName),
            Timeout = spec.Seconds(defaults.Timeout, "timeout", "timeoutInSeconds"),
            BusyTimeout = spec.Seconds(defaults.BusyTimeout, "busyTimeout"),
            CleanupInterval = spec.Seconds(defaults.CleanupInterval, "cleanupInterval", "cleanupIntervalInSeconds"),
            DisableWal = spec.Boolean("disableWAL", false),
        };
        if (options.Timeout < ShortestTimeout)
            throw new SqliteStoreException("invalid value for 'timeout': must be greater than 1s");
        foreach (var name in new[] { options.TableName, options.MetadataTableName })
        {
            if (!name.All(c => char.IsAsciiLetterOrDigit(c) || c == '_'))
                throw new SqliteStoreException($"invalid identifier: {name}");
        }

        return options;
    }
}
