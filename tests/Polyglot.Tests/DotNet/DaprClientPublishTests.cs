using System.Text.Json;
using Dapr;
using Dapr.Client;
using Grpc.Core;

namespace RealTimeMesh.Polyglot.Tests.DotNet;

public sealed class DaprClientPublishTests(DaprClientWorld world)
{
    [Fact]
    public async Task Published_data_arrive()
    {
        await world.Client.PublishEventAsync("pubsub", "orders", new Order(1, "Zürich ✈"));
        var delivery = await world.DeliveredAsync(1);
        Assert.Equal("Zürich ✈", delivery.Order!.Item);
        Assert.Equal("com.dapr.event.sent", delivery.Headers["cloudevent.type"]);
        Assert.Equal(world.AppId, delivery.Headers["cloudevent.source"]);
    }

    [Fact]
    public async Task Metadata_override_attributes_of_the_event()
    {
        await world.Client.PublishEventAsync("pubsub", "orders", new Order(2, "x"), new Dictionary<string, string> { ["cloudevent.type"] = "order.placed", ["cloudevent.id"] = "two" });
        var delivery = await world.DeliveredAsync(2);
        Assert.Equal(("order.placed", "two"), (delivery.Headers["cloudevent.type"], delivery.Headers["cloudevent.id"]));
    }

    [Fact]
    public async Task Bytes_arrive_as_their_content_type_says()
    {
        var bytes = JsonSerializer.SerializeToUtf8Bytes(new Order(3, "bytes"), JsonSerializerOptions.Web);
        await world.Client.PublishByteEventAsync("pubsub", "orders", bytes, "application/json");
        Assert.Equal("bytes", (await world.DeliveredAsync(3)).Order!.Item);
    }

    [Fact]
    public async Task A_CloudEvent_keeps_its_attributes()
    {
        var published = new CloudEvent<Order>(new Order(4, "event")) { Source = new Uri("urn:shop"), Type = "order.shipped", Subject = "4" };
        await world.Client.PublishEventAsync<CloudEvent<Order>>("pubsub", "orders", published);
        var delivery = await world.DeliveredAsync(4);
        Assert.Equal(("urn:shop", "order.shipped", "4"), (delivery.Headers["cloudevent.source"], delivery.Headers["cloudevent.type"], delivery.Headers["cloudevent.subject"]));
    }

    [Fact]
    public async Task A_raw_payload_arrives()
    {
        await world.Client.PublishEventAsync("pubsub", "raw", new Order(5, "raw"), new Dictionary<string, string> { ["rawPayload"] = "true" });
        await world.DeliveredAsync(5, "raw");
    }

    [Fact]
    public async Task An_event_without_data_arrives()
    {
        await world.Client.PublishEventAsync("pubsub", "nothing");
        await world.DeliveredAsync("nothing");
    }

    [Fact]
    public async Task Events_published_in_bulk_all_arrive()
    {
        var orders = Enumerable.Range(100, 20).Select(id => new Order(id, "bulk")).ToList();
        var response = await world.Client.BulkPublishEventAsync("pubsub", "orders", orders);
        Assert.Empty(response.FailedEntries);
        foreach (var order in orders)
            await world.DeliveredAsync(order.Id);
    }

    [Fact]
    public async Task An_unknown_component_is_an_error()
    {
        var error = await Assert.ThrowsAsync<DaprException>(() => world.Client.PublishEventAsync("nowhere", "orders", new Order(6, "")));
        var cause = Assert.IsType<RpcException>(error.InnerException);
        Assert.Equal((StatusCode.InvalidArgument, "pubsub nowhere is not found"), (cause.StatusCode, cause.Status.Detail));
        await Assert.ThrowsAsync<DaprException>(() => world.Client.BulkPublishEventAsync("nowhere", "orders", [new Order(7, "")]));
    }
}
