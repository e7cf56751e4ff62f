using System.Text;
using Dapr.Client;
using Grpc.Core;
using Grpc.Net.Client;
using Microsoft.Extensions.DependencyInjection;
using RealTimeMesh.Components;
using RealTimeMesh.Ingestion.Keys;
using RealTimeMesh.Ingestion.Streams;
using RealTimeMesh.Redis;
using RealTimeMesh.Redis.Tests;
using RealTimeMesh.Sidecar;
using DaprGrpc = Dapr.Client.Autogen.Grpc.v1.Dapr.DaprClient;

namespace RealTimeMesh.Ingestion.Tests;

/// <summary>Records of keys through a sidecar, in memory and in a real Redis.</summary>
public sealed class KeyStoreTests
{
    private static readonly TimeSpan Day = TimeSpan.FromDays(1);

    [Theory]
    [InlineData("memory")]
    [InlineData("redis")]
    public async Task Of_two_that_write_a_record_one_is_told_that_it_was_late(string kind)
    {
        var (redis, absent) = kind == "redis" ? await RedisProcess.TryStartAsync("--appendonly", "no") : (null, null);
        Assert.SkipWhen(absent is not null, absent ?? "");
        try
        {
            await UseAsync(redis, async (store, records) =>
            {
                Assert.Null(await store.ReadAsync("k", default));
                var created = await Task.WhenAll(Enumerable.Range(0, 10).Select(i => store.TryWriteAsync("k", Encoding.UTF8.GetBytes($"{{\"i\":{i}}}"), null, Day, default)));
                Assert.Single(created, true);
                var first = await store.ReadAsync("k", default) ?? throw new InvalidOperationException("nothing was written");
                Assert.Equal($"{{\"i\":{Array.IndexOf(created, true)}}}", Encoding.UTF8.GetString(first.Json.Span));

                var replaced = await Task.WhenAll(Enumerable.Range(0, 10).Select(i => store.TryWriteAsync("k", "{\"i\":-1}"u8.ToArray(), first.Tag, Day, default)));
                Assert.Single(replaced, true);
                Assert.False(await store.TryWriteAsync("k", "{}"u8.ToArray(), first.Tag, Day, default));
                Assert.False(await store.TryWriteAsync("k", "{}"u8.ToArray(), null, Day, default));

                // With what is counted, whatever version is there.
                await records.WriteAsync([new RecordWrite("k", "{\"i\":-2}"u8.ToArray(), Day, IsVersioned: true), new RecordWrite("n", "1"u8.ToArray())], default);
                await records.WriteAsync([new RecordWrite("k", "{\"i\":-3}"u8.ToArray(), Day, IsVersioned: true), new RecordWrite("n", "2"u8.ToArray()), new RecordWrite("new", "3"u8.ToArray(), Day, IsVersioned: true)], default);
                Assert.Equal("{\"i\":-3}", Encoding.UTF8.GetString((await store.ReadAsync("k", default))!.Value.Json.Span));
                Assert.Equal("23", Encoding.UTF8.GetString((await records.ReadAsync("n", default)).Span) + Encoding.UTF8.GetString((await records.ReadAsync("new", default)).Span));
                await store.DeleteAsync("k", default);
                Assert.Null(await store.ReadAsync("k", default));
                Assert.True(await store.TryWriteAsync("k", "{}"u8.ToArray(), null, null, default));
            });
        }
        finally
        {
            if (redis is not null)
                await redis.DisposeAsync();
        }
    }

    [Fact]
    public async Task Records_vanish_from_Redis_when_their_life_is_over_and_without_Redis_nothing_is_said()
    {
        var (redis, absent) = await RedisProcess.TryStartAsync("--appendonly", "no");
        Assert.SkipWhen(redis is null, absent ?? "");
        await using var server = redis!;
        await UseAsync(server, async (store, _) =>
        {
            Assert.True(await store.TryWriteAsync("short", "{}"u8.ToArray(), null, TimeSpan.FromSeconds(1), default));
            Assert.True(await store.TryWriteAsync("long", "{}"u8.ToArray(), null, null, default));
            using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(120));
            while (await store.ReadAsync("short", default) is not null)
                await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System, limit.Token);
            Assert.NotNull(await store.ReadAsync("long", default));
            await server.KillAsync();
            await Assert.ThrowsAsync<RpcException>(() => store.TryWriteAsync("other", "{}"u8.ToArray(), null, Day, default));
        });
    }

    private static async Task UseAsync(RedisProcess? redis, Func<DaprKeyStore, DaprRecordStore, Task> use)
    {
        var folder = Directory.CreateTempSubdirectory("key-store-").FullName;
        try
        {
            var metadata = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
            if (redis is not null)
                metadata["redisHost"] = redis.Address;
            var spec = new ComponentSpec { Name = "statestore", Type = redis is null ? "state.in-memory" : "state.redis", Metadata = metadata };
            IComponentType type = redis is null ? new InMemoryStateType() : new RedisStateType();
            await using var store = await type.StartAsync(spec, new ComponentContext("ingestion", folder, TimeProvider.System), default);
            await using var sidecar = SidecarApp.Build(new SidecarOptions { AppId = "ingestion", HttpPort = 0, GrpcPort = 0 }, [new SidecarComponent(spec, store)], TimeProvider.System, _ => { });
            await sidecar.StartAsync();
            var address = $"http://127.0.0.1:{sidecar.Services.GetRequiredService<SidecarPorts>().Grpc}";
            using var channel = GrpcChannel.ForAddress(address);
            using var dapr = new DaprClientBuilder().UseGrpcEndpoint(address).Build();
            await use(new DaprKeyStore(new DaprGrpc(channel), "statestore", null), new DaprRecordStore(dapr, "statestore"));
            await sidecar.StopAsync();
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}
