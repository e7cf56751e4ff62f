using System.Globalization;
using System.Net;
using System.Text.Json;
using Dapr.Client.Autogen.Grpc.v1;
using Google.Protobuf;
using Grpc.Core;

namespace RealTimeMesh.Sidecar.Tests.BlackBox.State;

/// <summary>What is kept and how it comes back, over both APIs.</summary>
public sealed class StateTests(StateTests.Sidecar sidecar) : IClassFixture<StateTests.Sidecar>
{
    private Daprd Daprd => sidecar.Daprd;

    [Theory]
    [InlineData("[]")]
    [InlineData("""[{"key": "key1", "vae": "value1"}]""")]
    [InlineData("""[{"key": "key1", "value": "value1"}]""")]
    [InlineData("""[{"Key": "key1", "VALUE": "value1"},{"key": "key2", "value": "value1"},  {"key": "key1", "value": "value1"}] and more""")]
    public async Task A_save_is_204_without_a_body(string body)
    {
        var answer = await Daprd.PostAsync("/v1.0/state/mystore", body);
        Assert.Equal((HttpStatusCode.NoContent, ""), (answer.Status, answer.Body));
    }

    [Theory]
    [InlineData("\"value1\"", "\"value1\"")]
    [InlineData("""{"b":"<a>&ü\u00e9\/\n\u2028","a":{"z":1,"y":[1.50,1e3,true,null]},"b":"<"}""", """{"a":{"y":[1.5,1000,true,null],"z":1},"b":"\u003c"}""")]
    [InlineData("12345678901234567890", "12345678901234567890")]
    [InlineData("1e30", "1e+30")]
    [InlineData("\"\\ud800 <>&\"", "\"\ufffd \\u003c\\u003e\\u0026\"")]
    [InlineData("null", "null")]
    public async Task Json_comes_back_as_go_writes_it(string value, string expected)
    {
        await SaveAsync($$"""[{"key":"json","value":{{value}}}]""");
        var answer = await Daprd.GetAsync("/v1.0/state/mystore/json");
        Assert.Equal((HttpStatusCode.OK, expected, "application/json"), (answer.Status, answer.Body, answer.ContentType));
    }

    [Fact]
    public async Task A_missing_key_is_204_without_a_body()
    {
        var answer = await Daprd.GetAsync("/v1.0/state/mystore/missing");
        Assert.Equal((HttpStatusCode.NoContent, ""), (answer.Status, answer.Body));
        Assert.True((await Daprd.Grpc.GetStateAsync(new GetStateRequest { StoreName = "mystore", Key = "missing" })).Data.IsEmpty);
    }

    [Fact]
    public async Task Bytes_saved_over_grpc_stay_as_they_are_and_the_key_gets_the_app_id()
    {
        await Daprd.Grpc.SaveStateAsync(new SaveStateRequest { StoreName = "mystore", States = { new StateItem { Key = "bytes", Value = ByteString.CopyFrom(0, 255, 60, 62) } } });
        Assert.Equal(new byte[] { 0, 255, 60, 62 }, (await Daprd.Grpc.GetStateAsync(new GetStateRequest { StoreName = "mystore", Key = "bytes" })).Data.ToByteArray());
        await Daprd.Grpc.SaveStateAsync(new SaveStateRequest { StoreName = "mystore", States = { new StateItem { Key = "typed", Value = ByteString.CopyFromUtf8("""{ "b":1, "a":"<" }"""), Metadata = { ["contentType"] = "application/json" } } } });
        Assert.Equal("""{"a":"\u003c","b":1}""", (await Daprd.Grpc.GetStateAsync(new GetStateRequest { StoreName = "mystore", Key = "typed" })).Data.ToStringUtf8());
    }

    [Fact]
    public async Task Saves_over_grpc_need_keys_and_may_be_empty()
    {
        await Daprd.Grpc.SaveStateAsync(new SaveStateRequest { StoreName = "mystore" });
        await Daprd.Grpc.SaveStateAsync(new SaveStateRequest { StoreName = "mystore", States = { new StateItem { Key = "key1" } } });
        var (error, status) = await Daprd.Grpc.SaveStateAsync(new SaveStateRequest { StoreName = "mystore", States = { new StateItem { Value = ByteString.CopyFromUtf8("v") } } }).FailsAsync();
        Assert.Equal((StatusCode.InvalidArgument, "state key cannot be empty", "ERR_STATE_SAVE"), (error.StatusCode, error.Status.Detail, status.Info().Reason));
        await Assert.ThrowsAsync<RpcException>(async () => await Daprd.Grpc.SaveStateAsync(new SaveStateRequest()));
    }

    [Fact]
    public async Task A_time_to_live_shows_as_its_end_and_then_the_key_is_gone()
    {
        var before = TimeProvider.System.GetUtcNow();
        await SaveAsync("""[{"key":"ttl","value":"value1","metadata":{"ttlInSeconds":"100"}}]""", "?metadata.ttlInSeconds=10");
        var after = TimeProvider.System.GetUtcNow();
        var answer = await Daprd.GetAsync("/v1.0/state/mystore/ttl");
        Assert.Equal("\"value1\"", answer.Body);
        var end = DateTimeOffset.Parse(answer.Headers["metadata.ttlExpireTime"], CultureInfo.InvariantCulture);
        Assert.InRange(end, before.AddSeconds(9), after.AddSeconds(11));
        Assert.EndsWith("Z", answer.Headers["metadata.ttlExpireTime"], StringComparison.Ordinal);
        Assert.Equal(answer.Headers["metadata.ttlExpireTime"], (await Daprd.Grpc.GetStateAsync(new GetStateRequest { StoreName = "mystore", Key = "ttl" })).Metadata["ttlExpireTime"]);
        await Eventually.TrueAsync(async () => (await Daprd.GetAsync("/v1.0/state/mystore/ttl")).Status == HttpStatusCode.NoContent, () => "the key to expire");
    }

    [Fact]
    public async Task A_time_to_live_that_is_no_number_is_refused()
    {
        var answer = await Daprd.PostAsync("/v1.0/state/mystore", """[{"key":"k","value":1,"metadata":{"ttlInSeconds":"soon"}}]""");
        Assert.Equal((HttpStatusCode.InternalServerError, "ERR_STATE_SAVE"), (answer.Status, answer.Code));
        Assert.Contains("parsing \"soon\": invalid syntax", answer.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Etags_decide_who_may_write_and_delete()
    {
        await SaveAsync("""[{"key":"tag","value":1}]""");
        var etag = (await Daprd.GetAsync("/v1.0/state/mystore/tag")).Headers["ETag"];
        await SaveAsync($$"""[{"key":"tag","value":2,"etag":"{{etag}}"}]""");
        var stale = await Daprd.PostAsync("/v1.0/state/mystore", $$"""[{"key":"tag","value":3,"etag":"{{etag}}"}]""");
        Assert.Equal((HttpStatusCode.Conflict, "ERR_STATE_SAVE"), (stale.Status, stale.Code));
        Assert.StartsWith($"failed saving state in state store mystore: possible etag mismatch. error from state store: state etag not match for key={Daprd.AppId}||tag: current=", stale.Message, StringComparison.Ordinal);
        var first = await Daprd.PostAsync("/v1.0/state/mystore", """[{"key":"tag","value":3,"options":{"concurrency":"first-write"}}]""");
        Assert.Equal("failed saving state in state store mystore: possible etag mismatch. error from state store: item already exists and no etag was passed", first.Message);
        var deleted = await Daprd.SendAsync(HttpMethod.Delete, "/v1.0/state/mystore/tag", null, null, ("If-Match", etag));
        Assert.Equal((HttpStatusCode.Conflict, "ERR_STATE_DELETE"), (deleted.Status, deleted.Code));
        var (error, status) = await Daprd.Grpc.DeleteStateAsync(new DeleteStateRequest { StoreName = "mystore", Key = "tag", Etag = new Etag { Value = etag } }).FailsAsync();
        Assert.Equal((StatusCode.Aborted, "ERR_STATE_DELETE"), (error.StatusCode, status.Info().Reason));
        Assert.Equal("2", (await Daprd.GetAsync("/v1.0/state/mystore/tag")).Body);
    }

    [Theory]
    [InlineData("""{"concurrency":"sometimes"}""", "unrecognized concurrency model 'sometimes'")]
    [InlineData("""{"consistency":"maybe"}""", "unrecognized consistency model 'maybe'")]
    public async Task Unknown_options_are_refused(string options, string cause)
    {
        var answer = await Daprd.PostAsync("/v1.0/state/mystore", $$"""[{"key":"k","value":1,"options":{{options}}}]""");
        Assert.Equal((HttpStatusCode.InternalServerError, $"failed saving state in state store mystore: {cause}"), (answer.Status, answer.Message));
    }

    [Fact]
    public async Task Several_items_are_all_tried_and_a_conflict_is_told_for_each()
    {
        await SaveAsync("""[{"key":"m1","value":1},{"key":"m2","value":1}]""");
        var answer = await Daprd.PostAsync("/v1.0/state/mystore", """[{"key":"m1","value":2,"etag":"0"},{"key":"m3","value":2},{"key":"m2","value":2,"etag":"0"}]""");
        Assert.Equal(HttpStatusCode.Conflict, answer.Status);
        Assert.Equal(3, answer.Message.Split("possible etag mismatch").Length - 1);
        Assert.Equal("2", (await Daprd.GetAsync("/v1.0/state/mystore/m3")).Body);
    }

    [Fact]
    public async Task A_bulk_read_answers_in_order_with_the_key_alone_where_there_is_nothing()
    {
        await SaveAsync("""[{"key":"b1","value":{"a":1}},{"key":"b2","value":"x","metadata":{"ttlInSeconds":"100"}}]""");
        var answer = await Daprd.PostAsync("/v1.0/state/mystore/bulk", """{"keys":["b2","none","b1"],"parallelism":2}""");
        var items = answer.Json.EnumerateArray().ToArray();
        Assert.Equal(["b2", "none", "b1"], items.Select(item => item.GetProperty("key").GetString()));
        Assert.Equal("x", items[0].GetProperty("data").GetString());
        Assert.True(items[0].GetProperty("metadata").TryGetProperty("ttlExpireTime", out _));
        Assert.Single(items[1].EnumerateObject());
        Assert.True(items[2].TryGetProperty("etag", out _));
        Assert.Equal("[]", (await Daprd.PostAsync("/v1.0/state/mystore/bulk", "{}")).Body);
        var bulk = await Daprd.Grpc.GetBulkStateAsync(new GetBulkStateRequest { StoreName = "mystore", Keys = { "none", "b1" } });
        Assert.Equal(["none", "b1"], bulk.Items.Select(item => item.Key));
        Assert.Equal("""{"a":1}""", bulk.Items[1].Data.ToStringUtf8());
    }

    [Fact]
    public async Task A_bulk_deletion_over_grpc_removes_all_keys()
    {
        await SaveAsync("""[{"key":"d1","value":1},{"key":"d2","value":1}]""");
        await Daprd.Grpc.DeleteBulkStateAsync(new DeleteBulkStateRequest { StoreName = "mystore", States = { new StateItem { Key = "d1" }, new StateItem { Key = "d2" } } });
        Assert.Equal(HttpStatusCode.NoContent, (await Daprd.GetAsync("/v1.0/state/mystore/d1")).Status);
        Assert.Equal(HttpStatusCode.NoContent, (await Daprd.GetAsync("/v1.0/state/mystore/d2")).Status);
    }

    [Fact]
    public async Task A_transaction_does_all_or_nothing()
    {
        Assert.Equal(HttpStatusCode.NoContent, (await Daprd.PostAsync("/v1.0/state/mystore/transaction", """{"operations":[]}""")).Status);
        await SaveAsync("""[{"key":"t1","value":1}]""");
        var done = await Daprd.PostAsync("/v1.0/state/mystore/transaction", """{"operations":[{"operation":"upsert","request":{"key":"t2","value":{"a":1}}},{"operation":"delete","request":{"key":"t1"}}]}""");
        Assert.Equal((HttpStatusCode.NoContent, ""), (done.Status, done.Body));
        Assert.Equal("""{"a":1}""", (await Daprd.GetAsync("/v1.0/state/mystore/t2")).Body);
        var refused = await Daprd.PostAsync("/v1.0/state/mystore/transaction", """{"operations":[{"operation":"upsert","request":{"key":"t3","value":1}},{"operation":"delete","request":{"key":"t2","etag":"0"}}]}""");
        Assert.Equal((HttpStatusCode.InternalServerError, "ERR_STATE_TRANSACTION"), (refused.Status, refused.Code));
        Assert.StartsWith("error while executing state transaction: possible etag mismatch. error from state store: state etag not match", refused.Message, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.NoContent, (await Daprd.GetAsync("/v1.0/state/mystore/t3")).Status);
    }

    [Theory]
    [InlineData("/v1.0/state/mystore/a+b%2Fc", "a b/c")]
    [InlineData("/v1.0//state///mystore/%E4%B8%AD/", "中")]
    public async Task Keys_of_a_path_are_unescaped_by_query_rules(string path, string key)
    {
        await SaveAsync(JsonSerializer.Serialize(new[] { new { key, value = "found" } }));
        Assert.Equal("\"found\"", (await Daprd.GetAsync(path)).Body);
    }

    [Fact]
    public async Task Four_hundred_reads_of_ten_thousand_keys_do_not_make_the_process_grow()
    {
        await using var daprd = await Daprd.StartAsync(new DaprdSetup { Resources = [Manifests.InMemoryState("mystore")] });
        var body = $$"""{"keys": [{{string.Join(", ", Enumerable.Range(0, 10_000).Select(n => $"\"key{n}\""))}}]}""";
        var before = await MemoryAsync(daprd);
        for (var i = 0; i < 400; i++)
            Assert.Equal(HttpStatusCode.OK, (await daprd.PostAsync("/v1.0/state/mystore/bulk", body)).Status);
        double after = 0;
        await Eventually.TrueAsync(async () => (after = await MemoryAsync(daprd)) - before < 50, () => $"growth below 50 MiB; found {before:F0} to {after:F0}");
    }

    private static async Task<double> MemoryAsync(Daprd daprd) =>
        (await daprd.MetricsAsync()).Single(pair => pair.Key.StartsWith("process_resident_memory_bytes", StringComparison.Ordinal)).Value / (1024 * 1024);

    private async Task SaveAsync(string body, string query = "")
    {
        var answer = await Daprd.PostAsync($"/v1.0/state/mystore{query}", body);
        Assert.True(answer.Status == HttpStatusCode.NoContent, answer.Body);
    }

    /// <summary>One sidecar for all.</summary>
    public sealed class Sidecar : IAsyncLifetime
    {
        internal Daprd Daprd { get; private set; } = null!;

        public async ValueTask InitializeAsync() => Daprd = await Daprd.StartAsync(new DaprdSetup { Resources = [Manifests.InMemoryState("mystore", ("actorStateStore", "true"))] });

        public ValueTask DisposeAsync() => Daprd.DisposeAsync();
    }
}
