using RealTimeMesh.Contracts;
using RealTimeMesh.DeltaLake;

namespace RealTimeMesh.Polyglot.Tests.DeltaTables;

/// <summary>What is written is read by a program that shares nothing with this library: node with hyparquet and a log replay of its own.</summary>
public sealed class ReaderTests
{
    /// <summary>Every type, with a row of nulls.</summary>
    private const string Everything = """
        SELECT CAST(i AS BIGINT) AS id, CASE WHEN n THEN NULL ELSE 'text ☃ ' || i END AS s, CASE WHEN n THEN NULL ELSE CAST(9007199254740993 + i AS BIGINT) END AS big,
          CASE WHEN n THEN NULL ELSE CAST(i AS INTEGER) END AS i4, CASE WHEN n THEN NULL ELSE CAST(-i AS SMALLINT) END AS i2, CASE WHEN n THEN NULL ELSE CAST(i % 100 AS TINYINT) END AS i1,
          CASE WHEN n THEN NULL ELSE CAST(i / 8 AS FLOAT) END AS f4, CASE WHEN n THEN NULL ELSE i / 3.0::DOUBLE END AS f8, CASE WHEN n THEN NULL ELSE i % 2 = 0 END AS flag,
          CASE WHEN n THEN NULL ELSE DATE '1969-12-25' + i END AS day, CASE WHEN n THEN NULL ELSE TIMESTAMPTZ '1969-12-31 23:59:59.999999+00' + to_microseconds(i * 1000001) END AS at,
          CASE WHEN n THEN NULL ELSE TIMESTAMP '2024-02-29 12:00:00.000001' + to_microseconds(i) END AS local, CASE WHEN n THEN NULL ELSE CAST((i - 7) / 4.0 AS DECIMAL(9, 2)) END AS d9,
          CASE WHEN n THEN NULL ELSE CAST(-i AS DECIMAL(18, 5)) END AS d18, CASE WHEN n THEN NULL ELSE CAST('12345678901234567890123456.' || (100 + i) AS DECIMAL(38, 6)) END AS d38,
          CASE WHEN n THEN NULL ELSE unhex('00FF' || lpad(hex(i), 4, '0')) END AS b,
          CASE WHEN n THEN NULL ELSE {'x': i, 'y': CASE WHEN i % 3 = 0 THEN NULL ELSE {'z': 'deep ' || i, 'day': DATE '2020-01-01' + i} END} END AS nested,
          CASE WHEN n THEN NULL WHEN i % 4 = 0 THEN [] ELSE [i, NULL, -i] END AS list, CASE WHEN n THEN NULL ELSE MAP {'a' || i: i, 'none': NULL} END AS map
        FROM (SELECT CAST(i AS INTEGER) AS i, i % 5 = 4 AS n FROM range(23) r(i))
        """;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("dat_multi_partitioned")]
    [InlineData("deltars_cdf_table")]
    [InlineData("golden_dv_partitioned_checkpoint")]
    [InlineData("golden_multi_part_checkpoint")]
    [InlineData("golden_nested_struct")]
    [InlineData("golden_primitives")]
    [InlineData("golden_timestamp_ntz")]
    [InlineData("golden_type_widening")]
    [InlineData("kernelj_dv_small")]
    [InlineData("trino_partition_values_parsed")]
    [InlineData("trino_uri")]
    [InlineData("trino_v2_checkpoint_json")]
    public async Task The_reader_itself_gives_the_rows_of_tables_of_other_engines(string name)
    {
        var folder = Path.GetFullPath(Repository.PathOf("..", "shared", "data", "delta-tables", name));
        Assert.SkipUnless(Directory.Exists(folder), "the collection of ready-made tables is not beside this repository");
        Assert.Equal(ReaderFixture.Lines(await File.ReadAllTextAsync(Path.Combine(folder, "expected", "rows.jsonl"), Cancel)), await ReaderFixture.ReadAsync(Path.Combine(folder, "delta")));
    }

    [Theory]
    [InlineData("none")]
    [InlineData("name")]
    [InlineData("id")]
    public async Task Every_type_is_read_as_it_was_written(string mapping)
    {
        using var fixture = new ReaderFixture();
        await fixture.CreateAsync(Everything, null, ("delta.columnMapping.mode", mapping));
        await fixture.RequireSameAsync();
        await fixture.Table.AppendAsync(RowSource.Query(Everything), Cancel);
        await fixture.OracleAsync("INSERT INTO o SELECT * FROM o");
        await fixture.RequireSameAsync();
        await fixture.Table.OptimizeAsync(new OptimizeRequest { ZOrderBy = ["id", "day"] }, Cancel);
        await fixture.RequireSameAsync();
    }

    [Theory]
    [InlineData("none")]
    [InlineData("name")]
    public async Task Partition_values_of_every_type_are_read_as_they_were_written(string mapping)
    {
        using var fixture = new ReaderFixture();
        const string Sql = """
            SELECT i AS id, CASE i % 4 WHEN 0 THEN NULL WHEN 1 THEN 'a/b:c%20 é=' WHEN 2 THEN 'plain' ELSE ' ' END AS s, CASE WHEN i % 3 = 0 THEN NULL ELSE DATE '2024-01-01' + CAST(i % 2 AS INTEGER) END AS day,
              TIMESTAMPTZ '2024-01-01 00:00:00.123456+00' + to_hours(i % 2) AS at, TIMESTAMP '2024-01-01 10:30:00' AS local, CAST(i % 2 AS DECIMAL(5, 2)) AS price, i % 2 = 0 AS flag, CAST(i % 2 AS DOUBLE) / 4 AS f
            FROM range(12) r(i)
            """;
        await fixture.CreateAsync(Sql, ["s", "day", "at", "local", "price", "flag", "f"], ("delta.columnMapping.mode", mapping));
        await fixture.RequireSameAsync();
    }

    [Theory]
    [InlineData("true", "none", "classic")]
    [InlineData("true", "id", "v2")]
    [InlineData("false", "name", "classic")]
    public async Task Changed_rows_are_read_after_each_operation_and_from_checkpoints(string vectors, string mapping, string policy)
    {
        using var fixture = new ReaderFixture();
        await fixture.CreateAsync("SELECT i AS id, i % 3 AS grp, 'row ' || i AS note FROM range(20000) r(i)", ["grp"],
            ("delta.enableDeletionVectors", vectors), ("delta.columnMapping.mode", mapping), ("delta.checkpointPolicy", policy), ("delta.enableChangeDataFeed", "true"));
        // Every second row fills bitmaps, a stretch is a run, single rows are arrays.
        await BothAsync(fixture, "DELETE FROM o WHERE id % 2 = 0 AND id < 16000", () => fixture.Table.DeleteAsync("id % 2 = 0 AND id < 16000", Cancel));
        await BothAsync(fixture, "DELETE FROM o WHERE id BETWEEN 16500 AND 19000", () => fixture.Table.DeleteAsync("id BETWEEN 16500 AND 19000", Cancel));
        await BothAsync(fixture, "UPDATE o SET note = 'changed' WHERE id % 1000 = 7", () => fixture.Table.UpdateAsync("id % 1000 = 7", new Dictionary<string, string> { ["note"] = "'changed'" }, Cancel));
        const string Source = "SELECT i AS id, i % 3 AS grp, 'merged ' || i AS note FROM range(19990, 20010) r(i)";
        await BothAsync(fixture, $"MERGE INTO o USING ({Source}) s ON o.id = s.id WHEN MATCHED THEN UPDATE SET note = s.note WHEN NOT MATCHED THEN INSERT (id, grp, note) VALUES (s.id, s.grp, s.note)",
            () => fixture.Table.Merge(RowSource.Query(Source), "target.id = source.id").WhenMatchedUpdateAll().WhenNotMatchedInsertAll().RunAsync(Cancel));
        await BothAsync(fixture, "INSERT INTO o SELECT i, i % 3, 'late' FROM range(30000, 30030) r(i)", () => fixture.Table.AppendAsync(RowSource.Query("SELECT i AS id, i % 3 AS grp, 'late' AS note FROM range(30000, 30030) r(i)"), Cancel));
        await BothAsync(fixture, "SELECT 1", () => fixture.Table.OptimizeAsync(new OptimizeRequest { MaxDeletedShare = 0 }, Cancel));
        await fixture.OracleAsync("DELETE FROM o; INSERT INTO o SELECT i, i % 3, 'row ' || i FROM range(20000) r(i)");
        await fixture.Table.RestoreAsync(new RestoreRequest { Version = 0 }, Cancel);
        await fixture.RequireSameAsync();
    }

    [Theory]
    [InlineData("true")]
    [InlineData("false")]
    public async Task Changes_are_read_by_their_files(string vectors)
    {
        using var fixture = new ReaderFixture();
        await fixture.CreateAsync("SELECT i AS id, i % 2 AS grp, 'row ' || i AS note FROM range(50) r(i)", ["grp"], ("delta.enableDeletionVectors", vectors), ("delta.enableChangeDataFeed", "true"));
        await fixture.Table.UpdateAsync("id % 10 = 3", new Dictionary<string, string> { ["note"] = "'changed'" }, Cancel);
        await fixture.Table.DeleteAsync("id > 40", Cancel);
        await fixture.Table.Merge(RowSource.Query("SELECT i AS id, i % 2 AS grp, 'merged' AS note FROM range(38, 45) r(i)"), "target.id = source.id").WhenMatchedUpdateAll().WhenNotMatchedInsertAll().RunAsync(Cancel);
        const string Expected = """
            SELECT i AS id, i % 2 AS grp, 'row ' || i AS note, 'insert' AS _change_type, 0 AS _commit_version FROM range(50) r(i)
            UNION ALL SELECT i, i % 2, CASE WHEN k = 0 THEN 'row ' || i ELSE 'changed' END, CASE WHEN k = 0 THEN 'update_preimage' ELSE 'update_postimage' END, 1 FROM range(50) r(i), range(2) p(k) WHERE i % 10 = 3
            UNION ALL SELECT i, i % 2, CASE WHEN i % 10 = 3 THEN 'changed' ELSE 'row ' || i END, 'delete', 2 FROM range(41, 50) r(i)
            UNION ALL SELECT i, i % 2, CASE WHEN k = 0 THEN 'row ' || i ELSE 'merged' END, CASE WHEN k = 0 THEN 'update_preimage' ELSE 'update_postimage' END, 3 FROM range(38, 41) r(i), range(2) p(k)
            UNION ALL SELECT i, i % 2, 'merged', 'insert', 3 FROM range(41, 45) r(i)
            """;
        Assert.Equal(await fixture.ExpectedAsync(Expected), await ReaderFixture.ReadAsync(fixture.Table.Path, "--cdf", "0:3"));
    }

    [Fact]
    public async Task Columns_that_came_went_changed_their_name_or_became_wider_are_read_in_old_files()
    {
        using var fixture = new ReaderFixture();
        await fixture.CreateAsync("SELECT i AS id, CAST(i AS INTEGER) AS small, 'x' || i AS gone, {'a': i} AS part FROM range(10) r(i)", null, ("delta.columnMapping.mode", "name"), ("delta.enableTypeWidening", "true"));
        await EvolveAsync(fixture, schema => SchemaEvolution.AddColumn(fixture.Table.Path, schema, null, new SchemaField("later", PrimitiveType.String, true)));
        await EvolveAsync(fixture, schema => SchemaEvolution.AddColumn(fixture.Table.Path, schema, "part", new SchemaField("b", PrimitiveType.Long, true)));
        await EvolveAsync(fixture, schema => SchemaEvolution.RenameColumn(fixture.Table.Path, schema, true, "id", "key"));
        await EvolveAsync(fixture, schema => SchemaEvolution.DropColumn(fixture.Table.Path, schema, true, "gone"));
        await EvolveAsync(fixture, schema => SchemaEvolution.WidenColumn(fixture.Table.Path, schema, "small", PrimitiveType.Long));
        await fixture.Table.AppendAsync(RowSource.Query("SELECT CAST(100 AS BIGINT) AS key, CAST(5000000000 AS BIGINT) AS small, {'a': CAST(1 AS BIGINT), 'b': CAST(2 AS BIGINT)} AS part, 'now' AS later"), Cancel);
        await fixture.RequireSameAsync("""
            SELECT i AS key, CAST(i AS BIGINT) AS small, {'a': i, 'b': CAST(NULL AS BIGINT)} AS part, CAST(NULL AS VARCHAR) AS later FROM range(10) r(i)
            UNION ALL SELECT 100, 5000000000, {'a': 1, 'b': 2}, 'now'
            """);
    }

    [Fact]
    public async Task Streamed_rows_are_read_as_they_were_written()
    {
        using var fixture = new ReaderFixture();
        var schema = new RowSchema([new Field("id", FieldType.Int64, false), new Field("name", FieldType.String, true), new Field("at", FieldType.Timestamp, true), new Field("price", FieldType.Decimal, true) { Precision = 18, Scale = 3 }, new Field("day", FieldType.Date, false)]);
        var batch = new ColumnBatch(schema);
        for (var i = 0; i < 100; i++)
        {
            ((Int64Column)batch.Columns[0]).Append(i);
            ((StringColumn)batch.Columns[1]).Append($"name {i}");
            if (i % 9 == 0)
                batch.Columns[2].AppendNull();
            else
                ((Int64Column)batch.Columns[2]).Append(1_700_000_000_000_000 + i);
            ((DecimalColumn)batch.Columns[3]).Append(i - 0.125m);
            ((Int64Column)batch.Columns[4]).Append(19_000 + (i % 3));
        }

        var transaction = fixture.Table.BeginTransaction(null).SetMetadata(schema, ["day"], "streamed");
        foreach (var file in await fixture.Table.WriteFilesAsync(schema, ["day"], [batch], Cancel))
            transaction.Add(file);
        Assert.IsType<CommitResult.Committed>(await transaction.CommitAsync("WRITE", new Dictionary<string, string>(), Cancel));
        await fixture.RequireSameAsync("""
            SELECT i AS id, 'name ' || i AS name, CASE WHEN i % 9 = 0 THEN NULL ELSE make_timestamptz(1700000000000000 + i) END AS at, CAST(i - 0.125 AS DECIMAL(18, 3)) AS price, DATE '1970-01-01' + CAST(19000 + (i % 3) AS INTEGER) AS day FROM range(100) r(i)
            """);
    }

    private static async Task BothAsync(ReaderFixture fixture, string oracle, Func<Task<OperationResult>> operation)
    {
        await fixture.OracleAsync(oracle);
        Assert.NotNull((await operation()).Version);
        await fixture.RequireSameAsync();
    }

    private static async Task EvolveAsync(ReaderFixture fixture, Func<StructType, StructType> change)
    {
        var snapshot = await fixture.SnapshotAsync();
        Assert.IsType<CommitResult.Committed>(await fixture.Table.BeginTransaction(snapshot).SetSchema(change(snapshot.Schema)).CommitAsync("ALTER TABLE", new Dictionary<string, string>(), Cancel));
    }
}
