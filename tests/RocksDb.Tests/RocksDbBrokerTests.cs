using RealTimeMesh.Components;
using RealTimeMesh.Testing;

namespace RealTimeMesh.RocksDb.Tests;

public sealed class RocksDbBrokerTests : BrokerComplianceSuite
{
    private readonly TempFolder _folder = new();

    protected override Task<IPubSubBroker> StartBrokerAsync(int partitions, TimeProvider time) =>
        Brokers.StartAsync(new RocksDbPubSubType(), _folder.Path, time, ("partitions", $"{partitions}"));

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        _folder.Dispose();
    }
}

internal static class Brokers
{
    public static async Task<IPubSubBroker> StartAsync(RocksDbPubSubType type, string dataPath, TimeProvider time, params (string Name, string Value)[] settings)
    {
        var metadata = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase) { ["path"] = "log" };
        foreach (var (name, value) in settings)
            metadata[name] = value;
        var spec = new ComponentSpec { Name = "pubsub", Type = "pubsub.rocksdb", Metadata = metadata };
        Assert.Empty(new ComponentTypeRegistry([type]).Validate([spec]));
        return (IPubSubBroker)await type.StartAsync(spec, new ComponentContext("app", dataPath, time), CancellationToken.None);
    }

    public static Task<PublishResult> PublishAsync(this IPubSubBroker broker, string topic, int from, int count, int bytes = 8) =>
        broker.PublishAsync(topic, [.. Enumerable.Range(from, count).Select(n => new OutgoingMessage($"key-{n % 50}", Value(n, bytes), default))], CancellationToken.None);

    public static int Number(this DeliveredMessage message) => BitConverter.ToInt32(message.Value.Span);

    private static byte[] Value(int number, int bytes)
    {
        // Random after the number, so that compression can't hide the size.
        var value = new byte[bytes];
        new Random(number).NextBytes(value);
        BitConverter.TryWriteBytes(value, number);
        return value;
    }
}

internal sealed class TempFolder : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("rocksdb-").FullName;

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
