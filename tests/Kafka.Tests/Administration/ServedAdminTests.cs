using Microsoft.Extensions.Time.Testing;
using RealTimeMesh.Components;
using RealTimeMesh.Testing;
using RealTimeMesh.Testing.KafkaProtocol;

namespace RealTimeMesh.Kafka.Tests;

/// <summary>Administration over a broker that answers every request of it.</summary>
public sealed class ServedAdminTests : AdminComplianceSuite
{
    private readonly List<KafkaTestBroker> _servers = [];

    [Fact]
    public async Task Keys_that_are_no_text_tombstones_and_headers_are_kept_byte_for_byte()
    {
        var (_, admin) = await StartAsync(1);
        byte[] key = [0, 255, 128, 7];
        await admin.AppendAsync("raw", [new StoredRecord(0, 0, key, null, MessageHeaders.From([new("h", "v")])), new StoredRecord(0, 0, null, "null"u8.ToArray(), default)], default);
        var found = new List<StoredRecord>();
        await foreach (var page in admin.ReadAsync(new RecordRange("raw", 0, 0, long.MaxValue), default))
            found.AddRange(page.Records);
        Assert.Equal(key, found[0].Key!.Value.ToArray());
        Assert.Null(found[0].Value);
        Assert.Equal("v", found[0].Headers.Find("h"));
        Assert.Null(found[1].Key);
        Assert.Equal("null"u8.ToArray(), found[1].Value!.Value.ToArray());
    }

    [Fact]
    public async Task The_first_unread_record_tells_its_age_in_every_partition_at_once()
    {
        var time = new FakeTimeProvider(new DateTimeOffset(2026, 11, 23, 12, 0, 0, TimeSpan.Zero));
        var (broker, admin) = await StartAsync(4, time);
        for (var n = 0; n < 3; n++)
        {
            await PublishAsync(broker, "t", Enumerable.Range(0, 40).Select(i => ($"k{i}", $"{n}")));
            time.Advance(TimeSpan.FromMinutes(1));
        }

        var ends = (await admin.DescribeTopicsAsync(["t"], default))[0].Partitions;
        var stamps = await admin.GetTimestampsAsync([.. ends.Select(end => new GroupPosition("t", end.Index, end.High / 3)), new GroupPosition("t", 0, ends[0].High), new GroupPosition("t", 0, 0)], default);
        var minute = new DateTimeOffset(2026, 11, 23, 12, 1, 0, TimeSpan.Zero).ToUnixTimeMilliseconds();
        Assert.Equal([minute, minute, minute, minute, null, minute - 60_000], stamps);
    }

    protected override Task<IPubSubBroker> StartBrokerAsync(int partitions, TimeProvider time)
    {
        _servers.Add(new KafkaTestBroker(new KafkaTestBrokerOptions { Partitions = partitions }));
        return Brokers.StartAsync(_servers[^1].Bootstraps, new OutputLogs(), time);
    }

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        foreach (var server in _servers)
            await server.DisposeAsync();
    }
}
