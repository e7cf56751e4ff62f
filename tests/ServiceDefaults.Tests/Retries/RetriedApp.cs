using System.Collections.Concurrent;
using System.Text;
using Grpc.Net.Client;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using RealTimeMesh.Components;
using RealTimeMesh.Contracts.DeadLetters;
using RealTimeMesh.ServiceDefaults.Retries;
using RealTimeMesh.Sidecar;
using RealTimeMesh.Testing;
using DaprGrpc = Dapr.Client.Autogen.Grpc.v1.Dapr.DaprClient;

namespace RealTimeMesh.ServiceDefaults.Tests.Retries;

/// <summary>An app with a retried topic behind a sidecar over a broker: it knows nothing of the broker but Dapr's publish and subscribe.</summary>
internal sealed class RetriedApp : IAsyncDisposable
{
    public const string Topic = "orders";
    public const string DeadLetterTopic = "orders.dlq";

    private readonly int _port = FreePorts.Next();
    private readonly ConcurrentQueue<string> _tried = new();
    private readonly ConcurrentQueue<DeadLetterRecord> _letters = new();
    private WebApplication _sidecar = null!;
    private WebApplication _app = null!;
    private GrpcChannel _channel = null!;

    public IReadOnlyList<string> Tried => [.. _tried];

    public IReadOnlyList<DeadLetterRecord> Letters => [.. _letters];

    public Func<string, Handled> Say { get; set; } = _ => Handled.Success;

    public static async Task<RetriedApp> StartAsync(ComponentSpec pubsub, IAsyncDisposable broker, RetryOptions options)
    {
        var app = new RetriedApp();
        var store = new ComponentSpec { Name = "statestore", Type = "state.in-memory" };
        var state = await new InMemoryStateType().StartAsync(store, new ComponentContext("billing", "", TimeProvider.System), default);
        app._sidecar = SidecarApp.Build(
            new SidecarOptions { AppId = "billing", HttpPort = 0, GrpcPort = 0, AppPort = app._port }, [new SidecarComponent(pubsub, broker), new SidecarComponent(store, state)], TimeProvider.System, _ => { });
        await app._sidecar.StartAsync();
        await app.StartAppAsync(options);
        return app;
    }

    public Task PublishAsync(string key, params IEnumerable<string> texts) => new RetryPublisher(new DaprGrpc(_channel), "pubsub", null)
        .PublishAsync(Topic, [.. texts.Select(text => new RetriedEvent(key, Encoding.UTF8.GetBytes(text), [new("ce_id", text), new("color", "blue")]))], default);

    public static async Task Until(Func<bool> condition, Func<string> otherwise)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        limit.CancelAfter(TimeSpan.FromSeconds(60));
        while (!condition())
        {
            if (limit.IsCancellationRequested)
                Assert.Fail(otherwise());
            await Task.Delay(TimeSpan.FromMilliseconds(10), TimeProvider.System);
        }
    }

    public async ValueTask DisposeAsync()
    {
        _channel.Dispose();
        await _app.StopAsync();
        await _app.DisposeAsync();
        await _sidecar.StopAsync();
        await _sidecar.DisposeAsync();
    }

    private async Task StartAppAsync(RetryOptions options)
    {
        var ports = _sidecar.Services.GetRequiredService<SidecarPorts>();
        _channel = GrpcChannel.ForAddress($"http://127.0.0.1:{ports.Grpc}");
        var builder = WebApplication.CreateSlimBuilder([$"--urls=http://127.0.0.1:{_port}", $"--DAPR_GRPC_PORT={ports.Grpc}", $"--DAPR_HTTP_PORT={ports.Http}", "--APP_ID=billing", "--MESH_IN_PROCESS=true"]);
        builder.AddServiceDefaults("Billing");
        builder.Logging.ClearProviders();
        _app = builder.Build();
        _app.MapTopic(Topic, "/orders", options, (item, _) =>
        {
            var text = Encoding.UTF8.GetString(item.Payload.Span);
            Assert.Equal("blue", item.Header("color"u8));
            _tried.Enqueue(text);
            return Task.FromResult(Say(text));
        });
        _app.MapBulkTopic("pubsub", DeadLetterTopic, "/letters", 100, TimeSpan.FromMilliseconds(5), (delivery, _) =>
        {
            foreach (var item in delivery.Events)
            {
                Assert.True(DeadLetterReader.TryRead(item.Payload.ToArray(), out var letter, out var error), error);
                _letters.Enqueue(letter);
            }

            return Task.FromResult<IReadOnlyList<DeliveryStatus>>(new DeliveryStatus[delivery.Events.Count]);
        });
        _app.MapServiceDefaults();
        await _app.StartAsync();
    }
}
