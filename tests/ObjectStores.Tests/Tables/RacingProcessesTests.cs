using System.Diagnostics;
using System.Globalization;
using RealTimeMesh.DeltaLake.Racing;
using RealTimeMesh.DeltaLake.Validation;
using RealTimeMesh.DuckDb;
using RealTimeMesh.ObjectStores.Tests.S3;

namespace RealTimeMesh.ObjectStores.Tests.Tables;

/// <summary>Eight processes append to, update, merge into, delete from and optimise one remote table, share a cache, and are killed at random moments.</summary>
public sealed class RacingProcessesTests : IDisposable
{
    private const int Writers = 8;
    private const long Commits = 120;
    private const string Url = "s3://lake/t";
    private readonly TestFolder _folder = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private string StopFile => Path.Combine(_folder.Path, "stop");

    private string CacheFolder => Path.Combine(_folder.Path, "cache");

    [Fact(Timeout = 600_000)]
    public async Task Nothing_is_lost_or_doubled_when_eight_processes_race_on_a_faulty_store_and_are_killed()
    {
        await using var server = await S3TestServer.StartAsync();
        server.PageSize = 1000;
        using var store = ObjectTableStore.Open(Url, server.Options(CacheFolder), TimeProvider.System);
        var table = DeltaTable.At(Url, new DeltaTableOptions { Store = store }, TimeProvider.System);
        await table.BeginTransaction(null).SetMetadata(RacingWriter.Schema, [], "racing").CommitAsync("CREATE TABLE", new Dictionary<string, string>(), Cancel);
        server.Faults.Randomly(0.02);
        var random = new Random(20260105);
        var processes = Enumerable.Range(0, Writers).Select(writer => Start(server, writer)).ToArray();
        var (kills, watch) = (0, Stopwatch.StartNew());
        try
        {
            for (var reached = 15L; reached < Commits; reached += 15)
            {
                await CommittedAsync(server, reached, processes);
                await RequireConsistentAsync((await table.GetSnapshotAsync(null, Cancel))!);
                var victim = random.Next(Writers);
                Assert.False(processes[victim].HasExited, $"writer {victim} ended by itself");
                processes[victim].Kill();
                await processes[victim].WaitForExitAsync(Cancel);
                processes[victim].Dispose();
                processes[victim] = Start(server, victim);
                kills++;
            }

            await CommittedAsync(server, Commits, processes);
            watch.Stop();
            await File.WriteAllTextAsync(StopFile, "", Cancel);
            foreach (var process in processes)
            {
                await process.WaitForExitAsync(Cancel);
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

        server.Faults.Randomly(0);
        var last = (await DeltaTable.At(Url, new DeltaTableOptions { Store = store }, TimeProvider.System).GetSnapshotAsync(null, Cancel))!;
        await RequireConsistentAsync(last);
        await server.Objects.SaveAsync("t/", Path.Combine(_folder.Path, "copy"));
        WrittenTables.Check(Path.Combine(_folder.Path, "copy"));
        TestContext.Current.TestOutputHelper!.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{last.Version} commits, {kills} kills, {last.Version / watch.Elapsed.TotalSeconds:F1} commits/s, {server.Faults.Requests.Count} requests"));
    }

    public void Dispose() => _folder.Dispose();

    /// <summary>The rows of a snapshot are exactly those that the steps it tells of make.</summary>
    private static async Task RequireConsistentAsync(Snapshot snapshot)
    {
        using var session = DuckDbSession.Open(new DuckDbOptions { Threads = 1 });
        await session.RegisterSnapshotAsync("t", snapshot.Table, snapshot, null, Cancel);
        var found = new SortedDictionary<long, (int, long, long, long)>();
        foreach (var row in await session.RowsAsync("SELECT key, count(*), min(value), max(value), count(DISTINCT id) FROM t GROUP BY key", Cancel))
            found[Number(row[0])] = ((int)Number(row[1]), Number(row[2]), Number(row[3]), Number(row[4]));
        var expected = new SortedDictionary<long, (int, long, long, long)>();
        for (var writer = 0; writer < Writers; writer++)
        {
            foreach (var (key, (count, value)) in RacePlan.After(writer, snapshot.Transactions.GetValueOrDefault(RacePlan.AppId(writer))))
                expected[key] = (count, value, value, count);
        }

        Assert.Equal(expected, found);
    }

    private static async Task CommittedAsync(S3TestServer server, long version, Process[] processes)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        while (server.Objects.Find($"t/_delta_log/{version:D20}.json") is null)
        {
            Assert.DoesNotContain(processes, process => process.HasExited);
            await timer.WaitForNextTickAsync(Cancel);
        }
    }

    private Process Start(S3TestServer server, int writer)
    {
        var start = new ProcessStartInfo(Path.Combine(AppContext.BaseDirectory, "RealTimeMesh.DeltaLake.Racing"), [Url, writer.ToString(CultureInfo.InvariantCulture), StopFile]);
        start.Environment["AWS_ENDPOINT_URL_S3"] = server.Url;
        start.Environment["AWS_ACCESS_KEY_ID"] = S3TestServer.AccessKey;
        start.Environment["AWS_SECRET_ACCESS_KEY"] = S3TestServer.SecretKey;
        start.Environment["MESH_LAKE_CACHE"] = CacheFolder;
        start.Environment["MESH_LAKE_REQUEST_TIMEOUT_SECONDS"] = "5";
        start.Environment["MESH_LAKE_ATTEMPTS"] = "15";
        return Process.Start(start)!;
    }

    private static long Number(object? value) => Convert.ToInt64(value, CultureInfo.InvariantCulture);
}
