using System.Globalization;
using System.Text.Json.Nodes;
using RealTimeMesh.DeltaLake;
using RealTimeMesh.DeltaLake.Expressions;
using RealTimeMesh.DuckDb.Expressions;

namespace RealTimeMesh.DuckDb.Tests.Expressions;

public sealed class PruningTests : IDisposable
{
    private static readonly DateTimeOffset s_now = new(2026, 1, 5, 12, 0, 0, TimeSpan.Zero);
    private static readonly StructType s_schema = FlatRows.ToStruct(RandomRows.Schema);

    private readonly string _folder = Directory.CreateTempSubdirectory("pruning-").FullName;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(1, "")]
    [InlineData(2, "")]
    [InlineData(3, "i")]
    [InlineData(4, "s")]
    [InlineData(5, "day")]
    [InlineData(6, "at")]
    [InlineData(7, "dec")]
    [InlineData(8, "d")]
    [InlineData(9, "b,f")]
    public async Task Pruning_leaves_out_no_file_with_a_matching_row(int seed, string partitions)
    {
        var random = new Random(seed);
        string[] partitionColumns = partitions.Length == 0 ? [] : partitions.Split(',');
        var table = DeltaTable.At(_folder, new DeltaTableOptions(), TimeProvider.System);
        using var session = DuckDbSession.Open(new DuckDbOptions());
        List<AddFile> files = [];
        // An empty text of a partition column is null in the log.
        List<string> whole = [];
        for (var i = 0; i < 14; i++)
        {
            var rows = RandomRows.Create(random, partitionColumns.Length == 0 ? random.Next(1, 40) : 6, narrow: i % 7);
            files.AddRange((await table.WriteFilesAsync(RandomRows.Schema, partitionColumns, [rows], Token)).Select(file => file with { Stats = Spoil(file.Stats!, random) }));
            var complete = await table.WriteFilesAsync(RandomRows.Schema, [], [rows], Token);
            whole.AddRange(complete.Select(file => $"SELECT {i * 1000} + row AS key, *{(partitionColumns.Contains("s") ? " REPLACE (nullif(s, '') AS s)" : "")} FROM read_parquet({SqlText.Literal(Path.Combine(_folder, file.Path))})"));
            await session.ExecuteAsync($"CREATE TABLE IF NOT EXISTS parts (file INTEGER, key BIGINT)", Token);
            for (var at = await LoadedAsync(); at < files.Count; at++)
                await session.ExecuteAsync($"INSERT INTO parts SELECT {at}, {i * 1000} + row FROM read_parquet({SqlText.Literal(Path.Combine(_folder, files[at].Path))}, hive_partitioning=false)", Token);
        }

        await session.ExecuteAsync($"CREATE TABLE t AS SELECT parts.file, rows.* FROM ({string.Join(" UNION ALL ", whole)}) rows JOIN parts USING (key)", Token);
        var snapshot = new Snapshot { Version = 0, Schema = s_schema, PartitionColumns = partitionColumns, Files = files, Transactions = new Dictionary<string, long>(), Timestamp = 0 };
        var expressions = new RandomExpressions(random);
        int skipped = 0, every = 0, asked = 0;
        for (var i = 0; i < 400; i++)
        {
            var sql = expressions.Predicate(2);
            var predicate = DeltaExpression.Parse(sql).ResolvePredicate(s_schema, s_now);
            IReadOnlyList<object?[]> counts;
            try
            {
                counts = await session.RowsAsync($"SELECT file, count(*) FILTER ({DuckDbExpressions.ToSql(predicate)}), count(*) FROM t GROUP BY file", Token);
            }
            catch (DuckDbFaultException)
            {
                // An overflow somewhere: no rows to compare with.
                continue;
            }

            var pruned = FilePruning.Prune(snapshot, predicate);
            Assert.Equal(files.Count, pruned.Files.Count + pruned.Skipped);
            foreach (var row in counts)
            {
                var (file, matching, all) = (files[(int)row[0]!], (long)row[1]!, (long)row[2]!);
                var match = FilePruning.Match(snapshot, predicate, file);
                if (match == FileMatch.NoRow ? matching > 0 : match == FileMatch.EveryRow && matching < all)
                    Assert.Fail($"{sql}\nresolved {predicate}\n{match}, but {matching} of {all} rows match\npartition {string.Join(", ", file.PartitionValues)}\nstats {file.Stats}");
                Assert.Equal(match != FileMatch.NoRow, pruned.Files.Contains(file));
                skipped += match == FileMatch.NoRow ? 1 : 0;
                every += match == FileMatch.EveryRow ? 1 : 0;
                asked++;
            }
        }

        // A test that prunes nothing would always pass.
        Assert.True(skipped > asked / 12 && every > asked / 100, string.Create(CultureInfo.InvariantCulture, $"{skipped} skipped, {every} whole of {asked}"));

        async Task<int> LoadedAsync() => (int)await session.CountAsync("SELECT coalesce(max(file) + 1, 0) FROM parts", Token);
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    /// <summary>What other writers do: leave statistics out, write nulls, no counts, or something that is no JSON.</summary>
    private static string? Spoil(string stats, Random random)
    {
        var json = JsonNode.Parse(stats)!.AsObject();
        switch (random.Next(10))
        {
            case 0:
                return null;
            case 1:
                return "{";
            case 2:
                json.Remove(random.Next(2) == 0 ? "minValues" : "maxValues");
                break;
            case 3:
                json.Remove("nullCount");
                break;
            case 4:
                foreach (var name in RandomRows.Schema.Fields.Where(_ => random.Next(2) == 0).Select(field => field.Name))
                {
                    json["minValues"]![name] = null;
                    json["maxValues"]!.AsObject().Remove(name);
                }

                break;
            case 5:
                json["tightBounds"] = false;
                break;
        }

        return json.ToJsonString();
    }
}
