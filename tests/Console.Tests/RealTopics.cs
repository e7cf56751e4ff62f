using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Logging;
using RealTimeMesh.Components;
using RealTimeMesh.RocksDb;
using RealTimeMesh.Topics;

namespace RealTimeMesh.Console.Tests;

/// <summary>The administration of topics itself, over an embedded log.</summary>
internal sealed class RealTopics : IAsyncDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("console-topics-").FullName;
    private readonly RocksDbPubSubType _type = new();
    private WebApplication? _app;

    public IPubSubBroker Broker { get; private set; } = null!;

    public IBrokerAdmin Admin => ((IAdministeredBroker)Broker).Administration;

    public string Setting => $"--MESH_TOPICS_URL={_app!.Urls.First()}";

    public static async Task<RealTopics> StartAsync(Uri? registry = null, string? token = null)
    {
        var topics = new RealTopics();
        var spec = new ComponentSpec { Name = "pubsub", Type = "pubsub.rocksdb", Metadata = new Dictionary<string, string> { ["path"] = "log", ["partitions"] = "2" } };
        topics.Broker = (IPubSubBroker)await topics._type.StartAsync(spec, new ComponentContext("topics", topics._folder, TimeProvider.System), CancellationToken.None);
        topics._app = TopicsApp.Build(new TopicsSetup { Admin = topics.Admin, DataPath = topics._folder, SchemaRegistryUrl = registry, AdminToken = token, Logging = static logging => logging.ClearProviders() });
        await topics._app.StartAsync();
        return topics;
    }

    public async Task PublishAsync(string topic, IEnumerable<(string Key, string Value)> messages) =>
        Assert.True((await Broker.PublishAsync(topic, [.. messages.Select(message => new OutgoingMessage(message.Key, Encoding.UTF8.GetBytes(message.Value), default))], default)).Succeeded);

    public async ValueTask DisposeAsync()
    {
        await _app!.DisposeAsync();
        await Broker.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }
}
