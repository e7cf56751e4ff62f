using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using RealTimeMesh.Contracts;
using RealTimeMesh.Lakehouse.Maintenance;
using RealTimeMesh.Lakehouse.Queries;
using RealTimeMesh.Lakehouse.Tables;
using Microsoft.Extensions.Configuration;

namespace RealTimeMesh.Lakehouse.Tests;

public sealed class MaintenanceTests
{
    private const string Table = "/v1/tables/test/bronze.visits";
    private static readonly DateTimeOffset s_now = new(2026, 1, 5, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public async Task Small_files_are_put_together_by_hand_and_the_rows_stay()
    {
        await using var lake = await TableTests.FilledAsync(6);
        var (_, preview) = await lake.PostAsync($"{Table}/optimize", new { dry_run = true });
        Assert.Equal(6, preview.GetProperty("files").GetInt32());
        Assert.Equal(6, (await lake.GetAsync(Table)).GetProperty("files").GetInt32());
        var (code, done) = await lake.PostAsync($"{Table}/optimize");
        Assert.True(code == HttpStatusCode.OK, done.GetRawText());
        Assert.Equal("done", done.GetProperty("run").GetProperty("outcome").GetString());
        Assert.Equal((1, 60), (Int(await lake.GetAsync(Table), "files"), Int(await lake.GetAsync(Table), "rows")));
        Assert.Equal((60, 60), await lake.AuditAsync());
        Assert.Equal("nothing", (await lake.PostAsync($"{Table}/optimize")).Answer.GetProperty("run").GetProperty("outcome").GetString());
        Assert.Equal(HttpStatusCode.BadRequest, (await lake.PostAsync($"{Table}/optimize", new { z_order = new[] { "nothing" } })).Code);
        Assert.Equal(HttpStatusCode.BadRequest, (await lake.PostAsync($"{Table}/optimize", new { where = "place = 'P1'" })).Code);
    }

    [Fact]
    public async Task A_vacuum_by_hand_deletes_what_the_retention_allows_and_never_less()
    {
        await using var lake = await TableTests.FilledAsync(3);
        await File.WriteAllTextAsync(Path.Combine(lake.TablePath("bronze.visits"), "orphan.parquet"), "x");
        Assert.Equal(0, Int((await lake.PostAsync($"{Table}/vacuum")).Answer, "files"));
        lake.Age("bronze.visits", TimeSpan.FromDays(8));
        var (code, short_) = await lake.PostAsync($"{Table}/vacuum", new { retention_hours = 1 });
        Assert.Equal(HttpStatusCode.BadRequest, code);
        Assert.Contains("7 days or more", short_.GetProperty("error").GetString(), StringComparison.Ordinal);
        var (_, dry) = await lake.PostAsync($"{Table}/vacuum", new { dry_run = true });
        Assert.Equal("orphan.parquet", dry.GetProperty("named")[0].GetString());
        Assert.True(File.Exists(Path.Combine(lake.TablePath("bronze.visits"), "orphan.parquet")));
        Assert.Equal(HttpStatusCode.OK, (await lake.PostAsync($"{Table}/vacuum")).Code);
        Assert.False(File.Exists(Path.Combine(lake.TablePath("bronze.visits"), "orphan.parquet")));
        Assert.Equal((30, 30), await lake.AuditAsync());
    }

    [Fact]
    public async Task The_policy_is_done_by_itself_and_shown()
    {
        await using var lake = await TableTests.FilledAsync(5, "--MESH_MAINTENANCE_EVERY_S=1", "--MESH_MAINTENANCE_BRONZE_OPTIMIZE_FILES=4", "--MESH_MAINTENANCE_BRONZE_CHECKPOINT_COMMITS=3", "--MESH_MAINTENANCE_MIN_FREE_MIB=0");
        var answer = await UntilAsync(lake, runs => runs.Contains("optimize") && runs.Contains("vacuum") && runs.Contains("checkpoint"));
        Assert.True(answer.GetProperty("on").GetBoolean());
        Assert.NotEqual(JsonValueKind.Null, answer.GetProperty("next_look").ValueKind);
        Assert.Equal(4, answer.GetProperty("policies").EnumerateArray().Single(item => item.GetProperty("class").GetString() == "bronze").GetProperty("optimize_files").GetInt32());
        Assert.Equal((1, 50), (Int(await lake.GetAsync(Table), "files"), Int(await lake.GetAsync(Table), "rows")));
        Assert.NotEmpty(Directory.GetFiles(Path.Combine(lake.TablePath("bronze.visits"), "_delta_log"), "*.checkpoint.parquet"));
        Assert.Contains("mesh_lakehouse_maintenance_runs", await lake.Http.GetStringAsync("/metrics"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Writers_and_maintenance_at_once_lose_and_double_nothing()
    {
        await using var lake = await TestLakehouse.StartAsync("--MESH_BRONZE_LINGER_MS=1", "--MESH_MAINTENANCE_BRONZE_OPTIMIZE_FILES=2", "--MESH_MAINTENANCE_MIN_FREE_MIB=0", "--MESH_MAINTENANCE=off");
        var service = lake.Services.GetRequiredService<MaintenanceService>();
        using var stop = new CancellationTokenSource();
        var looks = Task.Run(async () =>
        {
            while (!stop.IsCancellationRequested)
                await service.LookAsync(CancellationToken.None);
        });
        for (var offset = 0; offset < 300; offset += 10)
            Assert.Equal(HttpStatusCode.OK, await lake.DeliverAsync(Samples.Topic, lake.Visits(0, offset, 10)));
        await stop.CancelAsync();
        await looks;
        Assert.Equal((300, 300), await lake.AuditAsync());
        var runs = (await lake.GetAsync("/v1/maintenance?table=bronze.visits&limit=1000")).GetProperty("runs").EnumerateArray().ToList();
        Assert.Contains(runs, run => run.GetProperty("task").GetString() == "optimize" && run.GetProperty("outcome").GetString() == "done");
        Assert.DoesNotContain(runs, run => run.GetProperty("outcome").GetString() == "failed");
    }

    [Fact(Timeout = 120_000)]
    public async Task Two_processes_that_maintain_one_table_at_once_lose_and_double_nothing()
    {
        string[] eager = ["--MESH_MAINTENANCE_EVERY_S=1", "--MESH_MAINTENANCE_BRONZE_OPTIMIZE_FILES=2", "--MESH_MAINTENANCE_BRONZE_CHECKPOINT_COMMITS=2", "--MESH_MAINTENANCE_MIN_FREE_MIB=0"];
        await using var lake = await TestLakehouse.StartAsync(["--MESH_BRONZE_LINGER_MS=1", .. eager]);
        await using var other = await LakehouseProcess.StartAsync(lake.DataPath, lake.RegistryUrl, eager);
        var service = lake.Services.GetRequiredService<MaintenanceService>();
        List<JsonElement> theirs = [], mine = [];
        // Until each has put files together: who of two is first is a matter of luck, so this one looks by hand only until it was.
        for (var offset = 0; offset < 300 || !theirs.Any(Optimized) || !mine.Any(Optimized); offset += 10)
        {
            TestContext.Current.CancellationToken.ThrowIfCancellationRequested();
            Assert.Equal(HttpStatusCode.OK, await lake.DeliverAsync(Samples.Topic, lake.Visits(0, offset, 10)));
            if (offset % 50 != 0)
                continue;
            if (!mine.Any(Optimized))
                await service.LookAsync(CancellationToken.None);
            mine = await RunsAsync(lake.Http);
            theirs = await RunsAsync(other.Http);
        }

        mine = await RunsAsync(lake.Http);
        theirs = await RunsAsync(other.Http);
        Assert.DoesNotContain(theirs.Concat(mine), run => run.GetProperty("outcome").GetString() == "failed");
        var (rows, ids) = await lake.AuditAsync();
        Assert.Equal((await lake.LedgerAsync()).Rows, rows);
        Assert.Equal(rows, ids);

        static bool Optimized(JsonElement run) => run.GetProperty("task").GetString() == "optimize" && run.GetProperty("outcome").GetString() == "done";
        static async Task<List<JsonElement>> RunsAsync(HttpClient http) => [.. (await http.GetFromJsonAsync<JsonElement>("/v1/maintenance?table=bronze.visits&limit=1000")).GetProperty("runs").EnumerateArray()];
    }

    [Fact]
    public async Task A_query_that_holds_a_version_reads_it_to_its_end_though_a_vacuum_runs()
    {
        await using var lake = await TableTests.FilledAsync(4, "--MESH_MAINTENANCE_MIN_FREE_MIB=0");
        var table = lake.Services.GetRequiredService<LakeCatalog>().Table("test", "bronze.visits");
        await table.BeginTransaction(await table.GetSnapshotAsync(null, default)).SetProperties([new("delta.deletedFileRetentionDuration", "interval 0 hours")]).CommitAsync("SET TBLPROPERTIES", new Dictionary<string, string>(), default);
        var before = (await table.GetSnapshotAsync(null, default))!;
        Assert.Equal(HttpStatusCode.OK, (await lake.PostAsync($"{Table}/optimize")).Code);
        lake.Age("bronze.visits", TimeSpan.FromDays(8));
        var queries = lake.Services.GetRequiredService<LakeQueries>();
        using (table.Hold(before))
        {
            Assert.Equal(0, Int((await lake.PostAsync($"{Table}/vacuum")).Answer, "files"));
            Assert.Equal(40L, Assert.Single((await queries.RunAsync(table, before, before.Files, "SELECT count(*) FROM t", 1, default)).Rows)[0]);
        }

        Assert.Equal(4, Int((await lake.PostAsync($"{Table}/vacuum")).Answer, "files"));
        await Assert.ThrowsAnyAsync<RealTimeMeshException>(() => queries.RunAsync(table, before, before.Files, "SELECT sum(seconds) FROM t", 1, default));
        Assert.Equal((40, 40), await lake.AuditAsync());
    }

    [Fact]
    public async Task What_is_due_on_a_table_is_told_and_a_checkpoint_is_made_by_request()
    {
        await using var lake = await TableTests.FilledAsync(5, "--MESH_MAINTENANCE_BRONZE_OPTIMIZE_FILES=4");
        var state = await lake.GetAsync($"{Table}/maintenance");
        Assert.Equal(["optimize", "clean_log", "vacuum"], state.GetProperty("due").EnumerateArray().Select(task => task.GetString()!));
        Assert.Equal((5, 6), (Int(state, "small_files"), Int(state, "commits_since_checkpoint")));
        Assert.Equal("bronze", state.GetProperty("policy").GetProperty("class").GetString());
        var (code, answer) = await lake.PostAsync($"{Table}/checkpoint");
        Assert.True(code == HttpStatusCode.OK, answer.GetRawText());
        state = await lake.GetAsync($"{Table}/maintenance");
        Assert.Equal(0, Int(state, "commits_since_checkpoint"));
        Assert.Equal("checkpoint", state.GetProperty("last")[0].GetProperty("task").GetString());
        Assert.Equal(2, (await lake.GetAsync("/v1/audit-log")).GetProperty("entries").GetArrayLength());
        // Only what found something to do.
        await lake.PostAsync($"{Table}/vacuum");
        Assert.Equal(1, (await lake.GetAsync("/v1/maintenance?idle=false")).GetProperty("runs").GetArrayLength());
        Assert.Equal(2, (await lake.GetAsync("/v1/maintenance")).GetProperty("runs").GetArrayLength());
    }

    [Fact]
    public async Task Nothing_is_put_together_while_the_disk_is_short()
    {
        await using var lake = await TableTests.FilledAsync(4, $"--MESH_MAINTENANCE_MIN_FREE_MIB={int.MaxValue}");
        var (code, answer) = await lake.PostAsync($"{Table}/optimize");
        Assert.Equal(HttpStatusCode.InsufficientStorage, code);
        Assert.Contains("MESH_MAINTENANCE_MIN_FREE_MIB", answer.GetProperty("error").GetString(), StringComparison.Ordinal);
        Assert.Equal("disk_short", (await lake.GetAsync("/v1/maintenance")).GetProperty("runs")[0].GetProperty("outcome").GetString());
        Assert.Equal(4, Int(await lake.GetAsync(Table), "files"));
    }

    [Fact]
    public void A_table_is_due_for_what_its_class_asks_for()
    {
        var options = new MaintenanceOptions();
        var planner = new MaintenancePlanner(options, new MaintenanceJournal());
        MaintenanceTask[] daily = [MaintenanceTask.CleanLog, MaintenanceTask.Vacuum];
        Assert.Equal(daily, planner.Due(Facts("bronze.a", smallFiles: 31), s_now));
        Assert.Equal([MaintenanceTask.Optimize, .. daily], planner.Due(Facts("bronze.a", smallFiles: 32), s_now));
        Assert.Equal([MaintenanceTask.Optimize, MaintenanceTask.Checkpoint, .. daily], planner.Due(Facts("silver.a", smallFiles: 16, commits: 100), s_now));
        // A table that is merged into is left alone while somebody is at it.
        Assert.Equal(daily, planner.Due(Facts("silver.a", smallFiles: 16) with { LastCommit = s_now.AddSeconds(-59) }, s_now));
    }

    [Fact]
    public void What_is_done_waits_for_its_time_and_what_failed_rests()
    {
        var (options, journal) = (new MaintenanceOptions(), new MaintenanceJournal());
        var planner = new MaintenancePlanner(options, journal);
        var facts = Facts("gold.a", smallFiles: 99);
        journal.Add(Run(MaintenanceTask.Vacuum, MaintenanceOutcome.Nothing));
        journal.Add(Run(MaintenanceTask.CleanLog, MaintenanceOutcome.Failed));
        journal.Add(Run(MaintenanceTask.Optimize, MaintenanceOutcome.Conflict));
        Assert.Equal([MaintenanceTask.Optimize], planner.Due(facts, s_now.AddMinutes(14)));
        Assert.Equal([MaintenanceTask.Optimize, MaintenanceTask.CleanLog], planner.Due(facts, s_now.AddMinutes(15)));
        Assert.Equal([MaintenanceTask.Optimize, MaintenanceTask.CleanLog, MaintenanceTask.Vacuum], planner.Due(facts, s_now.AddHours(24)));
    }

    [Fact]
    public void Settings_of_the_maintenance_are_checked()
    {
        var configuration = new ConfigurationBuilder().AddInMemoryCollection([new("MESH_MAINTENANCE", "off"), new("MESH_MAINTENANCE_GOLD_VACUUM_HOURS", "0")]).Build();
        var options = MaintenanceOptions.From(configuration);
        Assert.False(options.IsOn);
        Assert.Equal((TimeSpan.Zero, TimeSpan.FromHours(24)), (options.Policies[TableClass.Gold].VacuumEvery, options.Policies[TableClass.Silver].VacuumEvery));
        var wrong = new ConfigurationBuilder().AddInMemoryCollection([new("MESH_MAINTENANCE_BRONZE_TARGET_MIB", "big")]).Build();
        Assert.Contains("MESH_MAINTENANCE_BRONZE_TARGET_MIB", Assert.Throws<ConfigurationException>(() => MaintenanceOptions.From(wrong)).Message, StringComparison.Ordinal);
    }

    private static TableFacts Facts(string name, int smallFiles, long commits = 0) => new("test", name, s_now.AddHours(-1), commits, smallFiles);

    private static MaintenanceRun Run(MaintenanceTask task, MaintenanceOutcome outcome) => new(0, "test", "gold.a", task, "policy", s_now, 1, outcome, new Dictionary<string, long>(), null);

    private static int Int(JsonElement element, string name) => element.GetProperty(name).GetInt32();

    private static async Task<JsonElement> UntilAsync(TestLakehouse lake, Func<HashSet<string>, bool> pleases)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        while (true)
        {
            var answer = await lake.GetAsync("/v1/maintenance?table=bronze.visits");
            if (pleases([.. answer.GetProperty("runs").EnumerateArray().Where(run => run.GetProperty("outcome").GetString() is "done" or "nothing").Select(run => run.GetProperty("task").GetString()!)]))
                return answer;
            await Task.Delay(TimeSpan.FromMilliseconds(10), TimeProvider.System, limit.Token);
        }
    }
}
