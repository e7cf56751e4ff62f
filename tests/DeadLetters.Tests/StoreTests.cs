using System.Text;
using Microsoft.Extensions.Time.Testing;
using RealTimeMesh.DeadLetters.Letters;
using RealTimeMesh.DeadLetters.Storing;
using RealTimeMesh.SqliteDeadLetters;

namespace RealTimeMesh.DeadLetters.Tests;

public sealed class StoreTests : IAsyncLifetime
{
    private const string Topic = "market.trades.dlq";

    private readonly string _folder = Directory.CreateTempSubdirectory("letters-").FullName;
    private readonly FakeTimeProvider _time = new(Records.Noon);
    private IDeadLetterStore _store = null!;

    public async ValueTask InitializeAsync() => _store = await OpenAsync();

    public async ValueTask DisposeAsync()
    {
        await _store.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task Letters_and_their_position_are_kept_together_each_once()
    {
        Assert.Equal(3, await AddAsync(Letters(0, 3)));
        // The broker brings the last two again, with one that is new.
        Assert.Equal(1, await AddAsync(Letters(1, 3)));
        await _store.DisposeAsync();
        _store = await OpenAsync();
        Assert.Equal(4, await _store.FindPositionAsync(Topic, 0, default));
        Assert.Equal(0, await AddAsync(Letters(0, 4)));
        var page = await _store.FindAsync(new LetterQuery { Ascending = true }, default);
        Assert.Equal([0, 1, 2, 3], page.Letters.Select(letter => letter.Content.Place.Offset));
        Assert.Equal(4, Assert.Single(await _store.GroupsAsync(default)).Counts.Open);
        var letter = await FindAsync(2);
        Assert.Equal(("market.trades.dlq:0:2", "ingestion", "text 'x'", Records.Noon), (letter.Id, letter.Content.Origin.Consumer, letter.Content.Reason.Found, letter.Content.FailedAt));
    }

    [Fact]
    public async Task Groups_count_by_state_and_tell_rates_of_minutes()
    {
        await AddAsync([Records.Letter(0, at: Records.Noon.AddMinutes(-50)), Records.Letter(1, at: Records.Noon.AddMinutes(-3)), Records.Letter(2), Records.Letter(3, "missing"), Records.Letter(4, at: Records.Noon.AddDays(-2))]);
        var groups = (await _store.GroupsAsync(default)).OrderBy(group => group.Number).ToArray();
        Assert.Equal([("type", 4L, 2L, 3L), ("missing", 1L, 1L, 1L)], groups.Select(group => (group.Rule, group.Counts.Total, group.LastFiveMinutes, group.LastHour)));
        Assert.Equal((Records.Noon.AddDays(-2), Records.Noon), (groups[0].FirstSeen, groups[0].LastSeen));
        await ApplyAsync(new LetterChange(1, LetterState.Open, LetterState.Discarded, "discarded", "test"), new LetterChange(2, LetterState.Open, LetterState.Redriving, null, null) { Job = "j" });
        Assert.Equal(new StateCounts(2, 1, 0, 1), (await _store.GroupsAsync(default)).Single(group => group.Rule == "type").Counts);
    }

    [Fact]
    public async Task Pages_follow_the_order_of_time_whatever_the_filter_and_miss_nothing()
    {
        var random = new Random(7);
        var letters = Enumerable.Range(0, 500).Select(n => Records.Letter(n, $"rule{n % 7}", at: Records.Noon.AddMinutes(-random.Next(60)), key: n % 3 == 0 ? "k" : null, trace: n % 5 == 0 ? "t" : null)).ToArray();
        await AddAsync(letters);
        (LetterFilter Filter, Func<LetterContent, bool> Expected)[] cases =
        [
            (new LetterFilter(), _ => true),
            (new LetterFilter { Rule = "rule3" }, letter => letter.Reason.Rule == "rule3"),
            (new LetterFilter { Key = "k" }, letter => letter.Origin.Key == "k"),
            (new LetterFilter { TraceId = "t", Key = "k" }, letter => letter.TraceId == "t" && letter.Origin.Key == "k"),
            (new LetterFilter { Key = "k", Rule = "rule3", Since = Records.Noon.AddMinutes(-30) }, letter => letter.Origin.Key == "k" && letter.Reason.Rule == "rule3" && letter.FailedAt >= Records.Noon.AddMinutes(-30)),
            (new LetterFilter { Since = Records.Noon.AddMinutes(-30), Until = Records.Noon.AddMinutes(-10) }, letter => letter.FailedAt >= Records.Noon.AddMinutes(-30) && letter.FailedAt < Records.Noon.AddMinutes(-10)),
            (new LetterFilter { Ids = [$"{Topic}:0:3", $"{Topic}:0:4", "nothing", $"{Topic}:0:9999"] }, letter => letter.Place.Offset is 3 or 4),
        ];
        foreach (var (filter, expected) in cases)
        {
            foreach (var ascending in (bool[])[true, false])
            {
                var found = await AllAsync(new LetterQuery { Filter = filter, Ascending = ascending, Limit = 7 });
                var wanted = letters.Where(expected).Select(letter => letter.Place.Offset).ToArray();
                Assert.Equal(wanted.Order(), found.Select(letter => letter.Content.Place.Offset).Order());
                var places = found.Select(letter => (letter.Content.FailedAt, letter.Number)).ToArray();
                Assert.Equal(ascending ? places.Order() : places.OrderDescending(), places);
                Assert.Equal(wanted.Length, await _store.CountAsync(new LetterQuery { Filter = filter }, default));
            }
        }
    }

    [Fact]
    public async Task Letters_of_one_moment_are_found_by_the_index_and_not_by_looking_at_all()
    {
        await AddAsync(Letters(0, 3_000));
        var page = await _store.FindAsync(new LetterQuery { Ascending = true, Limit = 10 }, default);
        page = await _store.FindAsync(new LetterQuery { Ascending = true, Limit = 10, After = new LetterCursor(page.Next!.Value.At, 2_000) }, default);
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
    public async Task A_change_is_refused_where_the_letter_is_not_as_it_was_seen()
    {
        await AddAsync(Letters(0, 1));
        Assert.Single(await ApplyAsync(new LetterChange(1, LetterState.Open, LetterState.Redriving, null, null) { Job = "a" }));
        Assert.Empty(await ApplyAsync(new LetterChange(1, LetterState.Open, LetterState.Discarded, "discarded", null)));
        Assert.Empty(await ApplyAsync(new LetterChange(1, LetterState.Redriving, LetterState.Redriven, "redriven", null) { Job = "b", CountsRedrive = true }));
        Assert.Equal("a", Assert.Single(await _store.InHandAsync("a", default)).Job);
        Assert.Single(await ApplyAsync(new LetterChange(1, LetterState.Redriving, LetterState.Redriven, "redriven", "to t") { Job = "a", CountsRedrive = true }));
        var letter = await FindAsync(0);
        Assert.Equal((LetterState.Redriven, 1), (letter.State, letter.Redrives));
        Assert.Equal(("redriven", "to t"), await _store.HistoryAsync(1, default) is [var one] ? (one.What, one.Detail!) : default);
    }

    [Fact]
    public async Task Edits_are_versions_that_undo_goes_back_by()
    {
        await AddAsync([Records.Letter(0, original: "one", key: "k")]);
        var undo = new LetterChange(1, LetterState.Open, LetterState.Open, "undone", null) { Undo = true };
        Assert.Single(await ApplyAsync(Edit(0, "two")));
        Assert.Single(await ApplyAsync(Edit(1, "three")));
        Assert.Empty(await ApplyAsync(Edit(1, "from an old version")));
        Assert.Equal(("three", 2), await CurrentAsync());
        await ApplyAsync(undo);
        Assert.Equal(("two", 1), await CurrentAsync());
        await ApplyAsync(Edit(1, "four"));
        Assert.Equal(("four", 3), await CurrentAsync());
        await ApplyAsync(undo);
        await ApplyAsync(undo);
        Assert.Equal(("one", 0), await CurrentAsync());
        Assert.Empty(await ApplyAsync(undo));
        Assert.Equal([(1, 0), (2, 1), (3, 1)], (await _store.EditsAsync(1, default)).Select(edit => (edit.Version, edit.Parent)));

        static LetterChange Edit(int parent, string value) => new(1, LetterState.Open, LetterState.Open, "edited", null) { Edit = new NewEdit(parent, "replace", Encoding.UTF8.GetBytes(value), "k2") };

        async Task<(string, int)> CurrentAsync() => await FindAsync(0) is var letter ? (Encoding.UTF8.GetString(letter.Current.Span), letter.Version) : default;
    }

    [Fact]
    public async Task A_letter_that_comes_back_is_linked_by_its_record_or_by_the_events_id()
    {
        await AddAsync([Records.Letter(0, eventId: "e1"), Records.Letter(1, eventId: "e2"), Records.Letter(2, eventId: "e3")]);
        foreach (var number in (long[])[1, 2])
        {
            await ApplyAsync(new LetterChange(number, LetterState.Open, LetterState.Redriving, null, null) { Job = "j" });
            await ApplyAsync(new LetterChange(number, LetterState.Redriving, LetterState.Redriven, "redriven", null) { Job = "j", CountsRedrive = true });
        }

        await AddAsync([Records.Letter(3, eventId: "e1"), Records.Letter(4, eventId: "other", redriveOf: $"{Topic}:0:1"), Records.Letter(5, eventId: "e3")]);
        var linked = new List<(string?, int)>();
        foreach (var offset in (long[])[3, 4, 5])
            linked.Add(await FindAsync(offset) is var letter ? (letter.Content.RedriveOf, letter.Redrives) : default);
        Assert.Equal([($"{Topic}:0:0", 1), ($"{Topic}:0:1", 1), (null, 0)], linked);
        Assert.Contains(await _store.HistoryAsync(1, default), happened => happened is { What: "returned", Detail: $"{Topic}:0:3" });
    }

    [Fact]
    public async Task Old_letters_go_by_age_count_and_bytes_but_not_those_in_hand()
    {
        await AddAsync([.. Enumerable.Range(0, 100).Select(n => Records.Letter(n, n == 0 ? "rare" : "type", at: Records.Noon.AddDays(n - 100), original: new string('x', 1_000)))]);
        await ApplyAsync(new LetterChange(2, LetterState.Open, LetterState.Redriving, null, null) { Job = "j" });
        Assert.Equal(69, await _store.TrimAsync(new LetterRetention(TimeSpan.FromDays(30), long.MaxValue, long.MaxValue), default));
        Assert.Equal("type", Assert.Single(await _store.GroupsAsync(default)).Rule);
        Assert.Equal(11, await _store.TrimAsync(new LetterRetention(TimeSpan.FromDays(30), 20, long.MaxValue), default));
        var facts = await _store.FactsAsync(default);
        Assert.Equal((20, 100), (facts.Letters, facts.LastNumber));
        Assert.Equal(10, await _store.TrimAsync(new LetterRetention(TimeSpan.FromDays(30), 20, facts.Bytes / 2), default));
        Assert.Equal(new StateCounts(9, 1, 0, 0), Assert.Single(await _store.GroupsAsync(default)).Counts);
        Assert.Equal(0, await _store.TrimAsync(new LetterRetention(TimeSpan.FromDays(30), 20, facts.Bytes / 2), default));
        // What was dropped is not collected again.
        Assert.Equal(0, await AddAsync(Letters(0, 100)));
    }

    [Fact]
    public async Task Causes_beyond_counting_share_a_group()
    {
        await _store.DisposeAsync();
        _store = await SqliteDeadLetterStore.OpenAsync(new SqliteDeadLetterOptions { Path = Path.Combine(_folder, "few.db"), MostGroups = 3 }, _time, default);
        await AddAsync([.. Enumerable.Range(0, 50).Select(n => Records.Letter(n) with { Fingerprint = $"{n + 1:x16}" })]);
        var groups = await _store.GroupsAsync(default);
        Assert.Equal((4, 50), (groups.Count, groups.Sum(group => group.Counts.Open)));
    }

    private static LetterContent[] Letters(long first, int count) => [.. Enumerable.Range(0, count).Select(n => Records.Letter(first + n))];

    private async Task<List<StoredLetter>> AllAsync(LetterQuery query)
    {
        var found = new List<StoredLetter>();
        LetterCursor? after = null;
        do
        {
            var page = await _store.FindAsync(query with { After = after }, default);
            found.AddRange(page.Letters);
            after = page.Next;
        }
        while (after is not null);
        return found;
    }

    private async Task<StoredLetter> FindAsync(long offset) => Assert.IsType<StoredLetter>(await _store.FindAsync(new LetterPlace(Topic, 0, offset), default));

    private Task<int> AddAsync(IReadOnlyList<LetterContent> letters) => _store.AddAsync(Topic, 0, letters, letters[^1].Place.Offset + 1, default);

    private Task<IReadOnlySet<long>> ApplyAsync(params LetterChange[] changes) => _store.ApplyAsync(new LetterChanges { Letters = changes, At = _time.GetUtcNow(), Who = "test" }, default);

    private async Task<IDeadLetterStore> OpenAsync() => await SqliteDeadLetterStore.OpenAsync(new SqliteDeadLetterOptions { Path = Path.Combine(_folder, "letters.db") }, _time, default);
}
