using Microsoft.Extensions.Logging;

namespace RealTimeMesh.Components;

/// <summary>
/// <c>pubsub.in-memory</c>: a partitioned log in memory, for tests and trials. Nothing survives the process.
/// Each started component is a log of its own.
/// </summary>
public sealed class InMemoryPubSubType : IComponentType
{
    public string Name => "pubsub.in-memory";

    public IReadOnlyList<ComponentSetting> Settings { get; } =
    [
        new("partitions", Check: SettingChecks.Integer(1, 1024)),
        new("retentionBytes", Check: SettingChecks.Integer(1, long.MaxValue)),
        new("consumerID", Check: SettingChecks.NotEmpty),
    ];

    public Task<IAsyncDisposable> StartAsync(ComponentSpec spec, ComponentContext context, CancellationToken cancellationToken)
    {
        var log = new InMemoryLog((int)spec.Integer("partitions", 1), spec.Integer("retentionBytes", InMemoryLog.DefaultRetentionBytes), context.Time);
        var groups = new ConsumerGroups(log, context.Time, context.Logs.CreateLogger("RealTimeMesh.Components.InMemory"));
        return Task.FromResult<IAsyncDisposable>(new LogBroker(log, groups, new PubSubCapabilities { Offsets = true }, () => default));
    }
}
