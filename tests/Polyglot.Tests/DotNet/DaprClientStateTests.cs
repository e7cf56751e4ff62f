using System.Text;
using System.Text.Json;
using Dapr;
using Dapr.Client;
using Grpc.Core;

namespace RealTimeMesh.Polyglot.Tests.DotNet;

public sealed class DaprClientStateTests(DaprClientWorld world)
{
    private const string Store = "statestore";

    private static readonly StateOptions FirstWrite = new() { Concurrency = ConcurrencyMode.FirstWrite, Consistency = ConsistencyMode.Strong };

    private DaprClient Client => world.Client;

    [Fact]
    public async Task A_saved_value_is_read_back()
    {
        await Client.SaveStateAsync(Store, "a", new Order(1, "Zürich ✈ <b>"));
        Assert.Equal(new Order(1, "Zürich ✈ <b>"), await Client.GetStateAsync<Order>(Store, "a"));
        Assert.Equal(new Order(1, "Zürich ✈ <b>"), await Client.GetStateAsync<Order>(Store, "a", ConsistencyMode.Strong));
        Assert.Null(await Client.GetStateAsync<Order>(Store, "a-missing"));
    }

    [Fact]
    public async Task Bytes_are_read_back()
    {
        byte[] bytes = [0, 1, 2, 254, 255];
        await Client.SaveByteStateAsync(Store, "bytes", bytes);
        Assert.Equal(bytes, (await Client.GetByteStateAsync(Store, "bytes")).ToArray());
        var (value, etag) = await Client.GetByteStateAndETagAsync(Store, "bytes");
        Assert.Equal(bytes, value.ToArray());
        Assert.True(await Client.TrySaveByteStateAsync(Store, "bytes", bytes, etag));
        Assert.False(await Client.TrySaveByteStateAsync(Store, "bytes", bytes, etag));
    }

    [Fact]
    public async Task A_stale_etag_neither_saves_nor_deletes()
    {
        await Client.SaveStateAsync(Store, "guarded", new Order(1, "one"));
        var (_, stale) = await Client.GetStateAndETagAsync<Order>(Store, "guarded");
        Assert.True(await Client.TrySaveStateAsync(Store, "guarded", new Order(2, "two"), stale));
        Assert.False(await Client.TrySaveStateAsync(Store, "guarded", new Order(3, "three"), stale));
        Assert.False(await Client.TryDeleteStateAsync(Store, "guarded", stale));
        var (order, current) = await Client.GetStateAndETagAsync<Order>(Store, "guarded");
        Assert.Equal(2, order.Id);
        Assert.True(await Client.TryDeleteStateAsync(Store, "guarded", current));
        Assert.Null(await Client.GetStateAsync<Order>(Store, "guarded"));
    }

    [Fact]
    public async Task The_first_write_wins_where_it_is_asked_for()
    {
        await Client.SaveStateAsync(Store, "first", new Order(1, ""), FirstWrite);
        var error = await Assert.ThrowsAsync<DaprException>(() => Client.SaveStateAsync(Store, "first", new Order(2, ""), FirstWrite));
        Assert.Equal(StatusCode.Aborted, Assert.IsType<RpcException>(error.InnerException).StatusCode);
        Assert.Equal(1, (await Client.GetStateAsync<Order>(Store, "first")).Id);
    }

    [Fact]
    public async Task Many_values_are_saved_read_and_deleted_at_once()
    {
        await Client.SaveBulkStateAsync(Store, [new SaveStateItem<Order>("m1", new Order(1, ""), null!), new SaveStateItem<Order>("m2", new Order(2, ""), null!)]);
        var texts = await Client.GetBulkStateAsync(Store, ["m1", "m-missing", "m2"], parallelism: 2);
        Assert.Equal(["m-missing", "m1", "m2"], texts.Select(item => item.Key).Order(StringComparer.Ordinal));
        Assert.All(texts, item => Assert.Equal(item.Key == "m-missing", string.IsNullOrEmpty(item.ETag)));
        var orders = await Client.GetBulkStateAsync<Order>(Store, ["m1", "m2"], parallelism: null);
        Assert.Equal([1, 2], orders.Select(item => item.Value.Id).Order());
        await Client.DeleteBulkStateAsync(Store, [.. orders.Select(item => new BulkDeleteStateItem(item.Key, item.ETag))]);
        Assert.All(await Client.GetBulkStateAsync(Store, ["m1", "m2"], parallelism: null), item => Assert.True(string.IsNullOrEmpty(item.Value)));
    }

    [Fact]
    public async Task A_transaction_writes_and_deletes_together()
    {
        await Client.SaveStateAsync(Store, "t-old", "old");
        await Client.ExecuteStateTransactionAsync(Store,
        [
            new StateTransactionRequest("t-new", JsonSerializer.SerializeToUtf8Bytes("new"), StateOperationType.Upsert),
            new StateTransactionRequest("t-old", null, StateOperationType.Delete),
        ]);
        Assert.Equal("new", await Client.GetStateAsync<string>(Store, "t-new"));
        Assert.Null(await Client.GetStateAsync<string>(Store, "t-old"));
    }

    [Fact]
    public async Task A_transaction_with_a_stale_etag_writes_nothing()
    {
        await Client.SaveStateAsync(Store, "t-guarded", "a");
        var (_, stale) = await Client.GetStateAndETagAsync<string>(Store, "t-guarded");
        await Client.SaveStateAsync(Store, "t-guarded", "b");
        await Assert.ThrowsAsync<DaprException>(() => Client.ExecuteStateTransactionAsync(Store,
        [
            new StateTransactionRequest("t-other", "1"u8.ToArray(), StateOperationType.Upsert),
            new StateTransactionRequest("t-guarded", "2"u8.ToArray(), StateOperationType.Upsert, stale, options: FirstWrite),
        ]));
        Assert.Equal("b", await Client.GetStateAsync<string>(Store, "t-guarded"));
        Assert.Null(await Client.GetStateAsync<string>(Store, "t-other"));
    }

    [Fact]
    public async Task An_entry_is_changed_in_place()
    {
        var entry = await Client.GetStateEntryAsync<Order>(Store, "entry");
        Assert.Null(entry.Value);
        entry.Value = new Order(1, "one");
        await entry.SaveAsync();
        entry = await Client.GetStateEntryAsync<Order>(Store, "entry");
        entry.Value = entry.Value with { Id = 2 };
        Assert.True(await entry.TrySaveAsync());
        Assert.False(await entry.TrySaveAsync());
        await entry.DeleteAsync();
        Assert.Null(await Client.GetStateAsync<Order>(Store, "entry"));
    }

    [Fact]
    public async Task A_value_with_a_time_to_live_expires()
    {
        await Client.SaveStateAsync(Store, "short", "lived", metadata: new Dictionary<string, string> { ["ttlInSeconds"] = "1" });
        Assert.Equal("lived", await Client.GetStateAsync<string>(Store, "short"));
        await Eventually.TrueAsync(async () => await Client.GetStateAsync<string>(Store, "short") is null, () => "the value is gone");
    }

    [Fact]
    public async Task A_deleted_value_is_gone()
    {
        await Client.SaveStateAsync(Store, "gone", "x");
        await Client.DeleteStateAsync(Store, "gone");
        Assert.Null(await Client.GetStateAsync<string>(Store, "gone"));
    }

    [Fact]
    public async Task A_query_is_refused_by_a_store_that_cannot_run_it()
    {
        var error = await Assert.ThrowsAsync<DaprException>(() => Client.QueryStateAsync<Order>(Store, """{"filter":{}}"""));
        Assert.Contains("does not support querying", Assert.IsType<RpcException>(error.InnerException).Status.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_unknown_store_is_an_error()
    {
        var error = await Assert.ThrowsAsync<DaprException>(() => Client.GetStateAsync<string>("nowhere", "x"));
        Assert.Equal("state store nowhere is not found", Assert.IsType<RpcException>(error.InnerException).Status.Detail);
    }

    [Fact]
    public async Task What_HTTP_saved_is_read_by_the_client()
    {
        using var body = new StringContent("""[{"key":"http","value":{"id":9,"item":"x"}}]""", Encoding.UTF8, "application/json");
        using var response = await world.Sidecar.Http.PostAsync($"/v1.0/state/{Store}", body);
        response.EnsureSuccessStatusCode();
        Assert.Equal(new Order(9, "x"), await Client.GetStateAsync<Order>(Store, "http"));
    }
}
