using System.Text.Json;
using RealTimeMesh.Contracts;
using RealTimeMesh.DeltaLake;

namespace RealTimeMesh.Lakehouse.Tests;

/// <summary>The service's process killed while it commits.</summary>
public sealed class KillTests(ITestOutputHelper output)
{
    private const int Rounds = 6;
    private const int Batch = 40;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact(Timeout = 600_000)]
    public async Task Killed_between_quarantine_and_bronze_every_event_is_in_one_of_them_once()
    {
        await using var lake = await TestLakehouse.StartAsync();
        await lake.DeliverAsync(Samples.Topic, lake.Visits(0, 0, 1));
        await lake.Delta("bronze.visits").AddConstraintAsync("place_in_five", "seconds % 5 <> 4", Cancel);
        await lake.StopAppAsync();
        await using var sidecar = await PublishingSidecar.StartAsync(lake.DataPath);
        var cut = 0;
        for (var round = 0; round < Rounds; round++)
        {
            await using var service = await LakehouseProcess.StartAsync(lake.DataPath, lake.RegistryUrl, sidecar.PortSetting);
            Assert.True(await service.DeliverAsync(lake.Visits(0, 0, round * Batch)) || round == 0);
            var log = Path.Combine(lake.TablePath("bronze.quarantine"), "_delta_log");
            var (bad, bronze) = (Commits(log), Commits(Path.Combine(lake.TablePath("bronze.visits"), "_delta_log")));
            var delivery = service.DeliverAsync(lake.Visits(0, 0, (round + 1) * Batch));
            while (Commits(log) == bad && !delivery.IsCompleted)
                Thread.SpinWait(50);
            await service.KillAsync();
            await delivery;
            cut += Commits(Path.Combine(lake.TablePath("bronze.visits"), "_delta_log")) == bronze ? 1 : 0;
        }

        await lake.StartAppAsync();
        await lake.DeliverAsync(Samples.Topic, lake.Visits(0, 0, Rounds * Batch));
        output.WriteLine($"{cut} of {Rounds} kills came between the two commits");
        var ledger = await lake.LedgerAsync();
        Assert.Equal((Rounds * Batch * 4 / 5, Rounds * Batch / 5), (ledger.Rows, ledger.Quarantined));
        Assert.Equal((Rounds * Batch * 4 / 5, Rounds * Batch * 4 / 5), await lake.AuditAsync());
        var quarantined = (await lake.RowsAsync("bronze.quarantine")).Select(row => row["_offset"].GetInt64()).Order();
        var expected = Enumerable.Range(0, Rounds * Batch).Where(i => i % 5 == 4).Select(i => (long)i).ToList();
        Assert.Equal(expected, quarantined);
        // Each has its dead letter; one that was written twice has one id.
        var letters = (await sidecar.LettersAsync(Samples.Topic + ".dlq")).DistinctBy(letter => letter.Id).ToList();
        Assert.Equal(expected, letters.Select(letter => letter.Record.Origin.Offset!.Value).Concat(lake.Letters.Letters.Select(letter => letter.Record.Origin.Offset!.Value)).Distinct().Order());
    }

    [Fact(Timeout = 600_000)]
    public async Task Killed_while_columns_come_with_their_first_rows_neither_comes_without_the_other()
    {
        await using var lake = await TestLakehouse.StartAsync();
        await lake.DeliverAsync(Samples.Topic, lake.Visits(0, 0, Batch));
        await lake.StopAppAsync();
        List<Sent> events = [.. lake.Visits(0, 0, Batch)];
        var schema = Samples.Contract.Json;
        for (var round = 0; round < Rounds; round++)
        {
            schema = $$"""{{schema[..schema.LastIndexOf(']')]}},{"name":"extra{{round}}","type":["null","int"],"default":null}]}""";
            var id = await lake.RegisterAsync(schema);
            var contract = AvroContract.Parse(schema);
            var first = events.Count;
            events.AddRange(Enumerable.Range(first, Batch).Select(i => new Sent(Samples.Event(contract, id, ["P", $"guest {i}", i, 1L, .. Enumerable.Repeat<object?>(i, contract.Rows.Fields.Count - 4)]), $"http-0-{i}", 0, i)));
            await using var service = await LakehouseProcess.StartAsync(lake.DataPath, lake.RegistryUrl);
            var delivery = service.DeliverAsync(events);
            // In turns: when the first file of data is there, and when the commit is.
            var folder = lake.TablePath("bronze.visits");
            Func<int> progress = round % 2 == 0 ? () => Directory.GetFiles(folder, "*.parquet", SearchOption.AllDirectories).Length : () => Commits(Path.Combine(folder, "_delta_log"));
            var before = progress();
            while (progress() == before && !delivery.IsCompleted)
                Thread.SpinWait(50);
            await service.KillAsync();
            output.WriteLine($"round {round}: {(await delivery ? "answered" : "not answered")}, version {(await lake.Delta("bronze.visits").GetSnapshotAsync(null, Cancel))!.Version}");
            await AssertTogetherAsync(lake);
        }

        await lake.StartAppAsync();
        await lake.DeliverAsync(Samples.Topic, events);
        Assert.Equal((events.Count, events.Count), await lake.AuditAsync());
        await AssertTogetherAsync(lake);
        Assert.Equal(Enumerable.Range(0, Rounds).Select(i => $"extra{i}"), (await lake.Delta("bronze.visits").GetSnapshotAsync(null, Cancel))!.Schema.Fields.Select(field => field.Name).Where(name => name.StartsWith("extra", StringComparison.Ordinal)));
        Assert.All(await lake.RowsAsync("bronze.visits"), row =>
        {
            var i = row["_offset"].GetInt32();
            for (var round = 0; round < Rounds; round++)
                Assert.Equal(i >= (round + 1) * Batch, row[$"extra{round}"].ValueKind == JsonValueKind.Number);
        });
    }

    /// <summary>Every commit that changes the columns of the table, after the first, has rows.</summary>
    private static async Task AssertTogetherAsync(TestLakehouse lake)
    {
        foreach (var file in Directory.GetFiles(Path.Combine(lake.TablePath("bronze.visits"), "_delta_log"), "*.json").Order().Skip(1))
        {
            var commit = await File.ReadAllTextAsync(file, Cancel);
            if (commit.Contains("\"metaData\"", StringComparison.Ordinal))
                Assert.Contains("\"add\"", commit, StringComparison.Ordinal);
        }
    }

    private static int Commits(string log) => Directory.Exists(log) ? Directory.GetFiles(log, "0*.json").Length : 0;
}
