using System.Net;
using System.Text;
using System.Text.Json;
using Dapr.Client;
using Dapr.Client.Autogen.Grpc.v1;
using Google.Protobuf;
using Grpc.Core;

namespace RealTimeMesh.Sidecar.Tests;

public sealed class StateTests : IAsyncLifetime
{
    private SidecarHarness _sidecar = null!;

    public async ValueTask InitializeAsync() => _sidecar = await SidecarHarness.StartAsync();

    public ValueTask DisposeAsync() => _sidecar.DisposeAsync();

    [Fact]
    public async Task The_official_client_saves_reads_and_deletes_with_etags()
    {
        await _sidecar.Dapr.SaveStateAsync("statestore", "k", new { A = "x" });
        var (value, etag) = await _sidecar.Dapr.GetStateAndETagAsync<JsonElement>("statestore", "k");
        Assert.Equal("x", value.GetProperty("a").GetString());
        Assert.True(await _sidecar.Dapr.TrySaveStateAsync("statestore", "k", new { A = "y" }, etag));
        Assert.False(await _sidecar.Dapr.TrySaveStateAsync("statestore", "k", new { A = "z" }, etag));
        Assert.False(await _sidecar.Dapr.TryDeleteStateAsync("statestore", "k", etag));
        await _sidecar.Dapr.DeleteStateAsync("statestore", "k");
        Assert.Null(await _sidecar.Dapr.GetStateAsync<string>("statestore", "k"));
    }

    [Fact]
    public async Task Keys_get_the_apps_prefix_and_bytes_stay_raw_over_grpc()
    {
        var save = new SaveStateRequest { StoreName = "statestore", States = { new StateItem { Key = "k", Value = ByteString.CopyFrom(0, 255, 60) } } };
        await _sidecar.Grpc.SaveStateAsync(save);

        Assert.Equal(new byte[] { 0, 255, 60 }, (await _sidecar.Store.GetAsync("app1||k", default))!.Value.ToArray());
        Assert.Equal(new byte[] { 0, 255, 60 }, (await _sidecar.Grpc.GetStateAsync(new GetStateRequest { StoreName = "statestore", Key = "k" })).Data.ToByteArray());
    }

    [Theory]
    [InlineData("name", "statestore||k")]
    [InlineData("none", "k")]
    [InlineData("shared", "shared||k")]
    public async Task The_key_prefix_follows_the_components_setting(string setting, string expected)
    {
        await using var sidecar = await SidecarHarness.StartAsync(storeSettings: SidecarHarness.Settings(("keyPrefix", setting)));
        await sidecar.Dapr.SaveStateAsync("statestore", "k", 1);

        Assert.NotNull(await sidecar.Store.GetAsync(expected, default));
    }

    [Fact]
    public async Task Json_saved_over_http_is_compact_and_escaped_as_go_does()
    {
        Assert.Equal(204, await PostAsync("/v1.0/state/statestore", """[{"key":"k","value": {"b": "<a>&ü\u00e9\/\n", "n": 1.50}},{"key":"s","value":"text"},{"key":"none"}]"""));

        Assert.Equal("""{"b":"\u003ca\u003e\u0026üé/\n","n":1.5}""", await _sidecar.Http.GetStringAsync("/v1.0/state/statestore/k"));
        Assert.Equal("\"text\"", await _sidecar.Http.GetStringAsync("/v1.0/state/statestore/s"));
    }

    [Fact]
    public async Task A_time_to_live_shows_and_a_missing_key_is_204()
    {
        Assert.Equal(204, await PostAsync("/v1.0/state/statestore?metadata.ttlInSeconds=60", """[{"key":"k","value":1}]"""));
        using var found = await _sidecar.Http.GetAsync("/v1.0/state/statestore/k");
        using var missing = await _sidecar.Http.GetAsync("/v1.0/state/statestore/other");

        var expires = DateTimeOffset.Parse(found.Headers.GetValues("metadata.ttlExpireTime").Single(), System.Globalization.CultureInfo.InvariantCulture);
        Assert.InRange(expires - TimeProvider.System.GetUtcNow(), TimeSpan.FromSeconds(50), TimeSpan.FromSeconds(61));
        Assert.True(found.Headers.TryGetValues("ETag", out _));
        Assert.Equal(HttpStatusCode.NoContent, missing.StatusCode);
    }

    [Theory]
    [InlineData("[]", 204)]
    [InlineData("""[{"value":1}]""", 400)]
    [InlineData("[{}]", 400)]
    [InlineData("""[{"key":"k","etag":123}]""", 400)]
    [InlineData("""[{"key":"k"},]""", 400)]
    [InlineData("{}", 400)]
    [InlineData("", 400)]
    public async Task Save_requests_are_read_strictly(string body, int status) => Assert.Equal(status, await PostAsync("/v1.0/state/statestore", body));

    [Fact]
    public async Task Etags_over_http_conflict_with_409()
    {
        await PostAsync("/v1.0/state/statestore", """[{"key":"k","value":1}]""");
        using var response = await _sidecar.Http.PostAsync("/v1.0/state/statestore", new StringContent("""[{"key":"k","value":2,"options":{"concurrency":"first-write"}}]"""));
        using var delete = new HttpRequestMessage(HttpMethod.Delete, "/v1.0/state/statestore/k");
        delete.Headers.TryAddWithoutValidation("If-Match", "999");
        using var deleted = await _sidecar.Http.SendAsync(delete);

        Assert.Equal(HttpStatusCode.Conflict, response.StatusCode);
        Assert.Equal("""{"errorCode":"ERR_STATE_SAVE","message":"failed saving state in state store statestore: possible etag mismatch. error from state store: item already exists and no etag was passed"}""", await response.Content.ReadAsStringAsync());
        Assert.Equal(HttpStatusCode.Conflict, deleted.StatusCode);
    }

    [Fact]
    public async Task Stores_and_keys_that_cannot_be_are_named()
    {
        using var store = await _sidecar.Http.GetAsync("/v1.0/state/nope/k");
        using var key = await _sidecar.Http.PostAsync("/v1.0/state/statestore", new StringContent("""[{"key":"ke||y1","value":1}]"""));

        Assert.Equal(HttpStatusCode.BadRequest, store.StatusCode);
        Assert.Contains("state store nope is not found", await store.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        var json = JsonDocument.Parse(await key.Content.ReadAsStringAsync()).RootElement;
        Assert.Equal("api error: code = InvalidArgument desc = input key/keyPrefix 'ke||y1' can't contain '||'", json.GetProperty("message").GetString());
        Assert.Equal(3, json.GetProperty("details").GetArrayLength());
    }

    [Fact]
    public async Task Bulk_get_keeps_the_order_and_misses_have_only_a_key()
    {
        await PostAsync("/v1.0/state/statestore", """[{"key":"a","value":{"x":1}},{"key":"b","value":2}]""");
        using var response = await _sidecar.Http.PostAsync("/v1.0/state/statestore/bulk", new StringContent("""{"keys":["b","none","a"],"parallelism":10}"""));
        var grpc = await _sidecar.Dapr.GetBulkStateAsync("statestore", (string[])["b", "none", "a"], 10);

        var items = JsonDocument.Parse(await response.Content.ReadAsStringAsync()).RootElement.EnumerateArray().ToArray();
        Assert.Equal(["b", "none", "a"], items.Select(item => item.GetProperty("key").GetString()));
        Assert.Equal("""{"key":"none"}""", items[1].GetRawText());
        Assert.Equal(1, items[2].GetProperty("data").GetProperty("x").GetInt32());
        Assert.Equal(["2", "", """{"x":1}"""], grpc.Select(item => item.Value));
    }

    [Fact]
    public async Task A_transaction_applies_all_or_nothing()
    {
        await _sidecar.Dapr.SaveStateAsync("statestore", "old", 1);
        await _sidecar.Dapr.ExecuteStateTransactionAsync("statestore", [new StateTransactionRequest("new", "2"u8.ToArray(), StateOperationType.Upsert), new StateTransactionRequest("old", null, StateOperationType.Delete)]);
        Assert.Equal(2, await _sidecar.Dapr.GetStateAsync<int>("statestore", "new"));
        Assert.Null(await _sidecar.Store.GetAsync("app1||old", default));

        var request = new ExecuteStateTransactionRequest { StoreName = "statestore" };
        request.Operations.Add(new TransactionalStateOperation { OperationType = "upsert", Request = new StateItem { Key = "other", Value = ByteString.CopyFromUtf8("3") } });
        request.Operations.Add(new TransactionalStateOperation { OperationType = "upsert", Request = new StateItem { Key = "new", Value = ByteString.CopyFromUtf8("4"), Etag = new Etag { Value = "999" } } });
        var fault = await Assert.ThrowsAsync<RpcException>(async () => await _sidecar.Grpc.ExecuteStateTransactionAsync(request));

        Assert.Equal(StatusCode.Internal, fault.StatusCode);
        Assert.Contains("possible etag mismatch", fault.Status.Detail, StringComparison.Ordinal);
        Assert.Null(await _sidecar.Store.GetAsync("app1||other", default));
    }

    [Fact]
    public async Task Transactions_over_http_check_their_operations()
    {
        Assert.Equal(204, await PostAsync("/v1.0/state/statestore/transaction", """{"operations":[{"operation":"upsert","request":{"key":"k","value":1}}]}"""));
        Assert.Equal(204, await PostAsync("/v1.0/state/statestore/transaction", """{"operations":[]}"""));
        Assert.Equal(400, await PostAsync("/v1.0/state/statestore/transaction", """{"operations":[{"operation":"swap","request":{"key":"k"}}]}"""));
        Assert.Equal("1", await _sidecar.Http.GetStringAsync("/v1.0/state/statestore/k"));
    }

    [Fact]
    public async Task Bulk_delete_and_empty_keys_over_grpc()
    {
        await _sidecar.Dapr.SaveStateAsync("statestore", "a", 1);
        await _sidecar.Dapr.DeleteBulkStateAsync("statestore", [new BulkDeleteStateItem("a", null!), new BulkDeleteStateItem("b", null!)]);
        await _sidecar.Grpc.SaveStateAsync(new SaveStateRequest { StoreName = "statestore" });
        var fault = await Assert.ThrowsAsync<RpcException>(async () => await _sidecar.Grpc.SaveStateAsync(new SaveStateRequest { StoreName = "statestore", States = { new StateItem { Value = ByteString.CopyFromUtf8("x") } } }));

        Assert.Null(await _sidecar.Store.GetAsync("app1||a", default));
        Assert.Equal(StatusCode.InvalidArgument, fault.StatusCode);
    }

    private async Task<int> PostAsync(string path, string body)
    {
        using var response = await _sidecar.Http.PostAsync(path, new StringContent(body, Encoding.UTF8, "application/json"));
        return (int)response.StatusCode;
    }
}
