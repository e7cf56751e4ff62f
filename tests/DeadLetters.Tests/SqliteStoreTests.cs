using RealTimeMesh.DeadLetters.Storing;
using RealTimeMesh.SqliteDeadLetters;
using RealTimeMesh.Testing.DeadLetters;

namespace RealTimeMesh.DeadLetters.Tests;

public sealed class SqliteStoreTests : DeadLetterStoreComplianceSuite
{
    private readonly string _folder = Directory.CreateTempSubdirectory("letters-").FullName;

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task Letters_of_one_moment_are_found_by_the_index_and_not_by_looking_at_all()
    {
        await using var store = await OpenAsync();
        await store.AddAsync(SampleLetters.Topic, 0, SampleLetters.Letters(0, 3_000), 3_000, default);
        var page = await store.FindAsync(new LetterQuery { Ascending = true, Limit = 10 }, default);
        page = await store.FindAsync(new LetterQuery { Ascending = true, Limit = 10, After = new LetterCursor(page.Next!.Value.At, 2_000) }, default);
        Assert.Equal((10, 2_000), (page.Letters.Count, page.Letters[0].Content.Place.Offset));
        using var session = new Session(Path.Combine(_folder, "letters.db"), readOnly: true, 1);
        foreach (var (range, index) in ((string, string)[])[("at = 1 AND no > 2 ORDER BY no", "(group_no=? AND state=? AND at=? AND rowid>?)"), ("at > 1 AND at < 9 ORDER BY at, no", "(group_no=? AND state=? AND at>? AND at<?)")])
        {
            using var plan = session.Query($"EXPLAIN QUERY PLAN SELECT at, no FROM letters WHERE group_no = 1 AND state = 0 AND {range} LIMIT 5");
            Assert.True(plan.Read());
            Assert.Contains(index, plan.GetString(3), StringComparison.Ordinal);
            Assert.False(plan.Read(), "the index gives the order");
        }
    }

    [Fact]
    public async Task Causes_beyond_counting_share_a_group()
    {
        await using var store = await SqliteDeadLetterStore.OpenAsync(new SqliteDeadLetterOptions { Path = Path.Combine(_folder, "few.db"), MostGroups = 3 }, Time, default);
        await store.AddAsync(SampleLetters.Topic, 0, [.. Enumerable.Range(0, 50).Select(n => SampleLetters.Letter(n) with { Fingerprint = $"{n + 1:x16}" })], 50, default);
        var groups = await store.GroupsAsync(default);
        Assert.Equal((4, 50), (groups.Count, groups.Sum(group => group.Counts.Open)));
    }

    [Fact]
    public async Task A_file_of_the_version_before_is_taken_over_and_one_of_a_later_version_refused()
    {
        await using (var store = await OpenAsync())
            await store.AddAsync(SampleLetters.Topic, 0, SampleLetters.Letters(0, 5), 5, default);
        await base.DisposeAsync();
        Run("DROP TABLE notes; PRAGMA user_version = 1");
        await using (var store = await OpenAsync())
        {
            await store.SaveNoteAsync("n", "kept", default);
            Assert.Equal((5, "kept"), (await store.CountAsync(new LetterQuery(), default), await store.FindNoteAsync("n", default)));
        }

        Run("PRAGMA user_version = 99");
        Assert.Contains("form 99", (await Assert.ThrowsAsync<Contracts.RealTimeMeshException>(OpenAsync)).Message, StringComparison.Ordinal);

        void Run(string sql)
        {
            using var session = new Session(Path.Combine(_folder, "letters.db"), readOnly: false, 1);
            session.Run(sql);
        }
    }

    protected override async Task<IDeadLetterStore> OpenAsync() => await SqliteDeadLetterStore.OpenAsync(new SqliteDeadLetterOptions { Path = Path.Combine(_folder, "letters.db") }, Time, default);
}
