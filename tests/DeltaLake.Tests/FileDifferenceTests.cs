namespace RealTimeMesh.DeltaLake.Tests;

public sealed class FileDifferenceTests : IDisposable
{
    private readonly TableFixture _fixture = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Rows_that_were_rearranged_after_they_came_are_still_new_and_old_ones_are_not()
    {
        var table = await FillAsync(2);
        var before = await NowAsync(table);
        await AppendAsync(table, 100);
        var fresh = (await NowAsync(table)).Files[^1];
        await RearrangeAsync(table, 3);
        await RearrangeAsync(table, 1);
        var now = await NowAsync(table);
        Assert.Equal([fresh.Path], (await table.GetAddedFilesAsync(now, before.Version, Token)).Select(file => file.Path));
        var difference = await table.GetDifferenceAsync(before, now, Token);
        Assert.Equal([fresh.Path], difference.Added.Select(file => file.Path));
        Assert.Empty(difference.Removed);
    }

    [Fact]
    public async Task What_was_changed_after_it_was_rearranged_counts_as_removed_and_its_rest_as_added()
    {
        var table = await FillAsync(2);
        var before = await NowAsync(table);
        await AppendAsync(table, 100);
        await RearrangeAsync(table, 3);
        var rearranged = (await NowAsync(table)).Files.Single();
        var now = await NowAsync(table);
        await CommitAsync(table, now, [rearranged], 25, dataChange: true);
        now = await NowAsync(table);
        var difference = await table.GetDifferenceAsync(before, now, Token);
        Assert.Equal(now.Files.Select(file => file.Path), difference.Added.Select(file => file.Path));
        Assert.Equal(before.Files.Select(file => file.Path).Order(StringComparer.Ordinal), difference.Removed.Select(file => file.Path).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task A_restored_file_is_no_difference()
    {
        var table = await FillAsync(3);
        var before = await NowAsync(table);
        await RearrangeAsync(table, 2);
        await CommitAsync(table, await NowAsync(table), [(await NowAsync(table)).Files[0]], 5, dataChange: true);
        await table.RestoreAsync(new RestoreRequest { Version = before.Version }, Token);
        var difference = await table.GetDifferenceAsync(before, await NowAsync(table), Token);
        Assert.Empty(difference.Added);
        Assert.Empty(difference.Removed);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task The_earlier_rows_without_the_removed_and_with_the_added_files_are_the_later_rows(int seed)
    {
        // Every row has an id of its own, so that a row lost or doubled shows.
        var random = new Random(seed);
        var table = await FillAsync(3);
        for (var round = 0; round < 12; round++)
        {
            var before = await NowAsync(table);
            for (var step = random.Next(1, 6); step > 0; step--)
            {
                var now = await NowAsync(table);
                switch (random.Next(4))
                {
                    case 0:
                        await AppendAsync(table, 1000 * (int)(now.Version + 1));
                        break;
                    case 1 when now.Files.Count > 1:
                        await RearrangeAsync(table, random.Next(2, now.Files.Count + 1), random.Next(1, 3));
                        break;
                    case 2 when now.Files.Count > 1:
                        var victim = now.Files[random.Next(now.Files.Count)];
                        await RewriteAsync(table, now, [victim], Ids(now, [victim]).Where((_, i) => i % 3 != 0).ToList(), 1, dataChange: true);
                        break;
                    default:
                        await table.RestoreAsync(new RestoreRequest { Version = random.NextInt64(Math.Max(1, now.Version - 3), now.Version + 1) }, Token);
                        break;
                }
            }

            var after = await NowAsync(table);
            var difference = await table.GetDifferenceAsync(before, after, Token);
            var removed = difference.Removed.Select(file => file.Path).ToHashSet();
            var rebuilt = Ids(before, [.. before.Files.Where(file => !removed.Contains(file.Path))]).Concat(Ids(after, difference.Added));
            Assert.Equal(Ids(after, after.Files).Order(StringComparer.Ordinal), rebuilt.Order(StringComparer.Ordinal));
        }
    }

    public void Dispose() => _fixture.Dispose();

    private static async Task<Snapshot> NowAsync(DeltaTable table) => (await table.GetSnapshotAsync(null, Token))!;

    private async Task<DeltaTable> FillAsync(int appends)
    {
        var table = _fixture.Open();
        await _fixture.CreateAsync(table);
        for (var i = 0; i < appends; i++)
            await AppendAsync(table, i * 10);
        return table;
    }

    private static async Task AppendAsync(DeltaTable table, int first) => await TableFixture.AppendAsync(table, await NowAsync(table), TableFixture.Rows(first, 10));

    /// <summary>Moves the rows of the last files into others, as OPTIMIZE does.</summary>
    private async Task RearrangeAsync(DeltaTable table, int files, int into = 1)
    {
        var now = await NowAsync(table);
        IReadOnlyList<AddFile> taken = [.. now.Files.TakeLast(files)];
        await RewriteAsync(table, now, taken, Ids(now, taken), into, dataChange: false);
    }

    private static Task CommitAsync(DeltaTable table, Snapshot now, IReadOnlyList<AddFile> removed, int rows, bool dataChange) =>
        RewriteAsync(table, now, removed, [.. Enumerable.Range(0, rows).Select(i => $"x{i}")], 1, dataChange);

    private static async Task RewriteAsync(DeltaTable table, Snapshot now, IReadOnlyList<AddFile> removed, IReadOnlyList<string> ids, int into, bool dataChange)
    {
        var transaction = table.BeginTransaction(now);
        foreach (var file in removed)
            transaction.Remove(file, dataChange);
        foreach (var part in ids.Chunk(Math.Max(1, (ids.Count + into - 1) / into)))
        {
            var batch = new Contracts.ColumnBatch(TableFixture.Schema);
            foreach (var id in part)
            {
                ((Contracts.StringColumn)batch.Columns[0]).Append(id);
                foreach (var column in batch.Columns.Skip(1))
                    column.AppendNull();
            }

            foreach (var file in await table.WriteFilesAsync(TableFixture.Schema, [], [batch], Token))
                transaction.Add(file with { DataChange = dataChange });
        }

        Assert.IsType<CommitResult.Committed>(await transaction.CommitAsync(dataChange ? "DELETE" : "OPTIMIZE", new Dictionary<string, string>(), Token));
    }

    private IReadOnlyList<string> Ids(Snapshot snapshot, IReadOnlyList<AddFile> files) => files.Count == 0
        ? []
        : [.. TableFixture.Query($"select id from read_parquet([{string.Join(", ", files.Select(file => $"'{Path.Combine(_fixture.TablePath, file.Path)}'"))}]) -- {snapshot.Version}").Select(row => (string)row[0]!)];
}
