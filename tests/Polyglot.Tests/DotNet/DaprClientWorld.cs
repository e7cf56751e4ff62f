using System.Collections.Concurrent;
using System.Text.Json;
using Dapr;
using Dapr.AppCallback.Autogen.Grpc.v1;
using Dapr.Client;
using Dapr.Client.Autogen.Grpc.v1;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

[assembly: AssemblyFixture(typeof(RealTimeMesh.Polyglot.Tests.DotNet.DaprClientWorld))]

namespace RealTimeMesh.Polyglot.Tests.DotNet;

/// <summary>A sidecar with an app of the official packages for .NET, one with a gRPC app, and the official client.</summary>
public sealed class DaprClientWorld : IAsyncLifetime
{
    private readonly string _folder = Directory.CreateTempSubdirectory("dotnet-").FullName;
    private readonly ConcurrentQueue<Delivery> _deliveries = new();
    private readonly GrpcTestApp _grpcApp = new();
    private TestApp? _app;

    internal Daprd Sidecar { get; private set; } = null!;

    internal Daprd GrpcSidecar { get; private set; } = null!;

    public DaprClient Client { get; private set; } = null!;

    public DaprClient GrpcAppClient { get; private set; } = null!;

    public string AppId => Sidecar.AppId;

    public async ValueTask InitializeAsync()
    {
        _app = await TestApp.StartAsync(Map);
        _grpcApp.OnInvoke = (request, _) => Task.FromResult(new InvokeResponse { Data = Any.Pack(new StringValue { Value = $"{request.Method} {(request.Data.TryUnpack(out StringValue said) ? said.Value : "")}" }) });
        _grpcApp.HealthCheck = _ => Task.FromResult(new HealthCheckResponse());
        await _grpcApp.StartAsync();
        var secrets = Path.Combine(_folder, "secrets.json");
        await File.WriteAllTextAsync(secrets, """{"password":"s3cret ✈","redis":{"user":"mesh"}}""");
        Sidecar = await Daprd.StartAsync(new DaprdSetup
        {
            AppPort = _app.Port,
            Resources = [Manifests.InMemoryPubSub("pubsub"), Manifests.InMemoryState("statestore"), Manifests.Component("files", "secretstores.local.file", ("secretsFile", secrets))],
        });
        GrpcSidecar = await Daprd.StartAsync(new DaprdSetup { AppPort = _grpcApp.Port, AppProtocol = "grpc" });
        Client = Sidecar.Client();
        GrpcAppClient = GrpcSidecar.Client();
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        GrpcAppClient.Dispose();
        await Sidecar.DisposeAsync();
        await GrpcSidecar.DisposeAsync();
        await _app!.DisposeAsync();
        await _grpcApp.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    /// <summary>Waits for the delivery of an order.</summary>
    internal async Task<Delivery> DeliveredAsync(int id, string topic = "orders")
    {
        Delivery? found = null;
        await Eventually.TrueAsync(() => (found = _deliveries.FirstOrDefault(delivery => delivery.Topic == topic && delivery.Order?.Id == id)) is not null, () => $"order {id} on {topic}");
        return found!;
    }

    /// <summary>Waits for a delivery to a topic that nobody else uses.</summary>
    internal async Task<Delivery> DeliveredAsync(string topic)
    {
        Delivery? found = null;
        await Eventually.TrueAsync(() => (found = _deliveries.FirstOrDefault(delivery => delivery.Topic == topic)) is not null, () => $"a delivery on {topic}");
        return found!;
    }

    private void Map(WebApplication app)
    {
        app.UseCloudEvents(new CloudEventsMiddlewareOptions { ForwardCloudEventPropertiesAsHeaders = true });
        app.MapPost("/orders", (Order order, HttpRequest request) => Deliver("orders", order, request)).WithTopic("pubsub", "orders");
        // The event around a raw payload says nothing but bytes.
        app.MapPost("/raw", async (HttpRequest request) => Deliver("raw", await JsonSerializer.DeserializeAsync<Order>(request.Body, JsonSerializerOptions.Web), request)).WithTopic("pubsub", "raw", enableRawPayload: true);
        app.MapPost("/nothing", (HttpRequest request) => Deliver("nothing", null, request)).WithTopic("pubsub", "nothing");
        app.MapGet("/hello", (string? name) => new Greeting($"hello {name}"));
        app.MapPost("/double", (Order order) => order with { Id = order.Id * 2 });
        app.MapPut("/double", (Order order) => order with { Id = order.Id * 20 });
        app.MapPost("/fire", () => Results.NoContent());
        app.MapPost("/headers", (HttpRequest request) => request.Headers.ToDictionary(pair => pair.Key.ToLowerInvariant(), pair => pair.Value.ToString()));
        app.MapGet("/teapot", () => Results.Text("short and stout", statusCode: 418));
    }

    private void Deliver(string topic, Order? order, HttpRequest request) =>
        _deliveries.Enqueue(new Delivery(topic, order, request.Headers.ToDictionary(pair => pair.Key.ToLowerInvariant(), pair => pair.Value.ToString())));
}

/// <summary>What the app got, with the CloudEvent's attributes as headers <c>cloudevent.*</c>.</summary>
internal sealed record Delivery(string Topic, Order? Order, IReadOnlyDictionary<string, string> Headers);

public sealed record Order(int Id, string Item);

public sealed record Greeting(string Text);
