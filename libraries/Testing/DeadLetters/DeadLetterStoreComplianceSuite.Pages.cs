using System.Text;
using RealTimeMesh.DeadLetters.Letters;
using RealTimeMesh.DeadLetters.Storing;
using Xunit;

namespace RealTimeMesh.Testing.DeadLetters;

/// <summary>Pages, filters and orders.</summary>
public abstract partial class DeadLetterStoreComplianceSuite
{
    [Fact]
    public async Task Pages_follow_the_order_of_time_whatever_the_filter_and_miss_nothing()
    {
        var (random, noon) = (new Random(7), SampleLetters.Noon);
        var letters = Enumerable.Range(0, 500).Select(n => SampleLetters.Letter(n, $"rule{n % 7}", at: noon.AddMinutes(-random.Next(60)), key: n % 3 == 0 ? "k" : null, trace: n % 5 == 0 ? "t" : null, original: n % 50 == 0 ? "A rare one" : "{}")).ToArray();
        await AddAsync(letters);
        var states = new LetterState[500];
        foreach (var n in Enumerable.Range(0, 500).Where(n => n % 4 == 1))
        {
            await ApplyAsync(Change(n + 1, LetterState.Open, LetterState.Discarded));
            states[n] = LetterState.Discarded;
        }

        (LetterFilter Filter, Func<LetterContent, bool> Expected)[] cases =
        [
            (new LetterFilter(), _ => true),
            (new LetterFilter { Class = "poison", Field = "price", Topic = "market.trades", DeadLetterTopic = Topic, Consumer = "ingestion" }, _ => true),
            (new LetterFilter { Class = "transient" }, _ => false),
            (new LetterFilter { Rule = "rule3" }, letter => letter.Reason.Rule == "rule3"),
            (new LetterFilter { Fingerprint = SampleLetters.FingerprintOf("rule5") }, letter => letter.Reason.Rule == "rule5"),
            (new LetterFilter { Key = "k" }, letter => letter.Origin.Key == "k"),
            (new LetterFilter { TraceId = "t", Key = "k" }, letter => letter.TraceId == "t" && letter.Origin.Key == "k"),
            (new LetterFilter { Key = "k", Rule = "rule3", Since = noon.AddMinutes(-30) }, letter => letter.Origin.Key == "k" && letter.Reason.Rule == "rule3" && letter.FailedAt >= noon.AddMinutes(-30)),
            (new LetterFilter { Since = noon.AddMinutes(-30), Until = noon.AddMinutes(-10) }, letter => letter.FailedAt >= noon.AddMinutes(-30) && letter.FailedAt < noon.AddMinutes(-10)),
            (new LetterFilter { Ids = [$"{Topic}:0:3", $"{Topic}:0:4", "nothing", $"{Topic}:0:9999", $"{Topic}:0:3"] }, letter => letter.Place.Offset is 3 or 4),
            (new LetterFilter { Ids = [$"{Topic}:0:3", $"{Topic}:0:4"], Rule = "rule4" }, letter => letter.Place.Offset is 4),
        ];
        foreach (var (filter, expected) in cases)
        {
            foreach (var only in (LetterState[][])[[], [LetterState.Open], [LetterState.Discarded, LetterState.Redriven], [LetterState.Redriving]])
            {
                var wanted = letters.Where(expected).Where(letter => only.Length == 0 || only.Contains(states[letter.Place.Offset])).Select(letter => letter.Place.Offset).ToArray();
                foreach (var ascending in (bool[])[true, false])
                {
                    var found = await AllAsync(new LetterQuery { Filter = filter with { States = only }, Ascending = ascending, Limit = 7 });
                    Assert.Equal(wanted.Order(), found.Select(letter => letter.Content.Place.Offset).Order());
                    var places = found.Select(letter => (letter.Content.FailedAt, letter.Number)).ToArray();
                    Assert.Equal(ascending ? places.Order() : places.OrderDescending(), places);
                }

                Assert.Equal(wanted.Length, await Store.CountAsync(new LetterQuery { Filter = filter with { States = only } }, default));
            }
        }

        // What no index decides.
        var rare = new LetterQuery { Limit = 3, Admits = letter => Encoding.UTF8.GetString(letter.Current.Span).Contains("rare", StringComparison.Ordinal) };
        Assert.Equal(10, (await AllAsync(rare)).Count);
        Assert.Equal(10, await Store.CountAsync(rare, default));
    }

    [Fact]
    public async Task What_was_not_there_yet_is_left_out_of_pages_and_counts_that_are_bounded()
    {
        await AddAsync(SampleLetters.Letters(0, 10));
        var through = (await Store.FactsAsync(default)).LastNumber;
        await AddAsync([.. Enumerable.Range(10, 10).Select(n => SampleLetters.Letter(n, at: SampleLetters.Noon.AddHours(-1)))]);
        foreach (var filter in (LetterFilter[])[new LetterFilter(), new LetterFilter { Rule = "type" }, new LetterFilter { Ids = [.. Enumerable.Range(5, 10).Select(n => $"{Topic}:0:{n}")] }])
        {
            var query = new LetterQuery { Filter = filter, Through = through, Limit = 3 };
            var expected = filter.Ids.Count == 0 ? 10 : 5;
            Assert.Equal(expected, (await AllAsync(query)).Count);
            Assert.Equal(expected, await Store.CountAsync(query, default));
        }
    }

    [Fact]
    public async Task A_page_that_takes_long_comes_short_and_says_where_to_go_on()
    {
        await AddAsync(SampleLetters.Letters(0, 500));
        var looked = 0;
        // Each letter that is looked at takes a second.
        var query = new LetterQuery
        {
            Limit = 100,
            MaxTime = TimeSpan.FromSeconds(10),
            Admits = letter =>
            {
                looked++;
                Time.Advance(TimeSpan.FromSeconds(1));
                return letter.Content.Place.Offset % 50 == 0;
            },
        };
        var page = await Store.FindAsync(query, default);
        Assert.InRange(page.Scanned, 1, 20);
        Assert.NotNull(page.Next);
        Assert.Equal(10, (await AllAsync(query)).Count);
        Assert.InRange(looked, 500, 600);
    }

    [Fact]
    public async Task A_hundred_thousand_letters_of_one_moment_are_paged_counted_and_changed()
    {
        const int Count = 100_000;
        foreach (var chunk in Enumerable.Range(0, Count).Chunk(5_000))
            await AddAsync([.. chunk.Select(n => SampleLetters.Letter(n, $"rule{n % 100}", key: $"k{n % 1_000}"))]);
        Assert.Equal(Count, await Store.CountAsync(new LetterQuery(), default));
        Assert.Equal(100, (await Store.GroupsAsync(default)).Count);
        var query = new LetterQuery { Filter = new LetterFilter { Rule = "rule7", States = [LetterState.Open] }, Ascending = true, Limit = 300 };
        Assert.Equal(Enumerable.Range(0, 1_000).Select(n => (long)(n * 100) + 7), (await AllAsync(query)).Select(letter => letter.Content.Place.Offset));
        Assert.Equal(100, (await AllAsync(new LetterQuery { Filter = new LetterFilter { Key = "k4" } })).Count);
        var middle = await Store.FindAsync(new LetterQuery { Ascending = true, Limit = 2, After = new LetterCursor(new DateTimeOffset(SampleLetters.Noon.UtcDateTime).ToUnixTimeMilliseconds() * 1_000, Count / 2) }, default);
        Assert.Equal([Count / 2, (Count / 2) + 1], middle.Letters.Select(letter => letter.Content.Place.Offset));
        foreach (var chunk in (await AllAsync(query)).Chunk(500))
            Assert.Equal(500, (await ApplyAsync([.. chunk.Select(letter => Change(letter.Number, LetterState.Open, LetterState.Discarded))])).Count);
        Assert.Equal(new StateCounts(0, 0, 0, 1_000), (await Store.GroupsAsync(default)).Single(group => group.Rule == "rule7").Counts);
        await ReopenAsync();
        if (IsDurable)
            Assert.Equal(Count - 1_000, await Store.CountAsync(new LetterQuery { Filter = new LetterFilter { States = [LetterState.Open] } }, default));
    }
}
