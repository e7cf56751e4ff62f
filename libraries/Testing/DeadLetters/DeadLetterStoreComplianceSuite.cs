using System.Text;
using Microsoft.Extensions.Time.Testing;
using RealTimeMesh.DeadLetters.Letters;
using RealTimeMesh.DeadLetters.Storing;
using Xunit;

namespace RealTimeMesh.Testing.DeadLetters;

/// <summary>
/// What every store of dead letters must do. A store's test class derives from it and says how one is opened.
/// </summary>
public abstract partial class DeadLetterStoreComplianceSuite : IAsyncLifetime
{
    private const string Topic = SampleLetters.Topic;

    private IDeadLetterStore? _store;

    /// <summary>The clock, at <see cref="SampleLetters.Noon"/>.</summary>
    protected FakeTimeProvider Time { get; } = new(SampleLetters.Noon);

    /// <summary>Whether letters outlive the store. Where they do not, nothing is reopened.</summary>
    protected virtual bool IsDurable => true;

    private IDeadLetterStore Store => _store!;

    /// <summary>Opens a store: an empty one at first, then the same again.</summary>
    protected abstract Task<IDeadLetterStore> OpenAsync();

    public virtual async ValueTask InitializeAsync() => _store = await OpenAsync();

    public virtual async ValueTask DisposeAsync()
    {
        await Store.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    [Fact]
    public async Task Letters_and_their_position_are_kept_together_each_once()
    {
        Assert.Equal(0, await Store.FindPositionAsync(Topic, 0, default));
        Assert.Equal(3, await AddAsync(SampleLetters.Letters(0, 3)));
        // The broker brings the last two again, with one that is new.
        Assert.Equal(1, await AddAsync(SampleLetters.Letters(1, 3)));
        await ReopenAsync();
        Assert.Equal(4, await Store.FindPositionAsync(Topic, 0, default));
        Assert.Equal(0, await AddAsync(SampleLetters.Letters(0, 4)));
        var page = await Store.FindAsync(new LetterQuery { Ascending = true }, default);
        Assert.Equal([0, 1, 2, 3], page.Letters.Select(letter => letter.Content.Place.Offset));
        Assert.Equal(4, Assert.Single(await Store.GroupsAsync(default)).Counts.Open);
        Assert.Equal((4, 4), await Store.FactsAsync(default) is var facts ? (facts.Letters, facts.LastNumber) : default);
    }

    [Fact]
    public async Task A_letter_comes_back_as_it_was_given()
    {
        var given = SampleLetters.Letter(7, "missing", partition: 2, key: "k", trace: "t", eventId: "e", original: "the message") with
        {
            OriginalLength = 4_000_000_000, OriginalSha256 = new string('a', 64), ContentType = "text/plain", Attempts = 4, Redrives = 3, IsRecord = false,
            Origin = new LetterOrigin("/source", 12, "market.trades", 5, 99, "k", "shop"), ReceivedAt = SampleLetters.Noon.AddTicks(-10), FailedAt = SampleLetters.Noon.AddHours(-1),
        };
        await Store.AddAsync(Topic, 2, [given], 8, default);
        await ReopenAsync();
        var found = Assert.IsType<StoredLetter>(await Store.FindAsync(given.Place, default));
        Assert.Equal(given with { Original = default, Headers = default }, found.Content with { Original = default, Headers = default });
        Assert.Equal("the message", Encoding.UTF8.GetString(found.Current.Span));
        Assert.Equal("7", found.Content.Headers.Find("n"));
        Assert.Equal((LetterState.Open, 0, 3, null, "k"), (found.State, found.Version, found.Redrives, found.Job, found.CurrentKey));
        Assert.Null(await Store.FindAsync(new LetterPlace(Topic, 2, 8), default));
        Assert.Equal([new CollectedPartition(Topic, 2, 8)], (await Store.FactsAsync(default)).Partitions);
    }

    [Fact]
    public async Task Partitions_and_topics_have_positions_and_letters_of_their_own()
    {
        foreach (var (topic, partition) in ((string, int)[])[("a.dlq", 0), ("a.dlq", 1), ("b.dlq", 0)])
            Assert.Equal(2, await Store.AddAsync(topic, partition, [SampleLetters.Letter(5, topic: topic, partition: partition), SampleLetters.Letter(9, topic: topic, partition: partition)], 10, default));
        // Records that are no letters move the position all the same.
        Assert.Equal(0, await Store.AddAsync("b.dlq", 0, [], 20, default));
        Assert.Equal([10, 10, 20], (await Store.FactsAsync(default)).Partitions.OrderBy(partition => partition.Topic, StringComparer.Ordinal).ThenBy(partition => partition.Partition).Select(partition => partition.Next));
        Assert.Equal(2, (await AllAsync(new LetterQuery { Filter = new LetterFilter { DeadLetterTopic = "b.dlq" } })).Count);
        // One cause on two topics is two groups.
        Assert.Equal([4L, 2L], (await Store.GroupsAsync(default)).Select(group => group.Counts.Open).OrderDescending());
    }

    [Fact]
    public async Task Letters_that_have_ids_and_no_offsets_are_known_by_their_ids_in_any_order()
    {
        Assert.Equal(3, await AddAsync(500, 7, 9_000_000_000));
        Assert.Equal(2, await AddAsync(9_000_000_000, 6, 7, 8, 8));
        await ReopenAsync();
        Assert.Equal(1, await AddAsync(500, 501));
        var facts = await Store.FactsAsync(default);
        Assert.Equal((6, 6, 0), (facts.Letters, facts.LastNumber, facts.Partitions.Count));
        Assert.NotNull(await Store.FindAsync(LetterPlace.Parse($"{Topic}:-1:9000000000")!.Value, default));

        Task<int> AddAsync(params long[] ids) => Store.AddAsync(Topic, LetterPlace.NoPartition, [.. ids.Select(id => SampleLetters.Letter(id, partition: LetterPlace.NoPartition))], 0, default);
    }

    [Fact]
    public async Task Groups_count_by_state_and_tell_rates_of_minutes()
    {
        var noon = SampleLetters.Noon;
        await AddAsync([SampleLetters.Letter(0, at: noon.AddMinutes(-50)), SampleLetters.Letter(1, at: noon.AddMinutes(-3)), SampleLetters.Letter(2), SampleLetters.Letter(3, "missing"), SampleLetters.Letter(4, at: noon.AddDays(-2))]);
        var groups = (await Store.GroupsAsync(default)).OrderBy(group => group.Number).ToArray();
        Assert.Equal([("type", 4L, 2L, 3L), ("missing", 1L, 1L, 1L)], groups.Select(group => (group.Rule, group.Counts.Total, group.LastFiveMinutes, group.LastHour)));
        Assert.Equal((noon.AddDays(-2), noon), (groups[0].FirstSeen, groups[0].LastSeen));
        await ApplyAsync(Change(1, LetterState.Open, LetterState.Discarded), Change(2, LetterState.Open, LetterState.Redriving, "j"));
        Assert.Equal(new StateCounts(2, 1, 0, 1), (await Store.GroupsAsync(default)).Single(group => group.Rule == "type").Counts);
        Time.Advance(TimeSpan.FromMinutes(30));
        Assert.Equal((0L, 2L), (await Store.GroupsAsync(default)).Single(group => group.Rule == "type") is var later ? (later.LastFiveMinutes, later.LastHour) : default);
    }

    [Fact]
    public async Task The_newest_letters_of_many_groups_are_told_at_once_by_state()
    {
        await AddAsync([.. Enumerable.Range(0, 60).Select(n => SampleLetters.Letter(n, $"rule{n % 3}", at: SampleLetters.Noon.AddSeconds(-n)))]);
        var groups = (await Store.GroupsAsync(default)).ToDictionary(group => group.Rule, group => group.Number);
        await ApplyAsync(Change(1, LetterState.Open, LetterState.Discarded), Change(2, LetterState.Open, LetterState.Discarded));
        var newest = await Store.NewestAsync([groups["rule0"], groups["rule1"], -1], [], 3, default);
        Assert.Equal([groups["rule0"], groups["rule1"]], newest.Keys.Order());
        Assert.Equal([0L, 3, 6], newest[groups["rule0"]].Select(place => place.Offset));
        Assert.Equal([1L, 4, 7], newest[groups["rule1"]].Select(place => place.Offset));
        newest = await Store.NewestAsync([.. groups.Values], [LetterState.Discarded], 3, default);
        Assert.Equal([groups["rule0"], groups["rule1"]], newest.Keys.Order());
        Assert.Equal([0L], newest[groups["rule0"]].Select(place => place.Offset));
        Assert.Empty(await Store.NewestAsync([], [], 3, default));
    }

    [Fact]
    public async Task A_letter_that_comes_back_is_linked_by_its_record_or_by_the_events_id()
    {
        await AddAsync([SampleLetters.Letter(0, eventId: "e1"), SampleLetters.Letter(1, eventId: "e2"), SampleLetters.Letter(2, eventId: "e3")]);
        foreach (var number in (long[])[1, 2])
            await RedriveAsync(number);
        await AddAsync([SampleLetters.Letter(3, eventId: "e1"), SampleLetters.Letter(4, eventId: "other", redriveOf: $"{Topic}:0:1"), SampleLetters.Letter(5, eventId: "e3"), SampleLetters.Letter(6, redriveOf: "no place")]);
        var linked = new List<(string?, int)>();
        foreach (var offset in (long[])[3, 4, 5, 6])
            linked.Add(await FindAsync(offset) is var letter ? (letter.Content.RedriveOf, letter.Redrives) : default);
        Assert.Equal([($"{Topic}:0:0", 1), ($"{Topic}:0:1", 1), (null, 0), ("no place", 0)], linked);
        Assert.Contains(await Store.HistoryAsync(1, default), happened => happened is { What: "returned", Detail: $"{Topic}:0:3" });
    }

    private static LetterChange Change(long number, LetterState from, LetterState to, string? job = null, string? what = null) => new(number, from, to, what, null) { Job = job };

    private static LetterChange Edit(int parent, string value) => new(1, LetterState.Open, LetterState.Open, "edited", null) { Edit = new NewEdit(parent, "replace", Encoding.UTF8.GetBytes(value), "k2") };

    private async Task RedriveAsync(long number)
    {
        Assert.Single(await ApplyAsync(Change(number, LetterState.Open, LetterState.Redriving, "j")));
        Assert.Single(await ApplyAsync(Change(number, LetterState.Redriving, LetterState.Redriven, "j", "redriven") with { CountsRedrive = true }));
    }

    private async Task ReopenAsync()
    {
        if (!IsDurable)
            return;
        await Store.DisposeAsync();
        _store = await OpenAsync();
    }

    private async Task<List<StoredLetter>> AllAsync(LetterQuery query)
    {
        var found = new List<StoredLetter>();
        LetterCursor? after = null;
        do
        {
            var page = await Store.FindAsync(query with { After = after }, default);
            found.AddRange(page.Letters);
            after = page.Next;
        }
        while (after is not null);
        return found;
    }

    private async Task<StoredLetter> FindAsync(long offset) => Assert.IsType<StoredLetter>(await Store.FindAsync(new LetterPlace(Topic, 0, offset), default));

    private Task<int> AddAsync(IReadOnlyList<LetterContent> letters) => Store.AddAsync(Topic, 0, letters, letters[^1].Place.Offset + 1, default);

    private Task<IReadOnlySet<long>> ApplyAsync(params LetterChange[] changes) => Store.ApplyAsync(new LetterChanges { Letters = changes, At = Time.GetUtcNow(), Who = "test" }, default);
}
