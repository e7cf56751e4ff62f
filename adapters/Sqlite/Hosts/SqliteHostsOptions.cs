using RealTimeMesh.Components;

namespace RealTimeMesh.Sqlite;

/// <summary>A table of hosts and how it is used, by the names and defaults of daprd's <c>nameresolution.sqlite</c>.</summary>
public sealed record SqliteHostsOptions
{
    private static readonly TimeSpan Shortest = TimeSpan.FromSeconds(1);

    private SqliteHostsOptions(SqliteStateOptions database) => Database = database;

    internal SqliteStateOptions Database { get; }

    /// <summary>How long a host is found after its last renewal, whole seconds. Default 5 s, at least 1 s above the timeout.</summary>
    public TimeSpan UpdateInterval { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Reads <c>connectionString</c>, <c>tableName</c>, <c>metadataTableName</c>, <c>timeout</c>, <c>busyTimeout</c>, <c>updateInterval</c>, <c>cleanupInterval</c>, <c>disableWAL</c>. Throws <see cref="SqliteStoreException"/> with daprd's text where one is wrong.</summary>
    public static SqliteHostsOptions From(IReadOnlyDictionary<string, string> settings)
    {
        var spec = new ComponentSpec { Name = "nr", Type = "nameresolution.sqlite", Metadata = new Dictionary<string, string>(settings, StringComparer.OrdinalIgnoreCase) };
        Require(spec, "timeout", "timeoutInSeconds", "busyTimeout", "updateInterval", "cleanupInterval", "cleanupIntervalInSeconds");
        var connectionString = spec.Text("connectionString", spec.Text("url", ""));
        if (connectionString.Length == 0)
            throw new SqliteStoreException("missing connection string");
        var database = new SqliteStateOptions
        {
            Address = SqliteAddress.Parse(connectionString, ""),
            TableName = spec.Text("tableName", "hosts"),
            MetadataTableName = spec.Text("metadataTableName", "metadata"),
            Timeout = spec.Seconds(TimeSpan.FromSeconds(1), "timeout", "timeoutInSeconds"),
            BusyTimeout = spec.Seconds(TimeSpan.FromMilliseconds(800), "busyTimeout"),
            CleanupInterval = spec.Seconds(TimeSpan.FromHours(1), "cleanupInterval", "cleanupIntervalInSeconds"),
            DisableWal = spec.Boolean("disableWAL", false),
        };
        var options = new SqliteHostsOptions(database)
        {
            UpdateInterval = spec.Seconds(TimeSpan.FromSeconds(5), "updateInterval"),
        };
        options.Validate();
        return options;
    }

    private void Validate()
    {
        if (Database.Timeout < Shortest)
            throw new SqliteStoreException("invalid value for 'timeout': must be greater than 1s");
        if (!IsIdentifier(Database.TableName))
            throw new SqliteStoreException($"invalid identifier for table name: {Database.TableName}");
        if (!IsIdentifier(Database.MetadataTableName))
            throw new SqliteStoreException($"invalid identifier for metadata table name: {Database.MetadataTableName}");
        if (UpdateInterval.Ticks % TimeSpan.TicksPerSecond != 0)
            throw new SqliteStoreException("update interval must not contain fractions of seconds");
        if (UpdateInterval - Database.Timeout < Shortest)
            throw new SqliteStoreException("update interval must be at least 1s greater than timeout");
    }

    private static void Require(ComponentSpec spec, params ReadOnlySpan<string> durations)
    {
        foreach (var name in durations)
        {
            if (spec.Text(name, "") is { Length: > 0 } value && SqliteDuration.Check(value) is { } expected)
                throw new SqliteStoreException($"setting {name}: found '{value}'; expected {expected}");
        }
    }

    private static bool IsIdentifier(string name) => name.All(c => char.IsAsciiLetterOrDigit(c) || c == '_');
}
