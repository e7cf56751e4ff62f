using Grpc.Core;
using RealTimeMesh.ServiceDefaults;

namespace RealTimeMesh.StreamProcessor.Tests;

public class DeadLetterTests
{
    [Fact]
    public async Task An_event_that_cannot_be_read_is_a_dead_letter_with_its_place_reason_and_trace()
    {
        await using var mesh = await Mesh.StartAsync(partitions: 1);
        var good = mesh.Event("s0", 1, 1);
        KeyValuePair<string, string>[] trace = [new("traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01")];
        await mesh.PublishAsync("door", good, good with { Id = "text", Payload = "not framed"u8.ToArray(), Headers = trace }, good with { Id = "foreign", Payload = new byte[] { 0, 0, 0, 0, 99, 1, 2 } }, mesh.Event("s0", 2, 1));
        await mesh.LedgerAsync(applied: 2, quarantined: 2);

        var letters = await mesh.DeadLettersAsync();
        Assert.Equal(2, letters.Count);
        var letter = letters[0];
        Assert.Equal(("stream-processor", "plant.readings", 0, 1L, "s0"), (letter.Origin.Consumer, letter.Origin.Topic, letter.Origin.Partition, letter.Origin.Offset, letter.Origin.Key));
        Assert.Equal(("poison", "unreadable", 1), (letter.Reason.Class, letter.Reason.Rule, letter.Attempts));
        Assert.Equal("not framed"u8.ToArray(), letter.Original.ToArray());
        Assert.Equal("0af7651916cd43dd8448eb211c80319c", letter.TraceId);
        Assert.Equal(("text", "application/avro"), (letter.Headers!["ce_id"], letter.ContentType));
        Assert.Contains("99", letters[1].Reason.Message, StringComparison.Ordinal);
        Assert.NotEqual(letter.Fingerprint, letters[1].Fingerprint);
    }

    [Fact]
    public async Task An_event_without_a_time_in_range_is_a_dead_letter()
    {
        await using var mesh = await Mesh.StartAsync(partitions: 1);
        await mesh.PublishAsync("door", mesh.Event("s0", 1, 1), mesh.Event("s0", (new DateTime(9999, 6, 1, 0, 0, 0, DateTimeKind.Utc) - Mesh.Origin).TotalSeconds, 1), mesh.Event("s0", 2, 1));
        await mesh.LedgerAsync(applied: 2, quarantined: 1);
        var letter = Assert.Single(await mesh.DeadLettersAsync());
        Assert.Equal(("poison", "time", "at", 1L), (letter.Reason.Class, letter.Reason.Rule, letter.Reason.Field, letter.Origin.Offset));
    }

    [Fact]
    public async Task An_event_that_was_sent_again_is_counted_as_redriven_once_and_one_that_another_consumer_lacks_is_passed_over()
    {
        await using var mesh = await Mesh.StartAsync(partitions: 1);
        await mesh.PublishAsync("door", mesh.Event("s0", 1, 1), mesh.Event("s0", 2, 1) with { Payload = "x"u8.ToArray() });
        await mesh.LedgerAsync(applied: 1, quarantined: 1);
        await mesh.PublishAsync(
            "door", Again(mesh.Event("s0", 2, 1), "stream-processor"), Again(mesh.Event("s0", 3, 1), "lakehouse"), Again(mesh.Event("s0", 4, 1), null),
            Again(mesh.Event("s0", 5, 1) with { Payload = "y"u8.ToArray() }, "stream-processor"), Again(mesh.Event("s0", 6, 1) with { Payload = "z"u8.ToArray() }, "lakehouse"));
        await mesh.LedgerAsync(applied: 3, quarantined: 2, duplicates: 2);
        await RedrivenAsync();
        Assert.Equal(["", "letter"], (await mesh.DeadLettersAsync()).Select(letter => letter.RedriveOf ?? ""));
        await mesh.StopAppAsync();
        await mesh.StartAppAsync();
        await mesh.LedgerAsync(applied: 3, quarantined: 2, duplicates: 2);
        await RedrivenAsync();

        async Task RedrivenAsync() => Assert.Equal(3, (await mesh.GetAsync("/v1/ledger")).GetProperty("streams")[0].GetProperty("redriven").GetInt64());

        static OutgoingEvent Again(OutgoingEvent item, string? consumer) => item with
        {
            Headers = [new(Redrive.Header, "job/letter"), new(Redrive.CountHeader, "1"), .. consumer is null ? Array.Empty<KeyValuePair<string, string>>() : [new(Redrive.ForHeader, consumer)]],
        };
    }

    [Fact]
    public async Task An_event_that_fails_each_time_is_given_up_alone_and_at_once()
    {
        await using var mesh = await Mesh.StartAsync(partitions: 1);
        var state = await RestartWithFaultsAsync(mesh);
        state.Fault = text => text.Contains("cursed", StringComparison.Ordinal) ? new FormatException("found 'cursed' at 17") : null;
        await mesh.PublishAsync("door", [.. Enumerable.Range(0, 200).Select(i => mesh.Event(i is 70 or 71 or 150 ? "cursed" : $"s{i % 3}", i, i))]);
        await mesh.LedgerAsync(applied: 197, quarantined: 3);

        var letters = await mesh.DeadLettersAsync();
        Assert.Equal([70L, 71, 150], letters.Select(letter => letter.Origin.Offset!.Value));
        Assert.All(letters, letter => Assert.Equal(("poison", "exception", "FormatException", 1), (letter.Reason.Class, letter.Reason.Rule, letter.Reason.Found, letter.Attempts)));
        Assert.Single(letters.Select(letter => letter.Fingerprint).Distinct());
        Assert.InRange(state.Failed, 3, 60);
    }

    [Fact]
    public async Task While_the_store_is_down_the_partition_waits_keeps_its_order_and_writes_each_dead_letter_once()
    {
        await using var mesh = await Mesh.StartAsync(partitions: 1);
        var state = await RestartWithFaultsAsync(mesh);
        state.Fault = text => text.Contains("/p0 ", StringComparison.Ordinal) ? new RpcException(new Status(StatusCode.Unavailable, "the store is down")) : null;
        await mesh.PublishAsync("door", [.. Enumerable.Range(0, 50).Select(i => i == 20 ? mesh.Event("s0", i, i) with { Payload = "x"u8.ToArray() } : mesh.Event("s0", i, i))]);
        await Until(() => state.Failed >= 3);
        await mesh.LedgerAsync(applied: 0);
        state.Fault = _ => null;
        await mesh.LedgerAsync(applied: 49, quarantined: 1);

        Assert.Equal(20, Assert.Single(await mesh.DeadLettersAsync()).Origin.Offset);
    }

    private static async Task<FaultyState> RestartWithFaultsAsync(Mesh mesh)
    {
        FaultyState state = null!;
        mesh.Configure = services => state = FaultyState.Into(services);
        await mesh.StopAppAsync();
        await mesh.StartAppAsync();
        return state;
    }

    private static async Task Until(Func<bool> condition)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        limit.CancelAfter(TimeSpan.FromSeconds(60));
        while (!condition())
            await Task.Delay(TimeSpan.FromMilliseconds(10), TimeProvider.System, limit.Token);
    }
}
