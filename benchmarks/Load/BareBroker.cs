using System.Text;
using RealTimeMesh.Components;
using RealTimeMesh.RocksDb;

namespace RealTimeMesh.Benchmarks.Load;

/// <summary>A broker in this process, without a sidecar: what the sidecar is compared with.</summary>
internal sealed class BareBroker : IAsyncDisposable
{
    private const string Topic = "bare";

    private readonly string _folder;
    private readonly IAsyncDisposable _component;

    private BareBroker(string folder, IAsyncDisposable component) => (_folder, _component) = (folder, component);

    public static Task<BareBroker> InMemoryAsync(CancellationToken cancellationToken) => StartAsync(new InMemoryPubSubType(), cancellationToken);

    public static Task<BareBroker> RocksDbAsync(CancellationToken cancellationToken) => StartAsync(new RocksDbPubSubType(), cancellationToken);

    /// <summary>Publishes batches of the same events as the bulk requests hold.</summary>
    public async Task<Throughput> PublishAsync(int batch, int callers, SidecarSettings settings, CancellationToken cancellationToken)
    {
        var value = Encoding.UTF8.GetBytes(Requests.Event());
        var messages = Enumerable.Range(0, batch).Select(i => new OutgoingMessage(Requests.Key(i), value, MessageHeaders.Empty)).ToArray();
        var broker = (IPubSubBroker)_component;
        return await ClosedLoop.RunAsync(callers, settings, _ => broker.PublishAsync(Topic, messages, cancellationToken), null, cancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        await _component.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    private static async Task<BareBroker> StartAsync(IComponentType type, CancellationToken cancellationToken)
    {
        var folder = Directory.CreateTempSubdirectory("mesh-benchmark-").FullName;
        var settings = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase) { ["path"] = folder, ["durability"] = "sync" };
        var component = await type.StartAsync(new ComponentSpec { Name = Topic, Type = type.Name, Metadata = settings }, new ComponentContext("benchmark", folder, TimeProvider.System), cancellationToken);
        return new BareBroker(folder, component);
    }
}
