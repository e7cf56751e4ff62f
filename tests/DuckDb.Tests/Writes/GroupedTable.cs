using System.Globalization;
using RealTimeMesh.DeltaLake;
using RealTimeMesh.DuckDb.RowGroups;
using RealTimeMesh.DuckDb.Tests.RowGroups;

namespace RealTimeMesh.DuckDb.Tests.Writes;

/// <summary>A table whose files have many row groups of 2048 rows.</summary>
internal sealed class GroupedTable(WriteFixture fixture, string name, bool copyRowGroups)
{
    public const string Columns = "id, grp, amount, note, real, day, seen, dec, s, list, m";

    private int _files;

    public DeltaTable Table { get; } = DeltaTable.At(Path.Combine(fixture.Root, name), new DeltaTableOptions { Engine = new DuckDbTableEngine(fixture.Options with { CopyRowGroups = copyRowGroups }) }, TimeProvider.System);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    /// <summary>Rows of many types, in the order of their ids.</summary>
    public static string Rows(int first, int count, string grp = "'g'") => string.Create(CultureInfo.InvariantCulture, $$"""
        SELECT i AS id, {{grp}} AS grp, i * 7 % 1000 AS amount, CASE WHEN i % 4 = 0 THEN NULL ELSE 'n' || (i % 50) END AS note, CASE WHEN i % 5000 = 17 THEN 'nan' ELSE i / 3 END::DOUBLE AS real,
          DATE '2020-01-01' + (i // 100)::INTEGER AS day, TIMESTAMPTZ '2020-01-01 00:00:00+00' + to_microseconds(i * 1001) AS seen, (i * 1.5)::DECIMAL(12,2) AS dec,
          {'a': i, 'b': CASE WHEN i % 3 = 0 THEN NULL ELSE ['x' || i] END} AS s, [i, NULL] AS list, MAP {'k' || (i % 9): i} AS m
        FROM range({{first}}, {{first + count}}) r(i) ORDER BY i
        """);

    public Task CreateAsync(IReadOnlyList<string>? partitionBy = null, params (string Name, string Value)[] properties) =>
        Table.WriteAsync(new WriteRequest(RowSource.Query($"SELECT * FROM ({Rows(0, 1)}) LIMIT 0")) { PartitionBy = partitionBy ?? [], Properties = properties.ToDictionary(item => item.Name, item => (string?)item.Value) }, Cancel);

    public async Task<Snapshot> SnapshotAsync() => (await Table.GetSnapshotAsync(null, Cancel))!;

    /// <summary>Adds a file of the rows of a query, with the names and ids that the table has for its columns.</summary>
    public async Task AddAsync(string sql, string? partition = null)
    {
        var snapshot = await SnapshotAsync();
        var path = string.Create(CultureInfo.InvariantCulture, $"f{_files++}.parquet");
        var stored = snapshot.Schema.Fields.Where(field => !snapshot.PartitionColumns.Contains(field.Name)).ToList();
        var columns = string.Join(", ", stored.Select(field => $"{DuckDb.Writes.StoreSql.Physical(SqlText.Identifier(field.Name), field.Type)} AS {SqlText.Identifier(field.PhysicalName)}"));
        var ids = DuckDb.Writes.StoreSql.FieldIds(stored) is { } found ? $", FIELD_IDS {found}" : "";
        await fixture.OracleAsync($"COPY (SELECT {columns} FROM ({sql})) TO {SqlText.Literal(Path.Combine(Table.Path, path))} (FORMAT PARQUET, ROW_GROUP_SIZE 2048{ids})");
        await AddFileAsync(path, partition);
    }

    /// <summary>Adds a file that lies in the table's folder.</summary>
    public async Task AddFileAsync(string path, string? partition = null)
    {
        var snapshot = await SnapshotAsync();
        var values = snapshot.PartitionColumns.ToDictionary(column => snapshot.Schema.Find(column)!.PhysicalName, _ => partition);
        var file = await Table.DescribeFileAsync(path, snapshot, values, Cancel);
        Assert.IsType<CommitResult.Committed>(await Table.BeginTransaction(snapshot).Add(file).CommitAsync("WRITE", new Dictionary<string, string>(), Cancel));
    }

    /// <summary>Number of rows and a sum over all their values.</summary>
    public async Task<string> DigestAsync(string columns = Columns)
    {
        using var session = DuckDbSession.Open(fixture.Options);
        await session.RegisterSnapshotAsync("t", Table.Path, await SnapshotAsync(), null, Cancel);
        return Text((await session.RowsAsync($"SELECT count(*), sum(hash(t::VARCHAR))::VARCHAR FROM (SELECT {columns} FROM t) t", Cancel))[0]);
    }

    /// <summary>The same of the changed rows of the newest version.</summary>
    public async Task<string> ChangesAsync()
    {
        using var session = DuckDbSession.Open(fixture.Options);
        var version = (await SnapshotAsync()).Version;
        await session.RegisterChangesAsync("c", await Table.GetChangesAsync(version, version, Cancel), Cancel);
        return Text((await session.RowsAsync($"SELECT count(*), sum(hash(c::VARCHAR))::VARCHAR, sum(hash(_change_type))::VARCHAR FROM (SELECT _change_type, {Columns} FROM c) c", Cancel))[0]);
    }

    /// <summary>The most row groups that a live file has.</summary>
    public async Task<int> MostGroupsAsync() => (await SnapshotAsync()).Files.Max(file => ParquetFooter.TryRead(Path.Combine(Table.Path, file.Path))!.Groups.Count);

    /// <summary>Reads every live file with other readers, and compares its statistics with its rows.</summary>
    public async Task CheckFilesAsync()
    {
        var snapshot = await SnapshotAsync();
        using var session = DuckDbSession.Open(fixture.Options);
        foreach (var file in snapshot.Files)
        {
            var path = Path.Combine(Table.Path, file.Path);
            var key = snapshot.Schema.Find("id")!.PhysicalName;
            var rows = await session.RowsAsync($"SELECT count(*), sum({SqlText.Identifier(key)})::BIGINT FROM read_parquet({SqlText.Literal(path)}, hive_partitioning=false)", Cancel);
            var expected = (file.NumRecords, (long)rows[0][1]!);
            Assert.Equal(expected, ((long)rows[0][0]!, (long)rows[0][1]!));
            Assert.Equal(expected, IndependentReaders.WithArrow(path, key));
            Assert.Equal(new FileInfo(path).Length, file.Size);
            using var stats = System.Text.Json.JsonDocument.Parse(file.Stats!);
            foreach (var column in new[] { "id", "amount", "day", "note", "dec" }.Select(column => snapshot.Schema.Find(column)!.PhysicalName))
            {
                var name = SqlText.Identifier(column);
                var actual = (await session.RowsAsync($"SELECT min({name})::VARCHAR, max({name})::VARCHAR, count(*) - count({name}) FROM read_parquet({SqlText.Literal(path)}, hive_partitioning=false)", Cancel))[0];
                string Of(string side) => stats.RootElement.GetProperty(side).GetProperty(column).ToString();
                Assert.Equal([Text(actual[..1]), Text(actual[1..2]), Text(actual[2..])], [Of("minValues"), Of("maxValues"), Of("nullCount")]);
            }

            // NaN is the greatest number: with it there are no bounds.
            var real = SqlText.Identifier(snapshot.Schema.Find("real")!.PhysicalName);
            var hasNan = await session.CountAsync($"SELECT count(*) FROM read_parquet({SqlText.Literal(path)}, hive_partitioning=false) WHERE isnan({real})", Cancel) > 0;
            Assert.NotEqual(hasNan, stats.RootElement.GetProperty("maxValues").TryGetProperty(snapshot.Schema.Find("real")!.PhysicalName, out _));
        }
    }

    private static string Text(object?[] row) => string.Join(" | ", row.Select(value => value is null ? "NULL" : Convert.ToString(value, CultureInfo.InvariantCulture)));
}
