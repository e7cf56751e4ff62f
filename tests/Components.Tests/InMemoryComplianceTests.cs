using Microsoft.Extensions.Time.Testing;
using RealTimeMesh.Testing;

namespace RealTimeMesh.Components.Tests;

public sealed class InMemoryLogTests : BrokerComplianceSuite
{
    protected override async Task<IPubSubBroker> StartBrokerAsync(int partitions, TimeProvider time) =>
        (IPubSubBroker)await new InMemoryLogType().StartAsync(
            new ComponentSpec { Name = "pubsub", Type = "pubsub.in-memory-log", Metadata = new Dictionary<string, string> { ["partitions"] = $"{partitions}" } },
            new ComponentContext("app", "", time),
            TestContext.Current.CancellationToken);
}

public sealed class InMemoryStateTests : StateComplianceSuite
{
    private readonly FakeTimeProvider _time = new();

    protected override async Task<IStateStore> StartStoreAsync() =>
        (IStateStore)await new InMemoryStateType().StartAsync(
            new ComponentSpec { Name = "state", Type = "state.in-memory" }, new ComponentContext("app", "", _time), TestContext.Current.CancellationToken);

    protected override Task PassAsync(TimeSpan time)
    {
        _time.Advance(time);
        return Task.CompletedTask;
    }
}
