using Google.Protobuf;
using Grpc.Core;
using Grpc.Net.Client;
using RealTimeMesh.Ingestion.Grpc.V1;
using IngestionClient = RealTimeMesh.Ingestion.Grpc.V1.Ingestion.IngestionClient;

namespace RealTimeMesh.Ingestion.Tests;

/// <summary>What a call brings besides its events: tenants, packing, deadlines, the end of its sender.</summary>
public sealed class GrpcCallTests
{
    private static PublishBatchRequest Batch(int count) => new() { Stream = Samples.Topic, Events = { Enumerable.Range(0, count).Select(i => new Event { Payload = ByteString.CopyFromUtf8(Samples.Good(i)) }) } };

    [Fact]
    public async Task A_tenant_beyond_its_rate_is_told_when_to_come_again_and_the_others_are_not()
    {
        var file = Path.GetTempFileName();
        try
        {
            await File.WriteAllTextAsync(file, """{"tenants":{"small":{"events_per_second":0.1,"burst_seconds":100}}}""");
            await using var app = await TestIngestion.StartAsync(args: [$"--MESH_INGEST_LIMITS={file}"]);
            using var channel = GrpcChannel.ForAddress(app.App.Urls.First());
            var client = new IngestionClient(channel);
            Metadata small = new() { { "x-tenant-key", "small" } };
            Assert.Equal(10, (await client.PublishBatchAsync(Batch(10), small)).Accepted);
            var refused = await Assert.ThrowsAsync<RpcException>(async () => await client.PublishBatchAsync(Batch(10), small));
            Assert.Equal(StatusCode.ResourceExhausted, refused.StatusCode);
            Assert.Contains("tenant 'small'", refused.Status.Detail, StringComparison.Ordinal);
            Assert.InRange(int.Parse(refused.Trailers.GetValue("grpc-retry-pushback-ms")!), 1, 100_000);
            Assert.Equal(1_000, (await client.PublishBatchAsync(Batch(1_000), new Metadata { { "x-tenant-key", "large" } })).Accepted);
            Assert.Equal(1_010, app.Log.Count(Samples.Topic));
        }
        finally
        {
            File.Delete(file);
        }
    }

    [Fact]
    public async Task Packed_calls_are_taken_and_what_is_packed_in_an_unknown_way_is_refused()
    {
        await using var app = await TestIngestion.StartAsync();
        using var channel = GrpcChannel.ForAddress(app.App.Urls.First());
        Assert.Equal(500, (await new IngestionClient(channel).PublishBatchAsync(Batch(500), new Metadata { { "grpc-internal-encoding-request", "gzip" } })).Accepted);
        using var call = new IngestionClient(channel).Publish(new Metadata { { "grpc-internal-encoding-request", "gzip" } });
        await call.RequestStream.WriteAsync(new PublishRequest { Open = new Open { Stream = Samples.Topic }, Events = { Batch(700).Events } });
        await call.RequestStream.CompleteAsync();
        var accepted = 0;
        while (await call.ResponseStream.MoveNext(default))
            accepted += call.ResponseStream.Current.Acknowledged?.Accepted ?? 0;
        Assert.Equal((700, 1_200), (accepted, app.Log.Count(Samples.Topic)));
    }

    [Fact]
    public async Task A_call_whose_deadline_passes_or_whose_sender_leaves_is_counted_all_the_same()
    {
        var (blocked, release) = (new SemaphoreSlim(0), new TaskCompletionSource<IReadOnlyList<int>>());
        await using var app = await TestIngestion.StartAsync(log: new MemoryLog
        {
            OnPublish = (_, _) =>
            {
                blocked.Release();
                return release.Task;
            },
        });
        using var channel = GrpcChannel.ForAddress(app.App.Urls.First());
        var client = new IngestionClient(channel);
        using var leaving = new CancellationTokenSource();
        var left = client.PublishBatchAsync(Batch(3), cancellationToken: leaving.Token).ResponseAsync;
        Assert.True(await blocked.WaitAsync(TimeSpan.FromSeconds(60)));
        var late = await Assert.ThrowsAsync<RpcException>(async () => await client.PublishBatchAsync(Batch(4), deadline: TimeProvider.System.GetUtcNow().UtcDateTime.AddSeconds(2)));
        Assert.Equal(StatusCode.DeadlineExceeded, late.StatusCode);
        await leaving.CancelAsync();
        Assert.Equal(StatusCode.Cancelled, (await Assert.ThrowsAsync<RpcException>(() => left)).StatusCode);
        release.SetResult([]);
        // What reached the service is stored and counted; whether the late call did, its sender can't know.
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        while ((await app.LedgerAsync()).GetProperty("accepted").GetInt32() != app.Log.Count(Samples.Topic) || app.Log.Count(Samples.Topic) < 3)
            await Task.Delay(TimeSpan.FromMilliseconds(10), TimeProvider.System, limit.Token);
        Assert.Contains(app.Log.Count(Samples.Topic), (int[])[3, 7]);
        Assert.Equal(5, (await client.PublishBatchAsync(Batch(5))).Accepted);
    }
}
