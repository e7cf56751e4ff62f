using System.Net;
using Dapr.Client;
using Grpc.Net.Client;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using RealTimeMesh.Components;
using DaprGrpc = Dapr.Client.Autogen.Grpc.v1.Dapr.DaprClient;

namespace RealTimeMesh.Sidecar.Tests;

/// <summary>A sidecar over in-memory components, with clients of both APIs.</summary>
internal sealed class SidecarHarness : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly List<IAsyncDisposable> _owned = [];

    private SidecarHarness(WebApplication app, IPubSubBroker broker, IStateStore store, string? token)
    {
        _app = app;
        Broker = broker;
        Store = store;
        var ports = app.Services.GetRequiredService<SidecarPorts>();
        HttpPort = ports.Http;
        GrpcPort = ports.Grpc;
        Http = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{HttpPort}") };
        Channel = GrpcChannel.ForAddress($"http://127.0.0.1:{GrpcPort}", new GrpcChannelOptions { MaxSendMessageSize = 64 << 20, MaxReceiveMessageSize = 64 << 20 });
        Grpc = new DaprGrpc(Channel);
        var builder = new DaprClientBuilder().UseHttpEndpoint(Http.BaseAddress.ToString()).UseGrpcEndpoint($"http://127.0.0.1:{GrpcPort}");
        Dapr = (token is null ? builder : builder.UseDaprApiToken(token)).Build();
    }

    public HttpClient Http { get; }

    public GrpcChannel Channel { get; }

    public DaprGrpc Grpc { get; }

    public DaprClient Dapr { get; }

    public IPubSubBroker Broker { get; }

    public IStateStore Store { get; }

    public int HttpPort { get; }

    public int GrpcPort { get; }

    public static async Task<SidecarHarness> StartAsync(SidecarOptions? options = null, IPubSubBroker? broker = null, IReadOnlyDictionary<string, string>? storeSettings = null, int partitions = 1)
    {
        options ??= new SidecarOptions { AppId = "app1" };
        options = options with { HttpPort = 0, GrpcPort = 0 };
        var context = new ComponentContext(options.AppId, "", TimeProvider.System);
        var pubSpec = new ComponentSpec { Name = "pubsub", Type = "pubsub.in-memory-log", Metadata = Settings(("partitions", $"{partitions}")) };
        var stateSpec = new ComponentSpec { Name = "statestore", Type = "state.in-memory", Metadata = storeSettings ?? Settings() };
        var owned = new List<IAsyncDisposable>();
        if (broker is null)
        {
            broker = (IPubSubBroker)await new InMemoryLogType().StartAsync(pubSpec, context, default);
            owned.Add(broker);
        }

        var store = (IStateStore)await new InMemoryStateType().StartAsync(stateSpec, context, default);
        owned.Add(store);
        var app = SidecarApp.Build(options, [new SidecarComponent(pubSpec, broker), new SidecarComponent(stateSpec, store)], TimeProvider.System, _ => { });
        await app.StartAsync();
        var harness = new SidecarHarness(app, broker, store, options.ApiToken);
        harness._owned.AddRange(owned);
        return harness;
    }

    public static Dictionary<string, string> Settings(params (string Name, string Value)[] pairs) =>
        pairs.ToDictionary(pair => pair.Name, pair => pair.Value, StringComparer.OrdinalIgnoreCase);

    /// <summary>Waits until the sidecar says it is ready.</summary>
    public async Task ReadyAsync()
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(60), TimeProvider.System);
        while (true)
        {
            using var response = await Http.GetAsync("/v1.0/healthz", limit.Token);
            if (response.StatusCode == HttpStatusCode.NoContent)
                return;
            await Task.Delay(TimeSpan.FromMilliseconds(10), TimeProvider.System, limit.Token);
        }
    }

    /// <summary>Every message of a topic.</summary>
    public async Task<IReadOnlyList<DeliveredMessage>> MessagesAsync(string topic)
    {
        var messages = new List<DeliveredMessage>();
        foreach (var partition in await Broker.GetWatermarksAsync(topic, default))
            messages.AddRange(await Broker.ReadAsync(topic, partition.Partition, partition.Low, int.MaxValue, default));
        return messages;
    }

    /// <summary>Ends when the sidecar has been told to stop and has stopped.</summary>
    public Task StoppedAsync() => _app.WaitForShutdownAsync();

    public Task StopAsync() => _app.StopAsync();

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        Channel.Dispose();
        Dapr.Dispose();
        await _app.StopAsync();
        await _app.DisposeAsync();
        foreach (var component in _owned)
            await component.DisposeAsync();
    }
}
