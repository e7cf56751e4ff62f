using RealTimeMesh.Testing;

namespace RealTimeMesh.Components.Tests;

public sealed class InMemoryAdminTests : AdminComplianceSuite
{
    protected override async Task<IPubSubBroker> StartBrokerAsync(int partitions, TimeProvider time) =>
        (IPubSubBroker)await new InMemoryLogType().StartAsync(
            new ComponentSpec { Name = "pubsub", Type = "pubsub.in-memory-log", Metadata = new Dictionary<string, string> { ["partitions"] = $"{partitions}" } },
            new ComponentContext("app", "", time),
            CancellationToken.None);
}
