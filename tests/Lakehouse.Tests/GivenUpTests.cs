using System.Net;
using RealTimeMesh.Contracts.DeadLetters;

namespace RealTimeMesh.Lakehouse.Tests;

public sealed class GivenUpTests
{
    private const string DeadLetterTopic = Samples.Topic + ".dlq";

    [Fact]
    public async Task An_event_that_becomes_no_row_is_a_dead_letter_and_quarantined_and_the_others_are_rows()
    {
        await using var lake = await TestLakehouse.StartAsync();
        var bad = new Sent("garbage"u8.ToArray(), "e1", 3, 11);
        Assert.Equal(HttpStatusCode.OK, await lake.DeliverAsync(Samples.Topic, [.. lake.Visits(3, 10, 1), bad, .. lake.Visits(3, 12, 1)]));
        Assert.Equal((2, 0, 1, 0), await lake.LedgerAsync());
        var letter = Assert.Single(lake.Letters.Letters);
        Assert.Equal(("lakehouse", Samples.Topic, 3, 11L), (letter.Record.Origin.Consumer, letter.Record.Origin.Topic, letter.Record.Origin.Partition, letter.Record.Origin.Offset));
        Assert.Equal(("poison", "unreadable"), (letter.Record.Reason.Class, letter.Record.Reason.Rule));
        Assert.Equal(($"lakehouse/{Samples.Topic}/3/11", 11L), (letter.Id, letter.Sequence));
        Assert.Equal("garbage"u8.ToArray(), letter.Record.Original.ToArray());
    }

    [Fact]
    public async Task An_event_whose_dead_letter_cannot_be_stored_is_not_acknowledged_and_comes_again()
    {
        await using var lake = await TestLakehouse.StartAsync();
        lake.Letters.Fault = new IOException("the broker is down");
        Sent[] events = [new("garbage"u8.ToArray(), "e1", 0, 0), .. lake.Visits(0, 1, 3)];
        Assert.Equal(HttpStatusCode.InternalServerError, await lake.DeliverAsync(Samples.Topic, events));
        Assert.Equal((0, 0, 0, 0), await lake.LedgerAsync());
        lake.Letters.Fault = null;
        Assert.Equal(HttpStatusCode.OK, await lake.DeliverAsync(Samples.Topic, events));
        Assert.Equal((3, 0, 1, 0), await lake.LedgerAsync());
        Assert.Single(lake.Letters.Letters);
    }

    [Fact]
    public async Task While_the_table_cannot_be_written_dead_letters_are_sent_once()
    {
        await using var lake = await TestLakehouse.StartAsync();
        await lake.DeliverAsync(Samples.Topic, lake.Visits(0, 0, 1));
        var log = Path.Combine(lake.TablePath("bronze.visits"), "_delta_log");
        Sent[] events = [new("garbage"u8.ToArray(), "e1", 0, 1), .. lake.Visits(0, 2, 3)];
        Directory.Move(log, log + ".away");
        await File.WriteAllTextAsync(log, "in the way");
        Assert.Equal(HttpStatusCode.InternalServerError, await lake.DeliverAsync(Samples.Topic, events));
        Assert.Equal(HttpStatusCode.InternalServerError, await lake.DeliverAsync(Samples.Topic, events));
        File.Delete(log);
        Directory.Move(log + ".away", log);
        Assert.Equal(HttpStatusCode.OK, await lake.DeliverAsync(Samples.Topic, events));
        Assert.Equal((4, 0, 1, 0), await lake.LedgerAsync());
        Assert.Single(lake.Letters.Letters);
    }

    [Fact]
    public async Task Only_letters_of_the_door_count_as_events_that_ended_there()
    {
        await using var lake = await TestLakehouse.StartAsync();
        await lake.DeliverAsync(DeadLetterTopic, new Sent(Samples.DeadLetter("type", "x"u8.ToArray()), "a", 0, 0));
        await lake.DeliverAsync(DeadLetterTopic, new Sent(Letter("ingestion"), "b", 0, 1), new Sent(Letter("lakehouse"), "c", 0, 2), new Sent(Letter("billing"), "d", 1, 0));
        await lake.DeliverAsync(DeadLetterTopic, new Sent("""{"specversion":"1.0"}"""u8.ToArray(), "e", 0, 3), new Sent(Letter("lakehouse"), "c", 0, 2));
        Assert.Equal((0, 2, 0, 1), await lake.LedgerAsync());
        Assert.Equal(5, (await lake.GetAsync("/v1/dead-letters?pipeline=test")).GetProperty("total").GetInt64());

        await lake.StopAppAsync();
        await lake.StartAppAsync();
        await lake.DeliverAsync(DeadLetterTopic, new Sent(Letter("stream-processor"), "f", 0, 4), new Sent(Letter("ingestion"), "g", 0, 5));
        var ledger = await lake.LedgerAsync();
        Assert.Equal((0L, 3L, 0L), (ledger.Rows, ledger.DeadLettered, ledger.Quarantined));
    }

    [Fact]
    public async Task An_event_that_was_sent_again_is_counted_as_redriven_once_and_one_that_another_consumer_lacks_is_passed_over()
    {
        await using var lake = await TestLakehouse.StartAsync();
        await lake.DeliverAsync(Samples.Topic, [.. lake.Visits(0, 0, 2), new Sent("garbage"u8.ToArray(), "e1", 0, 2)]);
        Sent[] again =
        [
            .. lake.Visits(0, 3, 1).Select(visit => Again(visit, "lakehouse")), .. lake.Visits(0, 4, 1).Select(visit => Again(visit, "stream-processor")), .. lake.Visits(0, 5, 1).Select(visit => Again(visit, null)),
            Again(new Sent("garbage"u8.ToArray(), "e2", 0, 6), "lakehouse"), Again(new Sent("garbage"u8.ToArray(), "e3", 0, 7), "stream-processor"),
        ];
        Assert.Equal(HttpStatusCode.OK, await lake.DeliverAsync(Samples.Topic, again));
        Assert.Equal((4, 0, 2, 2), await lake.LedgerAsync());
        Assert.Equal(3, await RedrivenAsync());
        Assert.Equal(["", "letter"], lake.Letters.Letters.Select(letter => letter.Record.RedriveOf ?? ""));

        // Delivered again, before and after a restart, nothing is counted twice.
        await lake.DeliverAsync(Samples.Topic, again);
        await lake.StopAppAsync();
        await lake.StartAppAsync();
        await lake.DeliverAsync(Samples.Topic, again);
        var ledger = await lake.LedgerAsync();
        Assert.Equal((4L, 2L, 3L), (ledger.Rows, ledger.Quarantined, await RedrivenAsync()));

        async Task<long> RedrivenAsync() => (await lake.GetAsync("/v1/ledger")).GetProperty("streams")[0].GetProperty("redriven").GetInt64();

        static Sent Again(Sent item, string? consumer)
        {
            var headers = new Dictionary<string, string> { ["mesh-redrive"] = "job/letter", ["mesh-redrives"] = "1" };
            if (consumer is not null)
                headers["mesh-redrive-for"] = consumer;
            return item with { Headers = headers };
        }
    }

    [Fact]
    public async Task The_table_of_dead_letters_has_what_the_records_say()
    {
        await using var lake = await TestLakehouse.StartAsync();
        await lake.DeliverAsync(DeadLetterTopic, new Sent(Letter("billing"), "d", 1, 0));
        var row = Assert.Single(await lake.RowsAsync("bronze.dead_letters"));
        Assert.Equal(("billing", 4, 17L, 3), (row["consumer"].GetString(), row["origin_partition"].GetInt32(), row["origin_offset"].GetInt64(), row["attempts"].GetInt32()));
        Assert.Equal(16, row["fingerprint"].GetString()!.Length);
        Assert.Equal("0af7651916cd43dd8448eb211c80319c", row["trace_id"].GetString());
    }

    private static byte[] Letter(string consumer) => LetterBox.Bytes(new DeadLetterRecord
    {
        Reason = new DeadLetterReason("transient", "timeout", null, null, null, "no answer"),
        Origin = new DeadLetterOrigin(consumer, Samples.Topic) { Partition = 4, Offset = 17 },
        Original = "x"u8.ToArray(),
        Attempts = 3,
        TraceId = "0af7651916cd43dd8448eb211c80319c",
        ReceivedAt = new DateTimeOffset(2026, 1, 5, 10, 0, 0, TimeSpan.Zero),
        FailedAt = new DateTimeOffset(2026, 1, 5, 10, 0, 1, TimeSpan.Zero),
    });
}
