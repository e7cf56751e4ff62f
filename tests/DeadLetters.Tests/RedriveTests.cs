using System.Reflection;
using System.Text.Json;
using RealTimeMesh.Components;
using RealTimeMesh.Contracts.DeadLetters;

namespace RealTimeMesh.DeadLetters.Tests;

public sealed class RedriveTests
{
    private static readonly object All = new { filter = new { } };

    [Fact]
    public async Task Letters_of_the_door_go_to_the_open_door_as_events_with_their_ids_in_the_order_of_each_key()
    {
        await using var mesh = await LettersMesh.StartAsync();
        await mesh.FailAsync(Enumerable.Range(0, 100).Select(n => Records.Record(LettersMesh.Trade(n))));
        var preview = await mesh.PostAsync("/v1/redrives/preview", All);
        Assert.Equal((100, 100, 0, 100), (preview.GetProperty("count").GetInt32(), preview.GetProperty("destinations").GetProperty("ingest.market.trades").GetInt32(), preview.GetProperty("passing").GetInt32(), preview.GetProperty("faults").GetProperty("type of 'price'").GetInt32()));
        Assert.Equal("***", preview.GetProperty("samples")[0].GetProperty("before").GetProperty("value").GetProperty("account").GetString());
        Assert.Empty(await mesh.MessagesAsync("ingest.market.trades"));
        var job = await mesh.RunAsync("/v1/redrives", new { filter = new { }, token = preview.GetProperty("token").GetString() });
        Assert.Equal(("done", 100), (job.GetProperty("state").GetString()!, job.GetProperty("done").GetInt32()));
        var messages = await mesh.MessagesAsync("ingest.market.trades");
        Assert.Equal(100, messages.Count);
        Assert.All(messages.GroupBy(message => message.Key), key =>
        {
            var numbers = key.Select(message => JsonDocument.Parse(message.Value).RootElement.GetProperty("data").GetProperty("trade_id").GetString()!).Select(id => int.Parse(id[1..], System.Globalization.CultureInfo.InvariantCulture)).ToArray();
            Assert.Equal(numbers.Order(), numbers);
            Assert.All(numbers, number => Assert.Equal(key.Key, $"S{number % 7}"));
        });
        var first = JsonDocument.Parse(messages[0].Value).RootElement;
        Assert.StartsWith("event-", first.GetProperty("id").GetString(), StringComparison.Ordinal);
        Assert.StartsWith(job.GetProperty("id").GetString() + "/market.trades.dlq:", messages[0].Headers.Find("mesh-redrive"), StringComparison.Ordinal);
        var group = (await mesh.GetAsync("/v1/groups")).GetProperty("items")[0].GetProperty("states");
        Assert.Equal((0, 100), (group.GetProperty("open").GetInt32(), group.GetProperty("redriven").GetInt32()));
        var audit = await mesh.GetAsync("/v1/audit");
        Assert.Equal(["done", "asked"], audit.EnumerateArray().Select(line => line.GetProperty("stage").GetString()));
        Assert.Equal("start redrive", audit[0].GetProperty("what").GetString());
    }

    [Fact]
    public async Task Letters_of_consumers_go_to_their_topic_as_they_stood()
    {
        await using var mesh = await LettersMesh.StartAsync(sources: [new("orders.failed", "orders", "billing")]);
        await mesh.FailAsync([Records.Record("{}", consumer: "stream-processor") with { Original = new byte[] { 0, 1, 2, 255 }, Headers = new Dictionary<string, string> { ["ce_id"] = "e7", ["ce_sequence"] = "9", ["x"] = "y" }, Origin = new DeadLetterOrigin("stream-processor", "market.trades") { Key = "K", Partition = 2, Offset = 17 } }]);
        await mesh.Broker.PublishAsync("orders.failed", [new OutgoingMessage("o1", """{"specversion":"1.0","id":"c1","source":"shop","type":"order","topic":"orders","data":{"n":1}}"""u8.ToArray(), MessageHeaders.From([new("h", "1")]))], default);
        await LettersMesh.UntilAsync(async () => await mesh.CountAsync() == 2);
        var undelivered = (await mesh.GetAsync("/v1/letters?class=undelivered")).GetProperty("items")[0];
        Assert.Equal(("billing", "orders", "c1"), (undelivered.GetProperty("origin").GetProperty("consumer").GetString(), undelivered.GetProperty("origin").GetProperty("topic").GetString(), undelivered.GetProperty("eventId").GetString()));
        var job = await mesh.RunAsync("/v1/redrives", All);
        Assert.Equal(2, job.GetProperty("done").GetInt32());
        var trade = Assert.Single(await mesh.MessagesAsync("market.trades"));
        Assert.Equal(("K", "e7", "y", null, "1"), (trade.Key, trade.Headers.Find("ce_id"), trade.Headers.Find("x"), trade.Headers.Find("ce_sequence"), trade.Headers.Find("mesh-redrives")));
        Assert.Equal(new byte[] { 0, 1, 2, 255 }, trade.Value.ToArray());
        // The topic's other consumers have had it; whoever names a topic means all of its consumers.
        Assert.Equal("stream-processor", trade.Headers.Find("mesh-redrive-for"));
        await mesh.RunAsync("/v1/reopens", new { filter = new { consumer = "stream-processor" } });
        await mesh.RunAsync("/v1/redrives", new { filter = new { consumer = "stream-processor" }, to = "elsewhere" });
        Assert.Null(Assert.Single(await mesh.MessagesAsync("elsewhere")).Headers.Find("mesh-redrive-for"));
        var order = Assert.Single(await mesh.MessagesAsync("orders"));
        Assert.Equal(("o1", "1"), (order.Key, order.Headers.Find("h")));
        Assert.Contains("\"id\":\"c1\"", LettersMesh.Text(order), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_letter_that_comes_back_is_linked_counted_and_at_last_left_alone()
    {
        await using var mesh = await LettersMesh.StartAsync(sources: [new("orders.failed", "orders", "billing")]);
        await mesh.Broker.PublishAsync("orders.failed", [new OutgoingMessage("k", "text"u8.ToArray(), default)], default);
        for (var round = 1; round <= 3; round++)
        {
            await LettersMesh.UntilAsync(async () => await mesh.CountAsync() == round);
            await mesh.RunAsync("/v1/redrives", new { filter = new { }, maxRedrives = 2 });
            // The app fails again: the sidecar moves the message as it is.
            if ((await mesh.MessagesAsync("orders")) is var sent && sent.Count == round)
                await mesh.Broker.PublishAsync("orders.failed", [new OutgoingMessage(sent[^1].Key, sent[^1].Value, sent[^1].Headers)], default);
        }

        Assert.Equal(2, (await mesh.MessagesAsync("orders")).Count);
        var letters = (await mesh.GetAsync("/v1/letters?sort=oldest")).GetProperty("items").EnumerateArray().OrderBy(letter => letter.GetProperty("redrives").GetInt32()).ToArray();
        var last = (await mesh.GetAsync("/v1/letters?state=open")).GetProperty("items")[0];
        Assert.Equal(2, last.GetProperty("redrives").GetInt32());
        Assert.Equal(3, letters.Length);
        var before = (await mesh.GetAsync($"/v1/letters/{last.GetProperty("redriveOf").GetString()}"));
        Assert.Contains(before.GetProperty("history").EnumerateArray(), happened => happened.GetProperty("what").GetString() == "returned" && happened.GetProperty("detail").GetString() == last.GetProperty("id").GetString());
        var preview = await mesh.PostAsync("/v1/redrives/preview", new { filter = new { }, maxRedrives = 2 });
        Assert.Equal("""{"it was redriven 2 times already":1}""", preview.GetProperty("skipped").GetRawText());
    }

    [Fact]
    public async Task A_job_is_refused_where_the_selection_has_grown_and_leaves_the_new_ones_where_asked()
    {
        await using var mesh = await LettersMesh.StartAsync();
        await mesh.FailAsync(Enumerable.Range(0, 10).Select(n => Records.Record(LettersMesh.Trade(n))));
        var token = (await mesh.PostAsync("/v1/discards/preview", new { filter = new { rule = "type" }, reason = "known" })).GetProperty("token").GetString();
        await mesh.FailAsync(Enumerable.Range(10, 5).Select(n => Records.Record(LettersMesh.Trade(n))));
        Assert.Contains("15 letters", (await mesh.PostAsync("/v1/discards", new { filter = new { rule = "type" }, reason = "known", token }, 409)).GetProperty("error").GetString(), StringComparison.Ordinal);
        Assert.Contains("another request", (await mesh.PostAsync("/v1/discards", new { filter = new { }, reason = "known", token }, 400)).GetProperty("error").GetString(), StringComparison.Ordinal);
        var job = await mesh.RunAsync("/v1/discards", new { filter = new { rule = "type" }, reason = "known", token, grown = "leave" });
        Assert.Equal(10, job.GetProperty("done").GetInt32());
        Assert.Equal(5, (await mesh.GetAsync("/v1/letters?state=open")).GetProperty("total").GetInt32());
        var detail = await mesh.GetAsync("/v1/letters/" + (await mesh.GetAsync("/v1/letters?state=discarded")).GetProperty("items")[0].GetProperty("id").GetString());
        Assert.Equal("known", detail.GetProperty("history")[0].GetProperty("detail").GetString());
        Assert.Equal(10, (await mesh.RunAsync("/v1/reopens", All)).GetProperty("done").GetInt32());
        Assert.Equal(15, (await mesh.GetAsync("/v1/letters?state=open")).GetProperty("total").GetInt32());
        await mesh.PostAsync("/v1/discards", All, 400);
        await mesh.PostAsync("/v1/redrives", new { filter = new { }, rate = 0 }, 400);
        await mesh.PostAsync("/v1/redrives", new { filter = new { }, to = "no topic" }, 400);
        await mesh.PostAsync("/v1/redrives", new { filter = new { states = new[] { "discarded" } } }, 400);
        await mesh.PostAsync("/v1/redrives", new { filter = new { ids = new[] { "x" } } }, 400);
        await mesh.PostAsync("/v1/redrives", new { filter = (object?)null, token = "1.2" }, 400);
        await mesh.GetAsync("/v1/letters?clas=poison", 400);
        await mesh.GetAsync("/v1/letters/nothing", 404);
        await mesh.GetAsync("/v1/jobs/nothing", 404);
    }

    [Fact]
    public async Task A_redrive_keeps_its_rate_pauses_goes_on_after_a_restart_and_can_be_cancelled()
    {
        var folder = Directory.CreateTempSubdirectory("letters-").FullName;
        try
        {
            string id;
            await using (var mesh = await LettersMesh.StartAsync(folder))
            {
                await mesh.FailAsync(Enumerable.Range(0, 400).Select(n => Records.Record(LettersMesh.Trade(n))));
                id = (await mesh.PostAsync("/v1/redrives", new { filter = new { }, rate = 40, to = "mended" }, 202)).GetProperty("id").GetString()!;
                await LettersMesh.UntilAsync(async () => (await mesh.GetAsync($"/v1/jobs/{id}")).GetProperty("done").GetInt32() >= 40);
                var paused = await mesh.PostAsync($"/v1/jobs/{id}/pause");
                Assert.Equal("paused", paused.GetProperty("state").GetString());
                Assert.InRange(paused.GetProperty("done").GetInt32(), 40, 360);
            }

            await using var again = await LettersMesh.StartAsync(folder);
            Assert.Equal("paused", (await again.GetAsync("/v1/jobs"))[0].GetProperty("state").GetString());
            await again.PostAsync($"/v1/jobs/{id}/resume");
            await LettersMesh.UntilAsync(async () => (await again.GetAsync($"/v1/jobs/{id}")).GetProperty("done").GetInt32() >= 120);
            var cancelled = await again.PostAsync($"/v1/jobs/{id}/cancel");
            var done = cancelled.GetProperty("done").GetInt32();
            Assert.Equal(done, (await again.MessagesAsync("mended")).Count);
            await again.PostAsync($"/v1/jobs/{id}/resume", status: 409);
            var rest = await again.RunAsync("/v1/redrives", new { filter = new { }, to = "mended" });
            Assert.Equal(400 - done, rest.GetProperty("done").GetInt32());
            Assert.Equal(400, (await again.MessagesAsync("mended")).Select(LettersMesh.Text).Distinct().Count());
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public async Task A_job_that_the_end_of_the_process_cut_short_goes_on_by_itself_as_it_was_approved_and_at_its_rate()
    {
        var folder = Directory.CreateTempSubdirectory("letters-").FullName;
        try
        {
            string id;
            int done;
            await using (var mesh = await LettersMesh.StartAsync(folder))
            {
                await mesh.FailAsync(Enumerable.Range(0, 300).Select(n => Records.Record(LettersMesh.Trade(n))));
                id = (await mesh.PostAsync("/v1/redrives", new { filter = new { rule = "type" }, rate = 50, to = "mended" }, 202)).GetProperty("id").GetString()!;
                // Not of what was approved: they come after it, or have another cause.
                await mesh.FailAsync(Enumerable.Range(0, 5).Select(n => Records.Record(LettersMesh.Trade(n), n == 0 ? "missing" : "type")));
                await LettersMesh.UntilAsync(async () => (await mesh.GetAsync($"/v1/jobs/{id}")).GetProperty("done").GetInt32() >= 50);
            }

            await using (var halted = await LettersMesh.StartAsync(folder, options: new DeadLetterOptions { ResumeJobs = false }))
            {
                var paused = await halted.GetAsync($"/v1/jobs/{id}");
                Assert.Equal(("paused", "the process ended while it ran"), (paused.GetProperty("state").GetString(), paused.GetProperty("fault").GetString()));
                done = paused.GetProperty("done").GetInt32();
                Assert.InRange(done, 50, 299);
            }

            var began = TimeProvider.System.GetTimestamp();
            await using var again = await LettersMesh.StartAsync(folder);
            var job = await again.EndAsync(id);
            // A second for each fifty but the first, and one that may have been in hand.
            Assert.True(TimeProvider.System.GetElapsedTime(began) >= TimeSpan.FromSeconds((((300 - done) / 50) - 2) * 0.9), "the rate was kept");
            Assert.Equal(("done", 300, 50), (job.GetProperty("state").GetString(), job.GetProperty("done").GetInt32(), job.GetProperty("request").GetProperty("rate").GetInt32()));
            Assert.Equal(300, (await again.MessagesAsync("mended")).Select(message => message.Headers.Find("mesh-redrive")).Distinct().Count());
            Assert.Equal(300, (await again.MessagesAsync("mended")).Count);
            Assert.Equal(5, (await again.GetAsync("/v1/letters?state=open")).GetProperty("total").GetInt32());
            var audit = (await again.GetAsync("/v1/audit"))[0];
            Assert.Equal(("mesh", "resume job", id), (audit.GetProperty("who").GetString(), audit.GetProperty("what").GetString(), audit.GetProperty("thing").GetString()));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public async Task A_batch_that_was_stored_before_the_job_failed_is_not_written_again_whether_it_goes_on_or_is_cancelled()
    {
        foreach (var action in (string[])["resume", "cancel"])
        {
            var fault = new FailingPublishes();
            await using var mesh = await LettersMesh.StartAsync(wrap: fault.Over);
            await mesh.FailAsync(Enumerable.Range(0, 2_500).Select(n => Records.Record(LettersMesh.Trade(n))));
            // The second batch is stored, but nobody learns of it: as when the process is killed there.
            fault.FailAfterStoring(2);
            var job = await mesh.RunAsync("/v1/redrives", All);
            Assert.Equal(("failed", 1_000), (job.GetProperty("state").GetString()!, job.GetProperty("done").GetInt32()));
            Assert.Equal(1_000, (await mesh.GetAsync("/v1/letters?state=redriving")).GetProperty("total").GetInt32());
            Assert.Equal(2_000, (await mesh.MessagesAsync("ingest.market.trades")).Count);
            var id = job.GetProperty("id").GetString()!;
            await mesh.PostAsync($"/v1/jobs/{id}/{action}");
            job = await mesh.EndAsync(id);
            var expected = action == "resume" ? 2_500 : 2_000;
            Assert.Equal(expected, job.GetProperty("done").GetInt32());
            Assert.Equal(expected, (await mesh.MessagesAsync("ingest.market.trades")).Select(message => message.Headers.Find("mesh-redrive")).Distinct().Count());
            Assert.Equal(expected, (await mesh.MessagesAsync("ingest.market.trades")).Count);
            Assert.Equal(0, (await mesh.GetAsync("/v1/letters?state=redriving")).GetProperty("total").GetInt32());
        }
    }

    /// <summary>The real broker, whose n-th publish is stored and then fails.</summary>
    private sealed class FailingPublishes
    {
        private int _left = -1;

        public void FailAfterStoring(int publish) => _left = publish;

        public IPubSubBroker Over(IPubSubBroker broker)
        {
            var proxy = DispatchProxy.Create<IPubSubBroker, PublishProxy>();
            ((PublishProxy)(object)proxy).Bind(broker, async task =>
            {
                var result = await task;
                return Interlocked.Decrement(ref _left) == 0 ? throw new BrokerException("killed here") : result;
            });
            return proxy;
        }
    }

    public class PublishProxy : DispatchProxy
    {
        private IPubSubBroker? _broker;
        private Func<Task<PublishResult>, Task<PublishResult>>? _after;

        internal void Bind(IPubSubBroker broker, Func<Task<PublishResult>, Task<PublishResult>> after) => (_broker, _after) = (broker, after);

        protected override object? Invoke(MethodInfo? targetMethod, object?[]? args)
        {
            var result = targetMethod!.Invoke(_broker, args);
            return targetMethod.Name == nameof(IPubSubBroker.PublishAsync) ? _after!((Task<PublishResult>)result!) : result;
        }
    }
}
