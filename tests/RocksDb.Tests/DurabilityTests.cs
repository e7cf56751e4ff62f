using System.Diagnostics;
using RealTimeMesh.Components;
using RealTimeMesh.Testing;
using RocksDbSharp;

namespace RealTimeMesh.RocksDb.Tests;

public sealed class DurabilityTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_reopened_log_has_its_topics_messages_and_committed_offsets()
    {
        await using (var broker = await StartAsync(("partitions", "3")))
        {
            await broker.PublishAsync("t", 0, 100);
            var recorder = new BatchRecorder();
            await using var subscription = await broker.SubscribeAsync(new() { Topic = "t", Group = "g", MaxBatchCount = 10 }, recorder.HandleAsync, default);
            await recorder.WaitForMessagesAsync(100);
        }

        // Another default number of partitions doesn't change a topic that exists.
        await using var again = await StartAsync(("partitions", "5"));
        var watermarks = await again.GetWatermarksAsync("t", default);
        Assert.Equal(3, watermarks.Count);
        Assert.Equal(100, watermarks.Sum(w => w.High));
        Assert.Equal(100, (await again.GetCommittedAsync("t", "g", default)).Values.Sum());
        await again.PublishAsync("t", 100, 100);
        var rest = new BatchRecorder();
        await using var resumed = await again.SubscribeAsync(new() { Topic = "t", Group = "g", MaxBatchCount = 10 }, rest.HandleAsync, default);
        await rest.WaitForMessagesAsync(100);
        Assert.Equal(Enumerable.Range(100, 100), rest.Messages.Select(m => m.Number()).Order());
    }

    [Fact]
    public async Task Nothing_acknowledged_is_lost_when_the_process_is_killed()
    {
        var acknowledged = 0;
        for (var round = 0; round < 3; round++)
        {
            using var victim = CrashVictim.Start(_folder.Path);
            var target = acknowledged + 20 + (round * 37);
            while (await victim.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken) is { } line && acknowledged < target)
                acknowledged = int.Parse(line);
            victim.Kill();
            // What it acknowledged after we stopped reading counts too.
            while (await victim.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken) is { } line)
                acknowledged = line.Length > 0 ? int.Parse(line) : acknowledged;
            await victim.WaitForExitAsync(TestContext.Current.CancellationToken);
            Assert.True(acknowledged >= target, await victim.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken));
        }

        await using var broker = await StartAsync();
        var publishes = new Dictionary<int, int>();
        foreach (var partition in await broker.GetWatermarksAsync(CrashVictim.Topic, default))
        {
            var messages = await broker.ReadAsync(CrashVictim.Topic, partition.Partition, 0, int.MaxValue, default);
            Assert.Equal(partition.High, messages.Count);
            foreach (var message in messages)
                publishes[message.Number()] = publishes.GetValueOrDefault(message.Number()) + 1;
        }

        // Each publish is whole or absent; all that was acknowledged is there, at most one per round is there without.
        Assert.All(publishes.Values, count => Assert.Equal(0, count % CrashVictim.MessagesPerPublish));
        Assert.Empty(Enumerable.Range(1, acknowledged).Except(publishes.Keys));
    }

    [Fact]
    public async Task A_damaged_record_is_an_error_and_holds_the_partition_back()
    {
        await using (var broker = await StartAsync(("partitions", "1")))
            await broker.PublishAsync("t", 0, 10);
        Damage(offset: 6);
        await using var again = await StartAsync(("partitions", "1"));
        var error = await Assert.ThrowsAsync<LogDamagedException>(() => again.ReadAsync("t", 0, 0, 10, default));
        Assert.Equal(("t", 0, 6L), (error.Topic, error.Partition, error.Offset));
        Assert.Equal(6, (await again.ReadAsync("t", 0, 0, 6, default)).Count);
        Assert.Equal(3, (await again.ReadAsync("t", 0, 7, 10, default)).Count);
    }

    [Fact]
    public async Task A_torn_end_of_the_journal_costs_only_what_was_torn()
    {
        await using (var broker = await StartAsync(("partitions", "1"), ("durability", "process")))
        {
            for (var i = 0; i < 10; i++)
                await broker.PublishAsync("t", i * 10, 10);
            // The copy is what a crash of the machine leaves: the journal, cut inside its last batch.
            CopyLog(Path.Combine(_folder.Path, "log"), Path.Combine(_folder.Path, "torn"));
        }

        var journal = Directory.GetFiles(Path.Combine(_folder.Path, "torn"), "*.log").MaxBy(f => f, StringComparer.Ordinal)!;
        using (var file = File.OpenWrite(journal))
            file.SetLength(file.Length - 5);
        await using var again = await StartAsync(("path", "torn"));
        Assert.Equal(90, (await again.GetWatermarksAsync("t", default)).Sum(w => w.High));
        Assert.Equal(Enumerable.Range(0, 90), (await again.ReadAsync("t", 0, 0, 1000, default)).Select(m => m.Number()));
        await again.PublishAsync("t", 90, 10);
        Assert.Equal(Enumerable.Range(0, 100), (await again.ReadAsync("t", 0, 0, 1000, default)).Select(m => m.Number()));
    }

    [Fact]
    public async Task A_full_disk_fails_publishes_clearly_and_they_succeed_again_when_there_is_room()
    {
        var mount = Directory.CreateDirectory(Path.Combine(_folder.Path, "small")).FullName;
        Assert.SkipUnless(await RunAsync("mount", "-t", "tmpfs", "-o", "size=24m", "tmpfs", mount), "a small file system can't be mounted here (needs root)");
        try
        {
            await using var broker = await Brokers.StartAsync(new RocksDbPubSubType(), mount, TimeProvider.System, ("partitions", "1"));
            var filler = Path.Combine(mount, "filler");
            File.WriteAllBytes(filler, new byte[10 * 1024 * 1024]);
            var acknowledged = 0;
            BrokerException? error = null;
            while (error is null)
            {
                Assert.True(acknowledged < 100_000, "the disk did not become full");
                try
                {
                    await broker.PublishAsync("t", acknowledged, 100, bytes: 5000);
                    acknowledged += 100;
                }
                catch (BrokerException e)
                {
                    error = e;
                }
            }

            Assert.Contains("free space", error.Message, StringComparison.Ordinal);
            await Assert.ThrowsAsync<BrokerException>(() => broker.PublishAsync("t", acknowledged, 1));
            Assert.Equal(acknowledged, (await broker.ReadAsync("t", 0, 0, int.MaxValue, default)).Count);

            File.Delete(filler);
            await broker.PublishAsync("t", acknowledged, 100, bytes: 5000);
            var stored = (await broker.ReadAsync("t", 0, 0, int.MaxValue, default)).Select(m => m.Number()).ToArray();
            Assert.Equal(Enumerable.Range(0, acknowledged + 100), stored.Distinct());
        }
        finally
        {
            await RunAsync("umount", mount);
        }
    }

    private Task<IPubSubBroker> StartAsync(params (string Name, string Value)[] settings) =>
        Brokers.StartAsync(new RocksDbPubSubType(), _folder.Path, TimeProvider.System, settings);

    private void Damage(long offset)
    {
        using var database = RocksDbSharp.RocksDb.Open(new DbOptions(), Path.Combine(_folder.Path, "log"));
        var key = new byte[LogKeys.MessageLength];
        LogKeys.Message(key, 1, 0, offset);
        var record = database.Get(key);
        record[^1] ^= 1;
        database.Put(key, record);
    }

    private static void CopyLog(string from, string to)
    {
        Directory.CreateDirectory(to);
        foreach (var file in Directory.GetFiles(from).Where(f => Path.GetFileName(f) != "LOCK"))
            File.Copy(file, Path.Combine(to, Path.GetFileName(file)));
    }

    private static async Task<bool> RunAsync(string command, params string[] arguments)
    {
        try
        {
            using var process = Process.Start(new ProcessStartInfo(command, arguments) { RedirectStandardError = true })!;
            await process.WaitForExitAsync();
            return process.ExitCode == 0;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return false;
        }
    }
}
