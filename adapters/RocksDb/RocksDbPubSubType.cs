using RealTimeMesh.Components;

namespace RealTimeMesh.RocksDb;

/// <summary>
/// <c>pubsub.rocksdb</c>: a durable partitioned log in a folder, with Kafka's partitioning, offsets and consumer groups.
/// Components with the same folder share one log; use one instance of this type in a process.
/// </summary>
public sealed class RocksDbPubSubType : IComponentType
{
    private readonly RocksDbLogs _logs = new();

    public string Name => "pubsub.rocksdb";

    public IReadOnlyList<ComponentSetting> Settings { get; } =
    [
        new("path", Required: true, Check: SettingChecks.NotEmpty),
        new("partitions", Check: SettingChecks.Integer(1, 1024)),
        new("durability", Check: SettingChecks.OneOf("sync", "process")),
        new("retentionTime", Check: SettingChecks.Duration),
        new("retentionBytes", Check: SettingChecks.Integer(0, long.MaxValue)),
        new("retentionCheckInterval", Check: SettingChecks.Duration),
        new("publishQueueBytes", Check: SettingChecks.Integer(1, long.MaxValue)),
        new("publishTimeout", Check: SettingChecks.Duration),
        new("consumerID", Check: SettingChecks.NotEmpty),
    ];

    public Task<IAsyncDisposable> StartAsync(ComponentSpec spec, ComponentContext context, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var defaults = new RocksDbLogOptions { Path = "" };
        var options = defaults with
        {
            Path = Path.GetFullPath(spec.Text("path", ""), Path.GetFullPath(context.DataPath.Length > 0 ? context.DataPath : ".")),
            Partitions = (int)spec.Integer("partitions", defaults.Partitions),
            Sync = !string.Equals(spec.Text("durability", "sync"), "process", StringComparison.OrdinalIgnoreCase),
            RetentionTime = spec.Duration("retentionTime", defaults.RetentionTime),
            RetentionBytes = spec.Integer("retentionBytes", defaults.RetentionBytes),
            RetentionCheckInterval = spec.Duration("retentionCheckInterval", defaults.RetentionCheckInterval),
            PublishQueueBytes = spec.Integer("publishQueueBytes", defaults.PublishQueueBytes),
            PublishTimeout = spec.Duration("publishTimeout", defaults.PublishTimeout),
        };
        return Task.Run<IAsyncDisposable>(() => _logs.Open(options, context.Time, context.Logs), cancellationToken);
    }
}
