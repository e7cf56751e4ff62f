using System.Net;
using System.Text;
using Google.Protobuf;
using Grpc.Core;
using Grpc.Net.Client;
using Microsoft.Extensions.DependencyInjection;
using RealTimeMesh.Ingestion.Grpc.V1;
using IngestionClient = RealTimeMesh.Ingestion.Grpc.V1.Ingestion.IngestionClient;

namespace RealTimeMesh.Ingestion.Tests;

public sealed class GrpcDoorTests
{
    private static readonly DateTime Limit = DateTime.MaxValue.ToUniversalTime();

    private static GrpcChannel Channel(TestIngestion app) => GrpcChannel.ForAddress(app.App.Urls.First());

    private static Event Json(int i, long? sequence = null)
    {
        var item = new Event { Payload = ByteString.CopyFromUtf8(Samples.Good(i)) };
        if (sequence is { } value)
            item.Sequence = value;
        return item;
    }

    private static async Task<Opened> OpenAsync(AsyncDuplexStreamingCall<PublishRequest, PublishReply> call, string? source = null, string type = "", params Event[] events)
    {
        await call.RequestStream.WriteAsync(new PublishRequest { Open = new Open { Stream = Samples.Topic, Source = source ?? "", ContentType = type }, Events = { events } });
        Assert.True(await call.ResponseStream.MoveNext(default));
        return call.ResponseStream.Current.Opened;
    }

    /// <summary>Acknowledgements up to a position, added up.</summary>
    private static async Task<Acknowledged> UntilAsync(AsyncDuplexStreamingCall<PublishRequest, PublishReply> call, long position)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        var sum = new Acknowledged();
        while (sum.Position < position)
        {
            Assert.True(await call.ResponseStream.MoveNext(limit.Token));
            var next = call.ResponseStream.Current.Acknowledged;
            (sum.Position, sum.LastSequence) = (next.Position, next.LastSequence);
            sum.Accepted += next.Accepted;
            sum.Rejected += next.Rejected;
            sum.Skipped += next.Skipped;
            sum.Rejections.AddRange(next.Rejections);
        }

        return sum;
    }

    private static async Task<RpcException> FaultAsync(Func<Task> act) => await Assert.ThrowsAsync<RpcException>(act);

    [Fact]
    public async Task HTTP_1_and_HTTP_2_without_TLS_are_served_on_one_port()
    {
        await using var app = await TestIngestion.StartAsync();
        Assert.Equal(HttpStatusCode.Accepted, (await app.PostAsync(Samples.Good(1))).StatusCode);
        using var client = new HttpClient { BaseAddress = app.Client.BaseAddress, DefaultRequestVersion = HttpVersion.Version20, DefaultVersionPolicy = HttpVersionPolicy.RequestVersionExact };
        var many = await Task.WhenAll(Enumerable.Range(0, 50).Select(i => client.PostAsync($"/v1/streams/{Samples.Topic}/events", new StringContent(Samples.Good(i), Encoding.UTF8, "application/json"))));
        Assert.All(many, response => Assert.Equal((HttpStatusCode.Accepted, HttpVersion.Version20), (response.StatusCode, response.Version)));
        Assert.Equal(51, app.Log.Count(Samples.Topic));
    }

    [Fact]
    public async Task A_batch_is_stored_or_rejected_event_by_event_when_the_call_returns()
    {
        await using var app = await TestIngestion.StartAsync();
        using var channel = Channel(app);
        var reply = await new IngestionClient(channel).PublishBatchAsync(new PublishBatchRequest
        {
            Stream = Samples.Topic,
            Events = { Json(1), new Event { Payload = ByteString.CopyFromUtf8("{\"place\":5}") }, new Event { Payload = Json(2).Payload, Id = "mine" } },
        });
        Assert.Equal((2, 1, 1L, "type", "place"), (reply.Accepted, reply.Rejected, reply.Rejections[0].Position, reply.Rejections[0].Rule, reply.Rejections[0].Field));
        Assert.Equal("mine", app.Log.Read(Samples.Topic)[1].Id);
        Assert.Single(app.Log.Read("test.visits.dlq"));
    }

    [Fact]
    public async Task A_stream_acknowledges_each_event_once_it_is_stored()
    {
        await using var app = await TestIngestion.StartAsync();
        using var channel = Channel(app);
        using var call = new IngestionClient(channel).Publish();
        var opened = await OpenAsync(call, events: Json(0));
        Assert.Equal((-1L, true), (opened.LastSequence, opened.WindowEvents > 0));
        Assert.Equal(1, (await UntilAsync(call, 1)).Accepted);
        Assert.Equal(1, app.Log.Count(Samples.Topic));
        for (var i = 1; i < 6_000; i += 100)
            await call.RequestStream.WriteAsync(new PublishRequest { Events = { Enumerable.Range(i, 100).Select(item => item == 777 ? new Event { Payload = ByteString.CopyFromUtf8("no") } : Json(item)) } });
        await call.RequestStream.CompleteAsync();
        var sum = await UntilAsync(call, 6_001);
        Assert.Equal((5_999, 1, 777L, -1L), (sum.Accepted, sum.Rejected, sum.Rejections.Single().Position, sum.Rejections.Single().Sequence));
        Assert.False(await call.ResponseStream.MoveNext(default));
        Assert.Equal(6_001, (await app.LedgerAsync()).GetProperty("acked").GetInt32());
        Assert.Equal(Enumerable.Range(0, 6_001).Where(i => i != 777), MemoryLog.Rows(app.Log.Read(Samples.Topic), Samples.Contract).Select(row => int.Parse(row.Split('|')[1])));
    }

    [Fact]
    public async Task One_large_request_is_taken_in_batches()
    {
        await using var app = await TestIngestion.StartAsync();
        using var channel = Channel(app);
        using var call = new IngestionClient(channel).Publish();
        await OpenAsync(call, events: [.. Enumerable.Range(0, 20_000).Select(i => Json(i))]);
        Assert.Equal(20_000, (await UntilAsync(call, 20_000)).Accepted);
    }

    [Fact]
    public async Task A_sender_that_comes_back_learns_how_far_it_was_and_nothing_has_its_effect_twice()
    {
        var records = new MemoryRecords();
        var log = new MemoryLog();
        await using (var app = await TestIngestion.StartAsync(log: log, records: records))
        {
            using var channel = Channel(app);
            using var call = new IngestionClient(channel).Publish();
            Assert.Equal(-1, (await OpenAsync(call, "meter/1", events: [Json(0, 10), Json(1, 20)])).LastSequence);
            Assert.Equal((2, 20L), (await UntilAsync(call, 2) is var first ? first.Accepted : 0, first.LastSequence));
            // Stored, but neither counted nor remembered when the service goes down.
            records.OnWrite = _ => false;
            await call.RequestStream.WriteAsync(new PublishRequest { Events = { Json(2, 21), new Event { Payload = ByteString.CopyFromUtf8("no"), Sequence = 22 } } });
            await UntilAsync(call, 4);
            records.OnWrite = null;
        }

        await using var again = await TestIngestion.StartAsync(log: log, records: records);
        using var back = Channel(again);
        using var resumed = new IngestionClient(back).Publish();
        Assert.Equal(20, (await OpenAsync(resumed, "meter/1", events: [Json(1, 20), Json(2, 21), new Event { Payload = ByteString.CopyFromUtf8("no"), Sequence = 22 }, Json(3, 30)])).LastSequence);
        var sum = await UntilAsync(resumed, 4);
        Assert.Equal((2, 1, 1, 30L, 22L), (sum.Accepted, sum.Rejected, sum.Skipped, sum.LastSequence, sum.Rejections.Single().Sequence));
        Assert.Equal([10, 20, 21, 30], log.ReadOnce(Samples.Topic).Select(item => item.Sequence));
        Assert.Equal([22], log.ReadOnce("test.visits.dlq").Select(item => item.Sequence));
        Assert.Equal(("/grpc/meter/1", "/grpc/meter/1#30"), (log.Read(Samples.Topic)[^1].Source, log.Read(Samples.Topic)[^1].Id));
        Assert.Equal(5, (await again.LedgerAsync()).GetProperty("acked").GetInt32());
    }

    [Fact]
    public async Task A_later_call_of_a_source_ends_the_earlier_one()
    {
        await using var app = await TestIngestion.StartAsync();
        using var channel = Channel(app);
        using var first = new IngestionClient(channel).Publish();
        await OpenAsync(first, "s", events: Json(0, 0));
        await UntilAsync(first, 1);
        using var second = new IngestionClient(channel).Publish();
        Assert.Equal(0, (await OpenAsync(second, "s")).LastSequence);
        Assert.Equal(StatusCode.Aborted, (await FaultAsync(() => first.ResponseStream.MoveNext(default))).StatusCode);
        await second.RequestStream.WriteAsync(new PublishRequest { Events = { Json(1, 1) } });
        Assert.Equal(1, (await UntilAsync(second, 1)).LastSequence);
    }

    [Fact]
    public async Task What_the_log_does_not_store_is_not_acknowledged_and_can_be_sent_again()
    {
        var failing = true;
        var log = new MemoryLog { OnPublish = (_, _) => failing ? throw new RpcException(new Status(StatusCode.ResourceExhausted, "full")) : Task.FromResult<IReadOnlyList<int>>([]) };
        await using var app = await TestIngestion.StartAsync(log: log);
        using var channel = Channel(app);
        foreach (var source in (string[])["", "s"])
        {
            failing = true;
            using var call = new IngestionClient(channel).Publish();
            await OpenAsync(call, source, events: source.Length > 0 ? Json(1, 1) : Json(1));
            var fault = await FaultAsync(() => call.ResponseStream.MoveNext(default));
            Assert.Equal(StatusCode.ResourceExhausted, fault.StatusCode);
            Assert.NotNull(fault.Trailers.GetValue("grpc-retry-pushback-ms"));
            failing = false;
            using var again = new IngestionClient(channel).Publish();
            Assert.Equal(-1, (await OpenAsync(again, source, events: source.Length > 0 ? Json(1, 1) : Json(1))).LastSequence);
            Assert.Equal(1, (await UntilAsync(again, 1)).Accepted);
        }

        Assert.Equal(2, (await app.LedgerAsync()).GetProperty("acked").GetInt32());
    }

    [Fact]
    public async Task A_call_that_failed_while_it_was_read_leaves_its_connection_to_the_next_one()
    {
        var failing = false;
        var log = new MemoryLog { OnPublish = (_, _) => failing ? throw new RpcException(new Status(StatusCode.ResourceExhausted, "full")) : Task.FromResult<IReadOnlyList<int>>([]) };
        await using var app = await TestIngestion.StartAsync(log: log);
        using var channel = Channel(app);
        for (var i = 0; i < 60; i++)
        {
            failing = true;
            using (var call = new IngestionClient(channel).Publish())
            {
                await OpenAsync(call, events: Json(i));
                Assert.Equal(StatusCode.ResourceExhausted, (await FaultAsync(() => call.ResponseStream.MoveNext(default))).StatusCode);
            }

            failing = false;
            using var next = new IngestionClient(channel).Publish();
            await OpenAsync(next, events: Json(i));
            Assert.Equal(1, (await UntilAsync(next, 1)).Accepted);
        }
    }

    [Fact]
    public async Task A_sender_that_does_not_stop_is_not_read_on_while_nothing_is_stored()
    {
        var gate = new TaskCompletionSource();
        var log = new MemoryLog { OnPublish = async (_, _) => { await gate.Task; return []; } };
        await using var app = await TestIngestion.StartAsync(log: log);
        using var channel = Channel(app);
        using var call = new IngestionClient(channel).Publish();
        await OpenAsync(call);
        var text = ByteString.CopyFromUtf8(Samples.Good(1).PadRight(100_000));
        var written = 1;
        Task write;
        while (true)
        {
            write = call.RequestStream.WriteAsync(new PublishRequest { Events = { new Event { Payload = text } } });
            if (await Task.WhenAny(write, Task.Delay(TimeSpan.FromSeconds(1), TimeProvider.System)) != write)
                break;
            Assert.True(++written < 1_000, "100 MB were read without anything being stored");
        }

        gate.SetResult();
        await write;
        Assert.Equal(written, (await UntilAsync(call, written)).Accepted);
    }

    [Fact]
    public async Task Payloads_are_Avro_and_Protobuf_as_well_and_a_registry_that_is_down_ends_the_call()
    {
        var registry = new FakeRegistry().Add(AvroBodies.OldId, "test.visits-value", AvroBodies.OldSchema);
        await using var app = await TestIngestion.StartAsync(configure: services => services.AddSingleton(_ => registry.Client()));
        using var channel = Channel(app);
        using var call = new IngestionClient(channel).Publish(deadline: Limit);
        await OpenAsync(call, null, "application/avro", new Event { Payload = ByteString.CopyFrom(AvroBodies.Framed(1)) }, new Event { Payload = ByteString.CopyFrom(AvroBodies.SingleObject(2)) });
        Assert.Equal(2, (await UntilAsync(call, 2)).Accepted);
        registry.Down = true;
        await call.RequestStream.WriteAsync(new PublishRequest { Events = { new Event { Payload = ByteString.CopyFrom(AvroBodies.Framed(3, 99)) } } });
        Assert.Equal(StatusCode.Unavailable, (await FaultAsync(() => call.ResponseStream.MoveNext(default))).StatusCode);
        Assert.Equal(2, app.Log.Count(Samples.Topic));
    }

    [Theory]
    [InlineData("test.nothing", "", "", false, StatusCode.NotFound, "test.visits")]
    [InlineData(Samples.Topic, "a b", "", false, StatusCode.InvalidArgument, "source")]
    [InlineData(Samples.Topic, "", "text/plain", false, StatusCode.InvalidArgument, "content_type")]
    [InlineData(Samples.Topic, "s", "", false, StatusCode.InvalidArgument, "no sequence")]
    [InlineData(Samples.Topic, "", "", true, StatusCode.InvalidArgument, "found a sequence")]
    public async Task Calls_that_make_no_sense_are_told_why(string stream, string source, string type, bool sequence, StatusCode status, string text)
    {
        await using var app = await TestIngestion.StartAsync();
        using var channel = Channel(app);
        using var call = new IngestionClient(channel).Publish();
        await call.RequestStream.WriteAsync(new PublishRequest { Open = new Open { Stream = stream, Source = source, ContentType = type }, Events = { Json(1, sequence ? 1 : null) } });
        var fault = await FaultAsync(async () =>
        {
            while (await call.ResponseStream.MoveNext(default))
            {
            }
        });
        Assert.Equal(status, fault.StatusCode);
        Assert.Contains(text, fault.Status.Detail);
    }

    [Fact]
    public async Task A_call_that_is_cancelled_leaves_its_source_free()
    {
        await using var app = await TestIngestion.StartAsync();
        using var channel = Channel(app);
        for (var i = 0; i < 20; i++)
        {
            using var call = new IngestionClient(channel).Publish();
            Assert.Equal(i - 1, (await OpenAsync(call, "s", events: Json(i, i))).LastSequence);
            await UntilAsync(call, 1);
        }

        Assert.Equal(20, (await app.LedgerAsync()).GetProperty("acked").GetInt32());
    }
}
