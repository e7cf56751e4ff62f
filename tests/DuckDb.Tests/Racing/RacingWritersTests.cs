using System.Diagnostics;
using System.Globalization;
using RealTimeMesh.DeltaLake;
using RealTimeMesh.DeltaLake.Racing;
using RealTimeMesh.DeltaLake.Validation;

namespace RealTimeMesh.DuckDb.Tests;

/// <summary>Eight processes append to, update, merge into, delete from and optimise one table, and are killed at random moments.</summary>
public sealed class RacingWritersTests : IDisposable
{
    private const int Writers = 8;
    private const long Commits = 1000;

    private readonly string _folder = Path.Combine(Path.GetTempPath(), "racing-" + Guid.NewGuid().ToString("N"));

    private string TablePath => Path.Combine(_folder, "table");

    private string StopFile => Path.Combine(_folder, "stop");

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory(Timeout = 600_000)]
    [InlineData(false, false)]
    [InlineData(true, true)]
    public async Task Nothing_is_lost_or_doubled_when_eight_processes_race_and_are_killed(bool deletionVectors, bool rowTracking)
    {
        Directory.CreateDirectory(_folder);
        var table = DeltaTable.At(TablePath, new DeltaTableOptions(), TimeProvider.System);
        await table.BeginTransaction(null).SetMetadata(RacingWriter.Schema, [], "racing")
            .SetProperties([new("delta.enableDeletionVectors", deletionVectors ? "true" : "false"), new("delta.enableRowTracking", rowTracking ? "true" : "false"), new("delta.enableExpiredLogCleanup", "false")]).CommitAsync("CREATE TABLE", new Dictionary<string, string>(), Token);
        var random = new Random(20260105);
        var processes = Enumerable.Range(0, Writers).Select(Start).ToArray();
        var (kills, looks) = (0, 0);
        var watch = Stopwatch.StartNew();
        try
        {
            Snapshot snapshot;
            while ((snapshot = (await table.GetSnapshotAsync(null, Token))!).Version < Commits)
            {
                await RequireConsistentAsync(snapshot);
                looks++;
                var victim = random.Next(Writers);
                Assert.False(processes[victim].HasExited, $"writer {victim} ended by itself");
                processes[victim].Kill();
                await processes[victim].WaitForExitAsync(Token);
                processes[victim].Dispose();
                processes[victim] = Start(victim);
                kills++;
                await CommittedAsync(snapshot.Version + random.Next(5, 25));
            }

            watch.Stop();
            await File.WriteAllTextAsync(StopFile, "", Token);
            foreach (var process in processes)
            {
                await process.WaitForExitAsync(Token);
                Assert.Equal(0, process.ExitCode);
            }
        }
        finally
        {
            foreach (var process in processes)
            {
                if (!process.HasExited)
                    process.Kill();
                process.Dispose();
            }
        }

        var last = (await DeltaTable.At(TablePath, new DeltaTableOptions(), TimeProvider.System).GetSnapshotAsync(null, Token))!;
        var rows = await RequireConsistentAsync(last);
        await RequireEveryVersionAsync(last.Version);
        WrittenTables.Check(TablePath);
        TestContext.Current.TestOutputHelper!.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{last.Version} commits by {Writers} processes, {kills} kills, {looks} readings of the whole table between them, {rows} rows at the end, {last.Version / watch.Elapsed.TotalSeconds:F1} commits/s"));
    }

    /// <summary>The rows of a snapshot are exactly those that the steps it tells of make.</summary>
    private async Task<long> RequireConsistentAsync(Snapshot snapshot)
    {
        using var session = DuckDbSession.Open(new DuckDbOptions { Threads = 1 });
        await session.RegisterScanAsync("t", new ScanRequest(snapshot) { WithRowIds = snapshot.RowTracking is not null }, Token);
        if (snapshot.RowTracking is not null)
            Assert.Equal(0, await session.CountAsync("SELECT count(*) - count(DISTINCT _row_id) FROM t", Token));
        var found = new SortedDictionary<long, (int, long, long, long)>();
        foreach (var row in await session.RowsAsync("SELECT key, count(*), min(value), max(value), count(DISTINCT id) FROM t GROUP BY key", Token))
            found[Number(row[0])] = ((int)Number(row[1]), Number(row[2]), Number(row[3]), Number(row[4]));
        var expected = new SortedDictionary<long, (int, long, long, long)>();
        for (var writer = 0; writer < Writers; writer++)
        {
            foreach (var (key, (count, value)) in RacePlan.After(writer, snapshot.Transactions.GetValueOrDefault(RacePlan.AppId(writer))))
                expected[key] = (count, value, value, count);
        }

        Assert.Equal(expected, found);
        return expected.Values.Sum(item => (long)item.Item1);
    }

    private async Task RequireEveryVersionAsync(long newest)
    {
        var log = Path.Combine(TablePath, "_delta_log");
        for (var version = 0L; version <= newest; version++)
        {
            var lines = await File.ReadAllLinesAsync(Path.Combine(log, $"{version:D20}.json"), Token);
            Assert.Contains(lines, line => line.StartsWith("{\"commitInfo\"", StringComparison.Ordinal));
        }

        Assert.False(File.Exists(Path.Combine(log, $"{newest + 1:D20}.json")));
    }

    private async Task CommittedAsync(long version)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(5));
        while (!File.Exists(Path.Combine(TablePath, "_delta_log", $"{version:D20}.json")))
            await timer.WaitForNextTickAsync(Token);
    }

    private Process Start(int writer)
    {
        var program = Path.Combine(AppContext.BaseDirectory, "RealTimeMesh.DeltaLake.Racing");
        return Process.Start(new ProcessStartInfo(program, [TablePath, writer.ToString(CultureInfo.InvariantCulture), StopFile]))!;
    }

    private static long Number(object? value) => Convert.ToInt64(value, CultureInfo.InvariantCulture);

    public void Dispose()
    {
        if (Directory.Exists(_folder))
            Directory.Delete(_folder, recursive: true);
    }
}
