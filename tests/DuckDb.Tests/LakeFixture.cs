using RealTimeMesh.Contracts;
using RealTimeMesh.DeltaLake;
using RealTimeMesh.DeltaLake.Validation;
using RealTimeMesh.Pipelines;

namespace RealTimeMesh.DuckDb.Tests;

/// <summary>A temporary lake with one bronze table, a row-wise silver table, a deduplicating one and aggregates.</summary>
internal sealed class LakeFixture : IDisposable
{
    public static readonly RowSchema BronzeSchema = new(
    [
        new Field("id", FieldType.Int64, false),
        new Field("airport", FieldType.String, true),
        new Field("delay", FieldType.Int32, true),
        new Field("seen", FieldType.Timestamp, false),
        new Field("_offset", FieldType.Int64, false),
        new Field("day", FieldType.Date, false),
    ]);

    public const string SilverSql = "select b.id, b.airport, a.city, cast(b.delay as int) as delay, b.seen, b._offset from bronze.flights b left join airports a on a.iata = b.airport";

    public const string LatestSql = """
        select id, airport, delay from (
          select f.*, row_number() over (partition by id order by _offset desc) as arrival from bronze.flights f
        ) numbered where arrival = 1
        """;

    public const string GoldSql = "select airport, count(*) as flights, sum(delay) as total_delay, avg(delay) as avg_delay, max(seen) as last_seen from silver.latest_full group by airport";

    private static long _counter;
    private long _offset;

    public LakeFixture()
    {
        Root = Path.Combine(Path.GetTempPath(), $"mesh-duckdb-{Environment.ProcessId}-{Interlocked.Increment(ref _counter)}");
        Directory.CreateDirectory(Root);
        File.WriteAllText(Path.Combine(Root, "airports.csv"), "iata,city\nAAA,Alpha\nBBB,Beta\n\"CCC\",\"Gamma, the third\"\n");
        Engine = new DuckDbJobEngine(Path.Combine(Root, "lake"), Options, TimeProvider.System);
        Pipeline = Define(SilverSql);
    }

    public string Root { get; }

    public DuckDbOptions Options => new() { SpillPath = Path.Combine(Root, "spill"), MemoryLimitMiB = 256 };

    public DuckDbJobEngine Engine { get; set; }

    public PipelineDefinition Pipeline { get; set; }

    public DeltaTable Bronze => Engine.TableOf(Table("bronze.flights"));

    public PipelineDefinition Define(string silverSql) => new()
    {
        Name = "test",
        Directory = Root,
        References = [new ReferenceDefinition("airports", Path.Combine(Root, "airports.csv"), "iata")],
        Tables =
        [
            new TableDefinition { Pipeline = "test", Name = "bronze.flights", PartitionBy = ["day"] },
            Sql("silver.flights", silverSql, ["id"], "bronze.flights", "bronze.flights", "airports"),
            Sql("silver.latest", LatestSql, ["id"], "bronze.flights", "bronze.flights"),
            Sql("silver.latest_full", "select id, airport, delay, seen from (select f.*, row_number() over (partition by id order by _offset desc) as arrival from bronze.flights f) n where arrival = 1", ["id"], "bronze.flights", "bronze.flights"),
            Sql("gold.airports", GoldSql, ["airport"], "silver.latest_full", "silver.latest_full"),
        ],
    };

    public static TableDefinition Sql(string name, string sql, string[] merge, string changes, params string[] reads) =>
        new() { Pipeline = "test", Name = name, Sql = sql, SqlFile = $"sql/{name}.sql", Merge = merge, Changes = changes, Reads = reads };

    public TableDefinition Table(string name) => Pipeline.Tables.First(table => table.Name == name);

    public Task<JobResult> BuildAsync(string name) => Engine.BuildAsync(Pipeline, Table(name), TestContext.Current.CancellationToken);

    public async Task AppendAsync(params (long Id, string? Airport, int? Delay)[] rows)
    {
        var cancel = TestContext.Current.CancellationToken;
        var batch = new ColumnBatch(BronzeSchema);
        foreach (var (id, airport, delay) in rows)
        {
            ((Int64Column)batch.Columns[0]).Append(id);
            if (airport is null)
                batch.Columns[1].AppendNull();
            else
                ((StringColumn)batch.Columns[1]).Append(airport);
            if (delay is null)
                batch.Columns[2].AppendNull();
            else
                ((Int64Column)batch.Columns[2]).Append(delay.Value);
            ((Int64Column)batch.Columns[3]).Append(1_000_000L * (id + _offset));
            ((Int64Column)batch.Columns[4]).Append(_offset);
            ((Int64Column)batch.Columns[5]).Append(20_000 + (_offset % 2));
            _offset++;
        }

        var snapshot = await Bronze.GetSnapshotAsync(null, cancel);
        var transaction = Bronze.BeginTransaction(snapshot);
        if (snapshot is null)
            transaction.SetMetadata(BronzeSchema, ["day"], "bronze.flights");
        foreach (var file in await Bronze.WriteFilesAsync(BronzeSchema, ["day"], [batch], cancel))
            transaction.Add(file);
        Assert.IsType<CommitResult.Committed>(await transaction.CommitAsync("WRITE", new Dictionary<string, string>(), cancel));
    }

    public async Task<IReadOnlyList<string>> RowsAsync(string name, string columns = "*")
    {
        var cancel = TestContext.Current.CancellationToken;
        using var session = DuckDbSession.Open(Options);
        var table = Engine.TableOf(Table(name));
        await session.RegisterSnapshotAsync("t", table.Path, (await table.GetSnapshotAsync(null, cancel))!, null, cancel);
        return Texts(await session.RowsAsync($"SELECT {columns} FROM t ORDER BY ALL", cancel));
    }

    /// <summary>What a query gives over the whole lake, asked of DuckDB without the engine.</summary>
    public async Task<IReadOnlyList<string>> ExpectAsync(string sql)
    {
        var cancel = TestContext.Current.CancellationToken;
        using var session = DuckDbSession.Open(Options);
        await session.RegisterCsvAsync("airports", Path.Combine(Root, "airports.csv"), cancel);
        await session.RegisterSnapshotAsync("bronze.flights", Bronze.Path, (await Bronze.GetSnapshotAsync(null, cancel))!, null, cancel);
        return Texts(await session.RowsAsync($"SELECT * FROM ({sql}) ORDER BY ALL", cancel));
    }

    public void Dispose()
    {
        Engine.Dispose();
        try
        {
            WrittenTables.Check(Root);
        }
        finally
        {
            Directory.Delete(Root, recursive: true);
        }
    }

    private static IReadOnlyList<string> Texts(IReadOnlyList<object?[]> rows) =>
        [.. rows.Select(row => string.Join(" | ", row.Select(value => Convert.ToString(value, System.Globalization.CultureInfo.InvariantCulture) is { Length: > 0 } text ? text : "NULL")))];
}
