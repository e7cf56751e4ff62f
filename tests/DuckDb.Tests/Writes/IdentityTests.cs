using System.Globalization;
using RealTimeMesh.Contracts;
using RealTimeMesh.DeltaLake;

namespace RealTimeMesh.DuckDb.Tests.Writes;

/// <summary>Identity columns get numbers that were never given before, on every path (feature identityColumns).</summary>
public sealed class IdentityTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(1, 1)]
    [InlineData(10, 5)]
    [InlineData(-7, -3)]
    public async Task Every_path_gives_new_rows_the_next_numbers(long start, long step)
    {
        using var fixture = new WriteFixture();
        await CreateAsync(fixture, start, step, allowExplicitInsert: false, ("delta.enableChangeDataFeed", "true"));
        HashSet<long> ever = [];
        var last = start - step;
        var steps = new Func<Task>[]
        {
            () => fixture.Table.AppendAsync(Source("'a' || i", 5), Cancel),
            () => StreamAsync(fixture.Table, 4),
            () => fixture.Table.Merge(Source("CASE WHEN i = 0 THEN 'a0' ELSE 'm' || i END", 6), "target.name = source.name").WhenMatchedUpdate(new Dictionary<string, string> { ["amount"] = "99" }).WhenNotMatchedInsertAll().RunAsync(Cancel),
            () => fixture.Table.UpdateAsync("amount = 1", new Dictionary<string, string> { ["amount"] = "5" }, Cancel),
            () => fixture.Table.OverwriteAsync(Source("'r' || i", 3), Cancel, "name LIKE 'r%'"),
            () => fixture.Table.OptimizeAsync(new OptimizeRequest(), Cancel),
            () => fixture.Table.OverwriteAsync(Source("'o' || i", 7), Cancel),
        };
        Dictionary<string, long> before = [];
        foreach (var one in steps)
        {
            await one();
            var rows = await NumbersAsync(fixture);
            foreach (var (name, id) in rows)
            {
                if (before.TryGetValue(name, out var own))
                {
                    Assert.Equal(own, id);
                    continue;
                }

                Assert.True(ever.Add(id), $"number {id} was given before");
                Assert.True(step > 0 ? id > last : id < last, $"number {id} does not come after {last}");
                Assert.Equal(0, (id - start) % step);
            }

            before = rows;
            last = step > 0 ? ever.Max() : ever.Min();
            Assert.Equal(last, Mark(await fixture.SnapshotAsync()));
        }

        Assert.Equal(start, step > 0 ? ever.Min() : ever.Max());
        // The change feed tells the numbers that the table has.
        var merged = await fixture.ChangesAsync(3, 3, "id, name, _change_type");
        var version3 = await fixture.RowsAsync("id, name", 3);
        Assert.All(merged.Where(row => row.EndsWith("insert", StringComparison.Ordinal)), row => Assert.Contains(row[..row.LastIndexOf(" | ", StringComparison.Ordinal)], version3));
        Assert.Equal(5, merged.Count(row => row.EndsWith("insert", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Values_for_a_column_generated_always_are_refused()
    {
        using var fixture = new WriteFixture();
        await CreateAsync(fixture, 1, 1, allowExplicitInsert: false);
        await fixture.Table.AppendAsync(Source("'a' || i", 2), Cancel);
        var withId = RowSource.Query("SELECT CAST(7 AS BIGINT) AS id, 'x' AS name, CAST(1 AS BIGINT) AS amount");
        await RefusedAsync(() => fixture.Table.AppendAsync(withId, Cancel), "GENERATED ALWAYS AS IDENTITY");
        await RefusedAsync(() => fixture.Table.Merge(withId, "target.name = source.name").WhenNotMatchedInsertAll().RunAsync(Cancel), "GENERATED ALWAYS AS IDENTITY");
        await RefusedAsync(() => fixture.Table.UpdateAsync("true", new Dictionary<string, string> { ["id"] = "id + 1" }, Cancel), "was to be updated");
        var batch = new ColumnBatch(new RowSchema([new Field("id", FieldType.Int64, false), new Field("name", FieldType.String, true)]));
        ((Int64Column)batch.Columns[0]).Append(3);
        ((StringColumn)batch.Columns[1]).Append("x");
        await RefusedAsync(async () => await fixture.Table.WriteFilesAsync(await fixture.SnapshotAsync(), [batch], Cancel), "GENERATED ALWAYS AS IDENTITY");
        Assert.Equal(2, (await NumbersAsync(fixture)).Count);
    }

    [Fact]
    public async Task Values_for_a_column_generated_by_default_are_taken_and_numbers_go_on()
    {
        using var fixture = new WriteFixture();
        await CreateAsync(fixture, 100, 10, allowExplicitInsert: true);
        await fixture.Table.AppendAsync(RowSource.Query("SELECT CAST(7 AS BIGINT) AS id, 'x' AS name, CAST(1 AS BIGINT) AS amount"), Cancel);
        Assert.Null(Mark(await fixture.SnapshotAsync()));
        await fixture.Table.AppendAsync(Source("'a' || i", 2), Cancel);
        await fixture.Table.Merge(Source("'m' || i", 2), "target.name = source.name").WhenNotMatchedInsert(new Dictionary<string, string> { ["id"] = "-1", ["name"] = "source.name" }, "source.name = 'm0'").WhenNotMatchedInsertAll().RunAsync(Cancel);
        var rows = await NumbersAsync(fixture);
        Assert.Equal([7, 100, 110, -1], new[] { "x", "a0", "a1", "m0" }.Select(name => rows[name]));
        Assert.True(rows["m1"] is 120 or 130);
    }

    [Fact]
    public async Task Concurrent_writers_never_give_a_number_twice()
    {
        using var fixture = new WriteFixture();
        await CreateAsync(fixture, 1, 1, allowExplicitInsert: false);
        await Task.WhenAll(Enumerable.Range(0, 4).Select(writer => Task.Run(async () =>
        {
            var table = fixture.Open();
            for (var i = 0; i < 6; i++)
            {
                if (writer % 2 == 0)
                    await table.AppendAsync(Source($"'w{writer}-{i}-' || i", 3), Cancel);
                else
                    await StreamAsync(table, 3, $"s{writer}-{i}-");
            }
        }, Cancel)));
        var rows = await NumbersAsync(fixture);
        Assert.Equal(72, rows.Count);
        Assert.Equal(72, rows.Values.Distinct().Count());
        Assert.Equal(rows.Values.Max(), Mark(await fixture.SnapshotAsync()));
    }

    [Fact]
    public async Task Numbering_and_deleting_do_not_stand_against_each_other()
    {
        using var fixture = new WriteFixture();
        await CreateAsync(fixture, 1, 1, allowExplicitInsert: false, ("delta.isolationLevel", "WriteSerializable"));
        await fixture.Table.AppendAsync(Source("'a' || i", 3), Cancel);
        var snapshot = await fixture.SnapshotAsync();
        var numbered = fixture.Table.BeginTransaction(snapshot);
        foreach (var file in await fixture.Table.WriteFilesAsync(snapshot, [Batch(2, "s")], Cancel))
            numbered.Add(file);
        var deleted = fixture.Table.BeginTransaction(snapshot).DependsOnFiles(snapshot.Files).Remove(snapshot.Files[0]);
        Assert.IsType<CommitResult.Committed>(await numbered.CommitAsync("WRITE", new Dictionary<string, string>(), Cancel));
        Assert.IsType<CommitResult.Committed>(await deleted.CommitAsync("DELETE", new Dictionary<string, string>(), Cancel));
        Assert.Equal([4, 5], (await NumbersAsync(fixture)).Values.Order());

        // Rows that were numbered for an older version are not taken for a newer one.
        var stale = await fixture.Open().WriteFilesAsync(snapshot, [Batch(1, "t")], Cancel);
        var error = Assert.Throws<DeltaException>(() => fixture.Table.BeginTransaction(fixture.SnapshotAsync().GetAwaiter().GetResult()).Add(stale[0]));
        Assert.Contains("write them anew", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Numbers_end_before_a_long_overflows()
    {
        using var fixture = new WriteFixture();
        await CreateAsync(fixture, long.MaxValue - 2, 1, allowExplicitInsert: false);
        await RefusedAsync(() => fixture.Table.AppendAsync(Source("'a' || i", 4), Cancel), "numbers left");
        await RefusedAsync(() => StreamAsync(fixture.Table, 4), "numbers left");
        await fixture.Table.AppendAsync(Source("'a' || i", 3), Cancel);
        Assert.Equal(long.MaxValue, (await NumbersAsync(fixture)).Values.Max());
        await RefusedAsync(() => fixture.Table.AppendAsync(Source("'b' || i", 1), Cancel), "its last number");
    }

    [Fact]
    public async Task A_restore_does_not_give_numbers_again()
    {
        using var fixture = new WriteFixture();
        await CreateAsync(fixture, 1, 1, allowExplicitInsert: false);
        await fixture.Table.AppendAsync(Source("'a' || i", 3), Cancel);
        await fixture.Table.AppendAsync(Source("'b' || i", 3), Cancel);
        await fixture.Table.RestoreAsync(new RestoreRequest { Version = 1 }, Cancel);
        Assert.Equal(3, (await NumbersAsync(fixture)).Count);
        await fixture.Table.AppendAsync(Source("'c' || i", 1), Cancel);
        Assert.Equal(7, (await NumbersAsync(fixture))["c0"]);
    }

    [Fact]
    public async Task Definitions_that_cannot_be_kept_are_refused()
    {
        using var fixture = new WriteFixture();
        await RefusedAsync(() => CreateAsync(fixture, 1, 0, allowExplicitInsert: false), "delta.identity.step");
        var id = new SchemaField("id", PrimitiveType.Long, true);
        await RefusedAsync(() => CommitAsync(fixture, null, [id.AsIdentity(), new SchemaField("x", PrimitiveType.Long, true)], "id"), "partition column 'id'");
        await RefusedAsync(() => CommitAsync(fixture, null, [new SchemaField("id", PrimitiveType.Integer, true).AsIdentity()]), "expected long");
        await CreateAsync(fixture, 1, 1, allowExplicitInsert: false);
        Assert.Contains("identityColumns", (await fixture.SnapshotAsync()).Protocol.WriterFeatures!);
        await RefusedAsync(async () => await CommitAsync(fixture, await fixture.SnapshotAsync(), [id.AsIdentity(5), new SchemaField("name", PrimitiveType.String, true)]), "another start");
        await fixture.Table.AppendAsync(Source("'a' || i", 1), Cancel);
        await RefusedAsync(async () => await CommitAsync(fixture, await fixture.SnapshotAsync(), [.. (await fixture.SnapshotAsync()).Schema.Fields, new SchemaField("more", PrimitiveType.Long, true).AsIdentity()]), "a table with rows");
        var rows = new RowSchema([new Field("name", FieldType.String, true)]);
        var files = await fixture.Table.WriteFilesAsync(rows, [], [Batch(1, "u")], Cancel);
        await RefusedAsync(async () => await fixture.Table.BeginTransaction(await fixture.SnapshotAsync()).Add(files[0]).CommitAsync("WRITE", new Dictionary<string, string>(), Cancel), "has no values of identity column 'id'");
    }

    private static Task CreateAsync(WriteFixture fixture, long start, long step, bool allowExplicitInsert, params (string Name, string Value)[] properties) =>
        CommitAsync(fixture, null, [new SchemaField("id", PrimitiveType.Long, false).AsIdentity(start, step, allowExplicitInsert), new SchemaField("name", PrimitiveType.String, true), new SchemaField("amount", PrimitiveType.Long, true)], null, properties);

    private static async Task CommitAsync(WriteFixture fixture, Snapshot? snapshot, IReadOnlyList<SchemaField> fields, string? partition = null, params (string Name, string Value)[] properties) =>
        Assert.IsType<CommitResult.Committed>(await fixture.Table.BeginTransaction(snapshot).SetMetadata(new StructType(fields), partition is null ? [] : [partition], null)
            .SetProperties(properties.Select(item => new KeyValuePair<string, string?>(item.Name, item.Value))).CommitAsync("CREATE TABLE", new Dictionary<string, string>(), Cancel));

    private static RowSource Source(string name, int rows) => RowSource.Query(string.Create(CultureInfo.InvariantCulture, $"SELECT {name} AS name, CAST(1 AS BIGINT) AS amount FROM range({rows}) r(i)"));

    private static ColumnBatch Batch(int rows, string prefix)
    {
        var batch = new ColumnBatch(new RowSchema([new Field("name", FieldType.String, true)]));
        for (var i = 0; i < rows; i++)
            ((StringColumn)batch.Columns[0]).Append(prefix + i.ToString(CultureInfo.InvariantCulture));
        return batch;
    }

    /// <summary>As a streaming writer does: rows to files, files to a transaction, all of it again where the commit lost.</summary>
    private static async Task StreamAsync(DeltaTable table, int rows, string prefix = "s")
    {
        while (true)
        {
            var snapshot = (await table.GetSnapshotAsync(null, Cancel))!;
            var transaction = table.BeginTransaction(snapshot);
            // Two batches and two writes for one commit share no number.
            foreach (var file in (await table.WriteFilesAsync(snapshot, [Batch(1, prefix + "x"), Batch(1, prefix + "y")], Cancel)).Concat(await table.WriteFilesAsync(snapshot, [Batch(rows - 2, prefix)], Cancel)))
                transaction.Add(file);
            if (await transaction.CommitAsync("STREAMING UPDATE", new Dictionary<string, string>(), Cancel) is CommitResult.Committed)
                return;
        }
    }

    private static long? Mark(Snapshot snapshot) => snapshot.Schema.Find("id")!.Metadata.TryGetValue("delta.identity.highWaterMark", out var mark) ? mark.GetInt64() : null;

    private static async Task<Dictionary<string, long>> NumbersAsync(WriteFixture fixture)
    {
        Dictionary<string, long> rows = new(StringComparer.Ordinal);
        await foreach (var row in fixture.Open().ReadAsync<Numbered>(null, Cancel))
            rows.Add(row.Name, row.Id);
        return rows;
    }

    private static async Task RefusedAsync(Func<Task> act, string named) =>
        Assert.Contains(named, (await Assert.ThrowsAnyAsync<DeltaException>(act)).Message, StringComparison.Ordinal);

    private sealed record Numbered(long Id, string Name);
}
