using System.Globalization;
using RealTimeMesh.DeltaLake;

namespace RealTimeMesh.DuckDb.Tests.Writes;

/// <summary>Random operations on a table and on DuckDB's own give the same rows, and the change feed tells every step.</summary>
public sealed class RandomOperationTests
{
    private const string Columns = "id, grp, amount, note";

    [Theory]
    [InlineData(1, false, false, false)]
    [InlineData(2, true, false, false)]
    [InlineData(3, false, true, false)]
    [InlineData(4, true, true, false)]
    [InlineData(5, false, false, true)]
    [InlineData(6, true, false, true)]
    [InlineData(7, false, true, true)]
    [InlineData(8, true, true, true)]
    public async Task Random_operations_give_the_same_rows_as_DuckDB(int seed, bool vectors, bool partitioned, bool feed)
    {
        using var fixture = new WriteFixture();
        var random = new Random(seed);
        await fixture.OracleAsync($"CREATE TABLE o AS {Rows(random, 0, 300)}");
        await fixture.CreateAsync($"SELECT * FROM read_parquet('{await fixture.FileAsync("SELECT * FROM o")}')", partitioned ? ["grp"] : null,
            ("delta.enableDeletionVectors", vectors ? "true" : "false"), ("delta.enableChangeDataFeed", feed ? "true" : "false"));
        List<string> steps = [];
        for (var step = 0; step < 14; step++)
        {
            steps.Add(await StepAsync(fixture, random));
            var expected = await fixture.OracleRowsAsync($"SELECT {Columns} FROM o");
            var found = await fixture.RowsAsync(Columns);
            Assert.True(expected.SequenceEqual(found), $"seed {seed}, {string.Join("\n", steps)}\nexpected {expected.Count} rows, found {found.Count}; first differing: {Difference(expected, found)}");
        }

        if (feed)
            await ReplayAsync(fixture);
    }

    /// <summary>Does the same to both; the text of what it was.</summary>
    private static async Task<string> StepAsync(WriteFixture fixture, Random random)
    {
        var cancel = TestContext.Current.CancellationToken;
        var table = fixture.Table;
        switch (random.Next(7))
        {
            case 0:
            {
                var where = Where(random);
                await fixture.OracleAsync($"DELETE FROM o WHERE {where}");
                await table.DeleteAsync(where, cancel);
                return $"delete {where}";
            }

            case 1:
            {
                var where = Where(random);
                await fixture.OracleAsync($"UPDATE o SET amount = amount + id, note = 'u' || id WHERE {where}");
                await table.UpdateAsync(where, new Dictionary<string, string> { ["amount"] = "amount + id", ["note"] = "'u' || id" }, cancel);
                return $"update {where}";
            }

            case 2:
            {
                var file = await fixture.FileAsync(Rows(random, random.Next(1000), 60));
                await fixture.OracleAsync($"INSERT INTO o SELECT * FROM read_parquet('{file}')");
                await table.AppendAsync(RowSource.Parquet(file), cancel);
                return "append";
            }

            case 3:
            {
                var where = $"grp = 'g{random.Next(3)}'";
                var file = await fixture.FileAsync($"SELECT * FROM ({Rows(random, random.Next(1000), 90)}) WHERE {where}");
                await fixture.OracleAsync($"DELETE FROM o WHERE {where}; INSERT INTO o SELECT * FROM read_parquet('{file}')");
                await table.OverwriteAsync(RowSource.Parquet(file), cancel, where);
                return $"replace {where}";
            }

            case 4:
                await table.OptimizeAsync(new OptimizeRequest { MaxDeletedShare = 0, ZOrderBy = random.Next(2) == 0 ? ["id", "amount"] : [] }, cancel);
                return "optimize";
            default:
                return await MergeAsync(fixture, random);
        }
    }

    private static async Task<string> MergeAsync(WriteFixture fixture, Random random)
    {
        var first = random.Next(300);
        var file = await fixture.FileAsync($"SELECT DISTINCT ON (id) * FROM ({Rows(random, first, 80)}) UNION ALL SELECT NULL, 'g1', 1, 'null key'");
        var merge = fixture.Table.Merge(RowSource.Parquet(file), "target.id = source.id");
        var clauses = "";
        if (random.Next(2) == 0)
        {
            merge = merge.WhenMatchedDelete("source.amount % 5 = 0");
            clauses += " WHEN MATCHED AND source.amount % 5 = 0 THEN DELETE";
        }

        switch (random.Next(3))
        {
            case 0:
                merge = merge.WhenMatchedUpdateAll();
                clauses += " WHEN MATCHED THEN UPDATE SET id = source.id, grp = source.grp, amount = source.amount, note = source.note";
                break;
            case 1:
                merge = merge.WhenMatchedUpdate(new Dictionary<string, string> { ["amount"] = "target.amount + source.amount" }, "target.amount > 30");
                clauses += " WHEN MATCHED AND target.amount > 30 THEN UPDATE SET amount = target.amount + source.amount";
                break;
            default:
                break;
        }

        if (random.Next(3) != 0)
        {
            merge = merge.WhenNotMatchedInsertAll("source.id IS NOT NULL");
            clauses += " WHEN NOT MATCHED AND source.id IS NOT NULL THEN INSERT (id, grp, amount, note) VALUES (source.id, source.grp, source.amount, source.note)";
        }

        if (random.Next(4) == 0 || clauses.Length == 0)
        {
            merge = merge.WhenNotMatchedBySourceDelete("target.amount < 10");
            clauses += " WHEN NOT MATCHED BY SOURCE AND target.amount < 10 THEN DELETE";
        }

        // A key that the table has twice is changed twice, as in Spark: only source rows must not be double.
        await fixture.OracleAsync($"MERGE INTO o AS target USING (SELECT * FROM read_parquet('{file}')) AS source ON target.id = source.id{clauses}");
        await merge.RunAsync(TestContext.Current.CancellationToken);
        return $"merge{clauses}";
    }

    /// <summary>Applies the change feed version by version; it must give each version's rows.</summary>
    private static async Task ReplayAsync(WriteFixture fixture)
    {
        var newest = (await fixture.SnapshotAsync()).Version;
        var rows = new Dictionary<string, int>(StringComparer.Ordinal);
        for (var version = 0L; version <= newest; version++)
        {
            foreach (var change in await fixture.ChangesAsync(version, version, $"_change_type, {Columns}"))
            {
                var (kind, row) = (change[..change.IndexOf(" | ", StringComparison.Ordinal)], change[(change.IndexOf(" | ", StringComparison.Ordinal) + 3)..]);
                rows[row] = rows.GetValueOrDefault(row) + (kind is "insert" or "update_postimage" ? 1 : -1);
                if (rows[row] == 0)
                    rows.Remove(row);
            }

            var expected = (await fixture.RowsAsync(Columns, version)).GroupBy(row => row).ToDictionary(group => group.Key, group => group.Count());
            Assert.True(expected.Count == rows.Count && expected.All(item => rows.GetValueOrDefault(item.Key) == item.Value), $"version {version}: the change feed gives {rows.Count} rows, the table has {expected.Count}");
        }
    }

    private static string Where(Random random) => random.Next(5) switch
    {
        0 => $"id % {random.Next(2, 9)} = 0",
        1 => $"id BETWEEN {random.Next(100)} AND {random.Next(100, 400)} AND amount > {random.Next(60)}",
        2 => $"grp = 'g{random.Next(3)}'",
        3 => "note IS NULL",
        _ => $"grp IS NULL OR id = {random.Next(300)}",
    };

    private static string Rows(Random random, int first, int count) => string.Create(CultureInfo.InvariantCulture, $"""
        SELECT CAST(i AS BIGINT) AS id, CASE WHEN h % 7 = 0 THEN NULL ELSE 'g' || (h % 3) END AS grp, CAST(h % 100 AS BIGINT) AS amount,
          CASE WHEN h % 4 = 0 THEN NULL ELSE 'n' || (h % 50) END AS note
        FROM (SELECT i, hash(i + {random.Next(1_000_000)}) % 100000 AS h FROM range({first}, {first + count}) r(i))
        """);

    private static string Difference(IReadOnlyList<string> expected, IReadOnlyList<string> found) =>
        $"missing [{string.Join("; ", expected.Except(found).Take(3))}], too many [{string.Join("; ", found.Except(expected).Take(3))}]";
}
