using System.Globalization;
using RealTimeMesh.DeltaLake;
using RealTimeMesh.DeltaLake.Validation;

namespace RealTimeMesh.DuckDb.Tests.Writes;

/// <summary>Tables of random settings under random operations have logs without a fault, and as many rows as their logs say.</summary>
public sealed class RandomLogTests
{
    private static readonly (string Name, string[] Values)[] s_settings =
    [
        ("delta.enableDeletionVectors", ["true", "false"]),
        ("delta.enableChangeDataFeed", ["true", "false"]),
        ("delta.columnMapping.mode", ["none", "name", "id"]),
        ("delta.enableInCommitTimestamps", ["true", "false"]),
        ("delta.enableRowTracking", ["true", "false"]),
        ("delta.enableTypeWidening", ["true", "false"]),
        ("delta.checkpointPolicy", ["classic", "v2"]),
        ("delta.checkpointInterval", ["1", "2", "5"]),
        ("delta.checkpoint.writeStatsAsStruct", ["true", "false"]),
        ("delta.checkpoint.writeStatsAsJson", ["true", "false"]),
        ("delta.dataSkippingNumIndexedCols", ["0", "2", "-1"]),
        ("delta.isolationLevel", ["Serializable", "WriteSerializable"]),
    ];

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    [InlineData(6)]
    [InlineData(7)]
    [InlineData(8)]
    [InlineData(9)]
    [InlineData(10)]
    [InlineData(11)]
    [InlineData(12)]
    public async Task Logs_have_no_faults_whatever_is_done_to_tables_of_any_settings(int seed)
    {
        var random = new Random(seed);
        using var fixture = new WriteFixture();
        var settings = s_settings.Where(_ => random.Next(2) == 0).Select(setting => (setting.Name, setting.Values[random.Next(setting.Values.Length)])).ToArray();
        await fixture.CreateAsync(Rows(random, 0, 200), random.Next(2) == 0 ? ["grp"] : random.Next(2) == 0 ? ["day", "grp"] : null, settings);
        List<string> steps = [$"create {string.Join(", ", settings)}"];
        for (var step = 0; step < 12; step++)
        {
            try
            {
                steps.Add(await StepAsync(fixture, random));
                WrittenTables.Check(fixture.Root);
                var snapshot = await fixture.SnapshotAsync();
                var rows = (await fixture.RowsAsync("1")).Count;
                // Checkpoints without statistics do not tell.
                if (snapshot.RowCount >= 0 || !LosesStatistics(snapshot))
                    Assert.Equal(snapshot.RowCount, rows);
            }
            catch (Exception exception) when (exception is not OperationCanceledException)
            {
                fixture.IsDamaged = true;
                Assert.Fail($"seed {seed}\n{string.Join('\n', steps)}\n{exception}");
            }
        }
    }

    private static bool LosesStatistics(Snapshot snapshot) =>
        snapshot.Configuration.GetValueOrDefault("delta.checkpoint.writeStatsAsJson") == "false" && snapshot.Configuration.GetValueOrDefault("delta.checkpoint.writeStatsAsStruct") == "false";

    private static async Task<string> StepAsync(WriteFixture fixture, Random random)
    {
        var table = fixture.Table;
        var snapshot = await fixture.SnapshotAsync();
        switch (random.Next(13))
        {
            case 0:
                await table.WriteAsync(new WriteRequest(RowSource.Query(Rows(random, random.Next(1000), 50))) { Schema = SchemaMode.Merge }, Cancel);
                return "append";
            case 1:
                await table.DeleteAsync(Where(random), Cancel);
                return "delete";
            case 2:
                await table.UpdateAsync(Where(random), new Dictionary<string, string> { ["amount"] = "amount + 1" }, Cancel);
                return "update";
            case 3:
                await table.Merge(RowSource.Query(Rows(random, random.Next(200), 40)), "target.id = source.id AND target.grp = source.grp").WhenMatchedUpdate(new Dictionary<string, string> { ["amount"] = "source.amount" })
                    .WhenNotMatchedInsertAll().WhenNotMatchedBySourceDelete("target.amount < 2").RunAsync(Cancel);
                return "merge";
            case 4:
                await table.OptimizeAsync(new OptimizeRequest { MaxDeletedShare = 0, ZOrderBy = random.Next(2) == 0 ? ["id", "amount"] : [] }, Cancel);
                return "optimize";
            case 5:
                var version = random.Next((int)snapshot.Version + 1);
                await table.RestoreAsync(new RestoreRequest { Version = version, IgnoreMissingFiles = true }, Cancel);
                return $"restore {version}";
            case 6:
                await table.WriteAsync(new WriteRequest(RowSource.Query(Rows(random, random.Next(1000), 30))) { Mode = WriteMode.Overwrite, Schema = SchemaMode.Merge }, Cancel);
                return "overwrite";
            case 7:
                await table.WriteAsync(new WriteRequest(RowSource.Query($"SELECT * FROM ({Rows(random, random.Next(1000), 60)}) WHERE grp = 'g1'")) { Mode = WriteMode.ReplaceWhere, ReplaceWhere = "grp = 'g1'", Schema = SchemaMode.Merge }, Cancel);
                return "replace where";
            case 8:
                await table.WriteCheckpointAsync(Cancel);
                return "checkpoint";
            case 9:
                return await SetAsync(table, snapshot, random);
            case 10:
                var name = string.Create(CultureInfo.InvariantCulture, $"c{snapshot.Version}");
                await CommitAsync(table.BeginTransaction(snapshot).SetSchema(SchemaEvolution.AddColumn(table.Path, snapshot.Schema, null, new SchemaField(name, PrimitiveType.Double, true))));
                return $"add column {name}";
            case 11:
                await table.WriteAsync(new WriteRequest(RowSource.Query(Rows(random, 500, 5))) { Schema = SchemaMode.Merge, Application = new ApplicationVersion("app", snapshot.Version) }, Cancel);
                return "append of an application";
            default:
                await table.VacuumAsync(new VacuumRequest { Retention = TimeSpan.Zero, AllowShortRetention = true }, Cancel);
                return "vacuum";
        }
    }

    /// <summary>Another setting on the way: what cannot be changed on a table with rows is left.</summary>
    private static async Task<string> SetAsync(DeltaTable table, Snapshot snapshot, Random random)
    {
        var (name, values) = s_settings[random.Next(s_settings.Length)];
        var value = values[random.Next(values.Length)];
        try
        {
            await CommitAsync(table.BeginTransaction(snapshot).SetProperties([new(name, value)]));
            return $"set {name} {value}";
        }
        catch (DeltaException exception)
        {
            return $"set {name} {value}: {exception.Message}";
        }
    }

    private static async Task CommitAsync(DeltaTransaction transaction) =>
        Assert.IsType<CommitResult.Committed>(await transaction.CommitAsync("SET TBLPROPERTIES", new Dictionary<string, string>(), Cancel));

    private static string Where(Random random) => random.Next(4) switch
    {
        0 => $"id % {random.Next(2, 9)} = 0",
        1 => $"grp = 'g{random.Next(3)}'",
        2 => $"amount BETWEEN {random.Next(40)} AND {random.Next(40, 90)}",
        _ => $"day = DATE '2024-01-0{random.Next(1, 4)}' OR note IS NULL",
    };

    private static string Rows(Random random, int first, int count) => string.Create(CultureInfo.InvariantCulture, $"""
        SELECT CAST(i AS BIGINT) AS id, CASE WHEN h % 7 = 0 THEN NULL ELSE 'g' || (h % 3) END AS grp, CAST(h % 100 AS INTEGER) AS amount, DATE '2024-01-01' + CAST(h % 3 AS INTEGER) AS day,
          CASE WHEN h % 4 = 0 THEN NULL ELSE 'n' || (h % 50) END AS note, CAST(h AS DOUBLE) / 8 AS f, TIMESTAMPTZ '2024-01-01 00:00:00.000001+00' + to_microseconds(h) AS at, CAST(h AS DECIMAL(20, 4)) AS price,
          [h, NULL] AS list, struct_pack(x := h, y := CASE WHEN h % 2 = 0 THEN NULL ELSE 'deep' END) AS nested
        FROM (SELECT i, CAST(hash(i + {random.Next(1_000_000)}) % 100000 AS BIGINT) AS h FROM range({first}, {first + count}) r(i))
        """);
}
