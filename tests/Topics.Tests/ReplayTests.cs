using System.Reflection;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using RealTimeMesh.Components;
using RealTimeMesh.Topics.Replays;

namespace RealTimeMesh.Topics.Tests;

public sealed class ReplayTests
{
    [Fact]
    public async Task A_replay_writes_what_the_filter_admits_with_keys_headers_and_the_order_of_each_key()
    {
        await using var mesh = await TopicsMesh.StartAsync(partitions: 4);
        for (var n = 0; n < 20; n++)
            await mesh.PublishAsync("t", Enumerable.Range(0, 100).Select(i => ($"k{i % 13}", $$$"""{"n":{{{(n * 100) + i}}}}""")), MessageHeaders.From([new("h", "1")]));
        var started = await mesh.PostAsync("/v1/replays", new { from = "t", to = "again", where = new[] { "n >= 500" }, toPartitions = 3 }, 202);
        var done = await EndAsync(mesh, started.GetProperty("id").GetString()!);
        Assert.Equal(("done", 2000, 1500, 500), (done.GetProperty("state").GetString()!, done.GetProperty("read").GetInt32(), done.GetProperty("written").GetInt32(), done.GetProperty("filtered").GetInt32()));
        Assert.Equal(1, done.GetProperty("progress").GetDouble());
        var written = new List<(string Key, string Value)>();
        foreach (var partition in (int[])[0, 1, 2])
            written.AddRange(await mesh.ValuesAsync("again", partition));
        Assert.Equal(1500, written.Count);
        foreach (var key in written.GroupBy(record => record.Key))
        {
            var numbers = key.Select(record => JsonDocument.Parse(record.Value).RootElement.GetProperty("n").GetInt32()).ToArray();
            Assert.Equal(numbers.Order(), numbers);
        }

        var message = (await mesh.BrowseAsync("/v1/topics/again/messages?limit=1"))[0].GetProperty("headers");
        Assert.Equal("1", message.GetProperty("h").GetString());
        Assert.StartsWith(started.GetProperty("id").GetString() + "/t/", message.GetProperty("mesh-replay").GetString(), StringComparison.Ordinal);
        await mesh.PostAsync("/v1/replays", new { from = "t", to = "again" }, 409);
        await mesh.PostAsync("/v1/replays", new { from = "t", to = "t" }, 400);
        await mesh.PostAsync("/v1/replays", new { from = "t", to = "x", where = new[] { "?" } }, 400);
        await mesh.PostAsync("/v1/replays", new { from = "unknown", to = "x" }, 404);
    }

    [Fact]
    public async Task A_replay_that_fails_after_a_write_and_before_its_note_resumes_without_a_record_twice()
    {
        var fault = new FailingAppends();
        await using var mesh = await TopicsMesh.StartAsync(partitions: 2, wrap: fault.Over);
        for (var n = 0; n < 30; n++)
            await mesh.PublishAsync("t", Enumerable.Range(0, 100).Select(i => ($"k{i}", $"{(n * 100) + i}")));
        // The third batch is stored, but nobody learns of it: as when the process is killed there.
        fault.FailAfterStoring(3);
        var id = (await mesh.PostAsync("/v1/replays", new { from = "t", to = "again" }, 202)).GetProperty("id").GetString()!;
        Assert.Equal("failed", (await EndAsync(mesh, id)).GetProperty("state").GetString());
        Assert.Equal(1500, (await mesh.Admin.DescribeTopicsAsync(["again"], default))[0].Partitions.Sum(partition => partition.Records));
        await mesh.PostAsync($"/v1/replays/{id}/resume");
        var done = await EndAsync(mesh, id);
        Assert.Equal(("done", 3000), (done.GetProperty("state").GetString()!, done.GetProperty("written").GetInt32()));
        var values = (await mesh.ValuesAsync("again", 0)).Concat(await mesh.ValuesAsync("again", 1)).Select(record => int.Parse(record.Value, System.Globalization.CultureInfo.InvariantCulture)).Order();
        Assert.Equal(Enumerable.Range(0, 3000), values);
        await mesh.PostAsync($"/v1/replays/{id}/resume", status: 409);
    }

    [Fact]
    public async Task Records_without_keys_take_turns_again()
    {
        await using var mesh = await TopicsMesh.StartAsync(partitions: 4);
        await mesh.Broker.PublishAsync("t", [.. Enumerable.Range(0, 100).Select(n => new OutgoingMessage(null, new byte[] { 1 }, default))], default);
        var id = (await mesh.PostAsync("/v1/replays", new { from = "t", to = "again" }, 202)).GetProperty("id").GetString()!;
        await EndAsync(mesh, id);
        Assert.Equal(id, Assert.Single((await mesh.GetAsync("/v1/replays?limit=1")).EnumerateArray()).GetProperty("id").GetString());
        Assert.Empty((await mesh.GetAsync($"/v1/replays?before={id}")).EnumerateArray());
        Assert.All((await mesh.Admin.DescribeTopicsAsync(["again"], default))[0].Partitions, partition => Assert.Equal(25, partition.Records));
    }

    [Fact]
    public async Task A_replay_keeps_its_rate_pauses_and_goes_on_after_a_restart()
    {
        var folder = Directory.CreateTempSubdirectory("topics-").FullName;
        try
        {
            string id;
            await using (var mesh = await TopicsMesh.StartAsync(partitions: 2, folder: folder))
            {
                await mesh.PublishAsync("t", Enumerable.Range(0, 500).Select(n => ($"k{n}", $"{n}")));
                id = (await mesh.PostAsync("/v1/replays", new { from = "t", to = "again", rate = 50 }, 202)).GetProperty("id").GetString()!;
                await TopicsMesh.UntilAsync(async () => (await mesh.GetAsync($"/v1/replays/{id}")).GetProperty("written").GetInt32() >= 50);
                var paused = await mesh.PostAsync($"/v1/replays/{id}/pause");
                Assert.Equal("paused", paused.GetProperty("state").GetString());
                Assert.InRange(paused.GetProperty("written").GetInt32(), 50, 450);
            }

            await using var again = await TopicsMesh.StartAsync(partitions: 2, folder: folder);
            Assert.Equal("paused", (await again.GetAsync("/v1/replays"))[0].GetProperty("state").GetString());
            // What is left shall not take ten seconds here.
            var store = new ReplayStore(Path.Combine(folder, "topics", "replays"));
            var replay = store.Find(id)!;
            store.Save(replay with { Request = replay.Request with { Rate = null } });
            await again.PostAsync($"/v1/replays/{id}/resume");
            Assert.Equal(500, (await EndAsync(again, id)).GetProperty("written").GetInt32());
            Assert.Equal(500, (await again.Admin.DescribeTopicsAsync(["again"], default))[0].Partitions.Sum(partition => partition.Records));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public async Task A_cancelled_replay_stays_where_it_was_also_after_a_restart()
    {
        var folder = Directory.CreateTempSubdirectory("topics-").FullName;
        try
        {
            string id;
            int written;
            await using (var mesh = await TopicsMesh.StartAsync(partitions: 2, folder: folder))
            {
                await mesh.PublishAsync("t", Enumerable.Range(0, 2000).Select(n => ($"k{n}", $"{n}")));
                id = (await mesh.PostAsync("/v1/replays", new { from = "t", to = "again", rate = 20 }, 202)).GetProperty("id").GetString()!;
                await TopicsMesh.UntilAsync(async () => (await mesh.GetAsync($"/v1/replays/{id}")).GetProperty("written").GetInt32() > 0);
                await mesh.PostAsync($"/v1/replays/{id}/pause");
                // Resumed and cancelled at once, before it has read anything.
                await mesh.PostAsync($"/v1/replays/{id}/resume");
                var cancelled = await mesh.PostAsync($"/v1/replays/{id}/cancel");
                Assert.Equal("cancelled", cancelled.GetProperty("state").GetString());
                await mesh.PostAsync($"/v1/replays/{id}/resume", status: 409);
                await mesh.PostAsync($"/v1/replays/{id}/pause", status: 409);
                written = cancelled.GetProperty("written").GetInt32();
                Assert.InRange(written, 20, 1999);
            }

            await using var again = await TopicsMesh.StartAsync(partitions: 2, folder: folder);
            Assert.Equal("cancelled", (await again.GetAsync($"/v1/replays/{id}")).GetProperty("state").GetString());
            await again.PostAsync($"/v1/replays/{id}/resume", status: 409);
            Assert.Equal(written, (await again.Admin.DescribeTopicsAsync(["again"], default))[0].Partitions.Sum(partition => partition.Records));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static async Task<JsonElement> EndAsync(TopicsMesh mesh, string id)
    {
        await mesh.Services.GetRequiredService<ReplayService>().WaitAsync(id).WaitAsync(TimeSpan.FromSeconds(60));
        return await mesh.GetAsync($"/v1/replays/{id}");
    }

    /// <summary>The real broker, whose n-th append is stored and then fails.</summary>
    private sealed class FailingAppends
    {
        private int _left = -1;

        public void FailAfterStoring(int append) => _left = append;

        public IBrokerAdmin Over(IBrokerAdmin admin)
        {
            var proxy = DispatchProxy.Create<IBrokerAdmin, AppendProxy>();
            ((AppendProxy)(object)proxy).Bind(admin, async task =>
            {
                await task;
                if (Interlocked.Decrement(ref _left) == 0)
                    throw new BrokerException("killed here");
            });
            return proxy;
        }
    }

    public class AppendProxy : DispatchProxy
    {
        private IBrokerAdmin? _admin;
        private Func<Task, Task>? _after;

        internal void Bind(IBrokerAdmin admin, Func<Task, Task> after) => (_admin, _after) = (admin, after);

        protected override object? Invoke(MethodInfo? targetMethod, object?[]? args)
        {
            var result = targetMethod!.Invoke(_admin, args);
            return targetMethod.Name == nameof(IBrokerAdmin.AppendAsync) ? _after!((Task)result!) : result;
        }
    }
}
