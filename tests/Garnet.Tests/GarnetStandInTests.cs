using System.Diagnostics;
using System.Text;
using RealTimeMesh.Components;
using RealTimeMesh.Redis.Tests;

namespace RealTimeMesh.Garnet.Tests;

public sealed class GarnetStandInTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("garnet-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task A_restarted_server_has_its_values_and_versions()
    {
        string etag;
        await using (var server = await GarnetStandIn.StartAsync(new GarnetOptions { DataPath = _folder }))
        {
            await using var store = await Stores.StartAsync(server.Address);
            await store.WriteAsync(new StateOperation(StateOperationKind.Upsert, "k") { Value = "v"u8.ToArray() }, default);
            etag = (await store.GetAsync("k", default))!.ETag;
        }

        await using var again = await GarnetStandIn.StartAsync(new GarnetOptions { DataPath = _folder });
        await using var reopened = await Stores.StartAsync(again.Address);
        var item = (await reopened.GetAsync("k", default))!;
        Assert.Equal(("v", etag), (Encoding.UTF8.GetString(item.Value.Span), item.ETag));
    }

    [Fact]
    public async Task Acknowledged_transactions_survive_a_kill_whole()
    {
        var acknowledged = 0;
        for (var round = 0; round < 2; round++)
        {
            using var victim = GarnetVictim.Start(_folder);
            var target = acknowledged + 15;
            while (acknowledged < target && await victim.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken) is { } line)
                acknowledged = int.Parse(line);
            victim.Kill();
            while (await victim.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken) is { } line)
                acknowledged = int.Parse(line);
            await victim.WaitForExitAsync(TestContext.Current.CancellationToken);
            Assert.True(acknowledged >= target, await victim.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken));
        }

        await using var server = await GarnetStandIn.StartAsync(new GarnetOptions { DataPath = _folder });
        await using var store = await Stores.StartAsync(server.Address);
        var items = await store.BulkGetAsync([.. GarnetVictim.Keys], default);
        var values = items.Select(i => int.Parse(Encoding.UTF8.GetString(i!.Value.Span))).Distinct().ToArray();
        // All keys of a transaction show the same number: the last acknowledged, or the one in flight at the kill.
        Assert.InRange(Assert.Single(values), acknowledged, acknowledged + 1);
    }

    [Theory]
    // Length and version of a commit record, at the end of the last sector that was written.
    [InlineData(8)]
    [InlineData(4)]
    // With its checksum and begin, but not until where it commits.
    [InlineData(24)]
    public async Task A_commit_that_was_being_written_at_the_kill_costs_nothing(int written)
    {
        var acknowledged = 0;
        using (var victim = GarnetVictim.Start(_folder))
        {
            while (acknowledged < 15 && await victim.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken) is { } line)
                acknowledged = int.Parse(line);
            victim.Kill();
            while (await victim.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken) is { } line)
                acknowledged = int.Parse(line);
            await victim.WaitForExitAsync(TestContext.Current.CancellationToken);
        }

        var tail = new AppendOnlyFileTail(Path.Combine(_folder, "AOF"), 8 << 20, 64 << 20);
        tail.Mend();
        await using (var file = new FileStream(Path.Combine(_folder, "AOF", "aof.log.0"), FileMode.Open))
        {
            file.Position = tail.Committed;
            await file.WriteAsync(AppendOnlyFileTailTests.Commit(tail.Committed, 4711).AsMemory(0, written), TestContext.Current.CancellationToken);
            file.SetLength(file.Position);
        }

        await using var server = await GarnetStandIn.StartAsync(new GarnetOptions { DataPath = _folder });
        await using var store = await Stores.StartAsync(server.Address);
        var items = await store.BulkGetAsync([.. GarnetVictim.Keys], default);
        var values = items.Select(i => i is null ? 0 : int.Parse(Encoding.UTF8.GetString(i.Value.Span))).Distinct().ToArray();
        Assert.InRange(Assert.Single(values), acknowledged, acknowledged + 1);
    }

    [Fact]
    public async Task A_port_in_use_is_named()
    {
        await using var first = await GarnetStandIn.StartAsync(new GarnetOptions { DataPath = Path.Combine(_folder, "a") });
        var error = await Assert.ThrowsAsync<GarnetException>(() => GarnetStandIn.StartAsync(new GarnetOptions { DataPath = Path.Combine(_folder, "b"), Port = first.Port }));
        Assert.Contains($"port {first.Port} in use", error.Message, StringComparison.Ordinal);
    }
}
