using Microsoft.Extensions.Logging;

namespace RealTimeMesh.Components;

/// <summary>
/// <c>pubsub.in-memory-log</c>: a partitioned log in memory with groups and offsets, for tests and trials. Nothing
/// survives the process. Each started component is a log of its own. daprd has no such type; <c>pubsub.in-memory</c>
/// (<see cref="InMemoryPubSubType"/>) is the one that behaves as daprd's.
/// </summary>
public sealed class InMemoryLogType : IComponentType
{
    public string Name => "pubsub.in-memory-log";

    public IReadOnlyList<ComponentSetting> Settings { get; } =
    [
        new("partitions", Check: SettingChecks.Integer(1, 1024)),
        new("retentionBytes", Check: SettingChecks.Integer(1, long.MaxValue)),
        new("consumerID", Check: SettingChecks.NotEmpty),
    ];

    public Task<IAsyncDisposable> StartAsync(ComponentSpec spec, ComponentContext context, CancellationToken cancellationToken)
    {
        var log = new InMemoryLog((int)spec.Integer("partitions", 1), spec.Integer("retentionBytes", InMemoryLog.DefaultRetentionBytes), context.Time);
        var groups = new ConsumerGroups(log, context.Time, context.Logs.CreateLogger("RealTimeMesh.Components.InMemoryLog"));
        return Task.FromResult<IAsyncDisposable>(new LogBroker(log, groups, new PubSubCapabilities { Offsets = true, Groups = true, Redelivers = true }, () => default));
    }
}
