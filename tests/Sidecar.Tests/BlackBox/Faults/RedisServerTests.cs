using System.Diagnostics;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Dapr.Client.Autogen.Grpc.v1;
using Google.Protobuf;
using Grpc.Core;
using RealTimeMesh.Redis.Tests;

namespace RealTimeMesh.Sidecar.Tests.BlackBox.Faults;

/// <summary>redis-server is killed beneath a running sidecar and started again on its port and files.</summary>
public sealed class RedisServerTests
{
    [Theory(Timeout = 600_000)]
    [InlineData(11)]
    public async Task Broker_killed_and_started_again_loses_no_acknowledged_event_and_keeps_the_order_of_keys(int seed)
    {
        await using var redis = await StartRedisAsync();
        var ledger = new DeliveryLedger();
        await using var app = await LedgerApp.StartAsync(ledger);
        await using var daprd = await Daprd.StartAsync(new DaprdSetup
        {
            AppPort = app.Port,
            Resources = [Manifests.Component(FaultRun.PubSub, "pubsub.redis", ("redisHost", redis.Address), ("processingTimeout", "2s"), ("redeliverInterval", "200ms"))],
        });
        await new FaultRun { Daprd = daprd, Ledger = ledger, Seed = seed }.RunAsync(redis.KillAsync, redis.StartAsync);
    }

    [Fact(Timeout = 600_000)]
    public async Task State_gives_errors_while_its_server_is_gone_and_works_again_by_itself()
    {
        await using var redis = await StartRedisAsync();
        await using var daprd = await Daprd.StartAsync(new DaprdSetup
        {
            Resources = [Manifests.Component("ss", "state.redis", ("redisHost", redis.Address), ("readTimeout", "1s"), ("writeTimeout", "1s"), ("dialTimeout", "1s"))],
        });
        using (var saved = await daprd.Http.PostAsJsonAsync("/v1.0/state/ss", new[] { new { key = "k", value = "kept" } }))
            Assert.Equal(HttpStatusCode.NoContent, saved.StatusCode);
        await redis.KillAsync();

        var get = await ErrorAsync(() => daprd.Http.GetAsync("/v1.0/state/ss/k"), "ERR_STATE_GET");
        Assert.StartsWith("fail to get k from state store ss: ", get, StringComparison.Ordinal);
        var save = await ErrorAsync(() => daprd.Http.PostAsJsonAsync("/v1.0/state/ss", new[] { new { key = "k", value = "lost" } }), "ERR_STATE_SAVE");
        Assert.StartsWith("failed saving state in state store ss: ", save, StringComparison.Ordinal);
        var delete = await ErrorAsync(() => daprd.Http.DeleteAsync("/v1.0/state/ss/k"), "ERR_STATE_DELETE");
        Assert.StartsWith("failed deleting state with key k: ", delete, StringComparison.Ordinal);
        await ErrorAsync(() => daprd.Http.PostAsJsonAsync("/v1.0/state/ss/transaction", new { operations = new[] { new { operation = "upsert", request = new { key = "k", value = "lost" } } } }), "ERR_STATE_TRANSACTION");
        Assert.Equal(StatusCode.Internal, (await Assert.ThrowsAsync<RpcException>(async () => await daprd.Grpc.GetStateAsync(new GetStateRequest { StoreName = "ss", Key = "k" }))).StatusCode);
        var item = new StateItem { Key = "k", Value = ByteString.CopyFromUtf8("lost") };
        Assert.Equal(StatusCode.Internal, (await Assert.ThrowsAsync<RpcException>(async () => await daprd.Grpc.SaveStateAsync(new SaveStateRequest { StoreName = "ss", States = { item } }))).StatusCode);
        using (var health = await daprd.Http.GetAsync("/v1.0/healthz"))
            Assert.Equal(HttpStatusCode.NoContent, health.StatusCode);

        await redis.StartAsync();
        var clock = Stopwatch.StartNew();
        await Eventually.TrueAsync(
            async () =>
            {
                using var response = await daprd.Http.GetAsync("/v1.0/state/ss/k");
                return response.StatusCode == HttpStatusCode.OK && await response.Content.ReadAsStringAsync() == "\"kept\"";
            },
            () => daprd.Log);
        TestContext.Current.TestOutputHelper!.WriteLine($"state came back {clock.ElapsedMilliseconds} ms after its server");
    }

    private static async Task<string> ErrorAsync(Func<Task<HttpResponseMessage>> call, string code)
    {
        var clock = Stopwatch.StartNew();
        using var response = await call();
        var body = await response.Content.ReadAsStringAsync();
        Assert.True(response.StatusCode == HttpStatusCode.InternalServerError, body);
        Assert.Equal("application/json", response.Content.Headers.ContentType?.ToString());
        var error = JsonDocument.Parse(body).RootElement;
        Assert.Equal(code, error.GetProperty("errorCode").GetString());
        Assert.False(error.TryGetProperty("details", out _));
        TestContext.Current.TestOutputHelper!.WriteLine($"{code} after {clock.ElapsedMilliseconds} ms: {body}");
        return error.GetProperty("message").GetString()!;
    }

    private static async Task<RedisProcess> StartRedisAsync()
    {
        // Written through to the disk before it is acknowledged: else the broker itself would lose messages.
        var (server, absent) = await RedisProcess.TryStartAsync("--appendonly", "yes", "--appendfsync", "always");
        Assert.SkipWhen(server is null, absent ?? "");
        return server!;
    }
}
