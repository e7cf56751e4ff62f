using System.Globalization;
using System.Text;
using RealTimeMesh.DeadLetters.Letters;
using RealTimeMesh.DeadLetters.Storing;
using Xunit;

namespace RealTimeMesh.Testing.DeadLetters;

/// <summary>States, versions, jobs, notes, what is kept, and many who work at once.</summary>
public abstract partial class DeadLetterStoreComplianceSuite
{
    [Fact]
    public async Task A_change_is_refused_where_the_letter_is_not_as_it_was_seen()
    {
        await AddAsync(SampleLetters.Letters(0, 1));
        Assert.Empty(await ApplyAsync(Change(99, LetterState.Open, LetterState.Discarded)));
        Assert.Single(await ApplyAsync(Change(1, LetterState.Open, LetterState.Redriving, "a")));
        Assert.Empty(await ApplyAsync(Change(1, LetterState.Open, LetterState.Discarded, what: "discarded")));
        Assert.Empty(await ApplyAsync(Change(1, LetterState.Redriving, LetterState.Redriven, "b", "redriven") with { CountsRedrive = true }));
        Assert.Equal("a", Assert.Single(await Store.InHandAsync("a", default)).Job);
        Assert.Empty(await Store.InHandAsync("b", default));
        await ReopenAsync();
        Assert.Single(await ApplyAsync(Change(1, LetterState.Redriving, LetterState.Redriven, "a", "redriven") with { CountsRedrive = true, Detail = "to t" }));
        var letter = await FindAsync(0);
        Assert.Equal((LetterState.Redriven, 1), (letter.State, letter.Redrives));
        Assert.Equal(("redriven", "to t", "test", Time.GetUtcNow()), await Store.HistoryAsync(1, default) is [var one] ? (one.What, one.Detail!, one.Who, one.At) : default);
        Assert.Empty(await Store.InHandAsync("a", default));
    }

    [Fact]
    public async Task Edits_are_versions_that_undo_goes_back_by()
    {
        await AddAsync([SampleLetters.Letter(0, original: "one", key: "k")]);
        var undo = new LetterChange(1, LetterState.Open, LetterState.Open, "undone", null) { Undo = true };
        Assert.Empty(await ApplyAsync(undo));
        Assert.Single(await ApplyAsync(Edit(0, "two")));
        Assert.Single(await ApplyAsync(Edit(1, "three")));
        Assert.Empty(await ApplyAsync(Edit(1, "from an old version")));
        Assert.Equal(("three", 2), await CurrentAsync());
        await ApplyAsync(undo);
        Assert.Equal(("two", 1), await CurrentAsync());
        await ApplyAsync(Edit(1, "four"));
        await ReopenAsync();
        Assert.Equal(("four", 3), await CurrentAsync());
        await ApplyAsync(undo);
        await ApplyAsync(undo);
        Assert.Equal(("one", 0), await CurrentAsync());
        Assert.Empty(await ApplyAsync(undo));
        Assert.Equal([(1, 0), (2, 1), (3, 1)], (await Store.EditsAsync(1, default)).Select(edit => (edit.Version, edit.Parent)));

        async Task<(string, int)> CurrentAsync() => await FindAsync(0) is var letter ? (Encoding.UTF8.GetString(letter.Current.Span), letter.Version) : default;
    }

    [Fact]
    public async Task A_job_is_kept_with_what_it_did_and_listed_newest_first()
    {
        await AddAsync(SampleLetters.Letters(0, 3));
        Assert.Null(await Store.FindJobAsync("j1", default));
        for (var n = 1; n <= 5; n++)
        {
            var id = $"j{n}";
            LetterChange[] changes = n == 3 ? [Change(1, LetterState.Open, LetterState.Discarded), Change(1, LetterState.Open, LetterState.Discarded), Change(2, LetterState.Redriven, LetterState.Open)] : [];
            await Store.ApplyAsync(new LetterChanges { At = Time.GetUtcNow(), Who = "test", Letters = changes, Job = changed => new JobDocument(id, string.Join(',', changed)) }, default);
        }

        await ReopenAsync();
        // Of three changes one was possible, and the job was told so within the same transaction.
        Assert.Equal(new JobDocument("j3", "1"), await Store.FindJobAsync("j3", default));
        Assert.Equal(["j5", "j4", "j3"], (await Store.JobsAsync(null, 3, default)).Select(job => job.Id));
        Assert.Equal(["j2", "j1"], (await Store.JobsAsync("j3", 3, default)).Select(job => job.Id));
    }

    [Fact]
    public async Task A_change_whose_job_fails_changes_nothing()
    {
        await AddAsync(SampleLetters.Letters(0, 2));
        await Assert.ThrowsAsync<FormatException>(() => Store.ApplyAsync(
            new LetterChanges { At = Time.GetUtcNow(), Who = "test", Letters = [Change(1, LetterState.Open, LetterState.Discarded, what: "discarded"), Change(2, LetterState.Open, LetterState.Discarded)], Job = _ => throw new FormatException("no job") }, default));
        Assert.Equal(LetterState.Open, (await FindAsync(0)).State);
        Assert.Empty(await Store.HistoryAsync(1, default));
        Assert.Equal(new StateCounts(2, 0, 0, 0), Assert.Single(await Store.GroupsAsync(default)).Counts);
        // And the next change finds nothing of it.
        await ApplyAsync(Change(1, LetterState.Open, LetterState.Discarded));
        Assert.Equal(new StateCounts(1, 0, 0, 1), Assert.Single(await Store.GroupsAsync(default)).Counts);
    }

    [Fact]
    public async Task Notes_replace_one_another()
    {
        Assert.Null(await Store.FindNoteAsync("alerts", default));
        await Store.SaveNoteAsync("alerts", "one", default);
        await Store.SaveNoteAsync("others", "two", default);
        await Store.SaveNoteAsync("alerts", "three", default);
        await ReopenAsync();
        Assert.Equal(("three", "two"), (await Store.FindNoteAsync("alerts", default), await Store.FindNoteAsync("others", default)));
    }

    [Fact]
    public async Task Old_letters_go_by_age_count_and_bytes_but_not_those_in_hand()
    {
        await AddAsync([.. Enumerable.Range(0, 100).Select(n => SampleLetters.Letter(n, n == 0 ? "rare" : "type", at: SampleLetters.Noon.AddDays(n - 100), original: new string('x', 1_000)))]);
        await ApplyAsync(Change(2, LetterState.Open, LetterState.Redriving, "j"));
        Assert.Equal(69, await Store.TrimAsync(new LetterRetention(TimeSpan.FromDays(30), long.MaxValue, long.MaxValue), default));
        Assert.Equal("type", Assert.Single(await Store.GroupsAsync(default)).Rule);
        Assert.Equal(11, await Store.TrimAsync(new LetterRetention(TimeSpan.FromDays(30), 20, long.MaxValue), default));
        var facts = await Store.FactsAsync(default);
        Assert.Equal((20, 100), (facts.Letters, facts.LastNumber));
        Assert.InRange(facts.Bytes, 20 * 1_000, 20 * 4_000);
        Assert.Equal(10, await Store.TrimAsync(new LetterRetention(TimeSpan.FromDays(30), 20, facts.Bytes / 2), default));
        Assert.Equal(new StateCounts(9, 1, 0, 0), Assert.Single(await Store.GroupsAsync(default)).Counts);
        Assert.Equal(0, await Store.TrimAsync(new LetterRetention(TimeSpan.FromDays(30), 20, facts.Bytes / 2), default));
        // What was dropped is not collected again.
        Assert.Equal(0, await AddAsync(SampleLetters.Letters(0, 100)));
    }

    [Fact]
    public async Task Many_who_collect_change_and_look_at_once_leave_counters_that_are_right()
    {
        const int Writers = 4;
        const int Each = 300;
        var taken = new int[Writers * Each + 1];
        await Task.WhenAll(Enumerable.Range(0, Writers).Select(writer => Task.Run(() => CollectAsync(writer))).Append(Task.Run(LookAsync)));
        // Everybody wants to redrive everything: each letter is one job's.
        await Task.WhenAll(Enumerable.Range(0, Writers).Select(writer => Task.Run(() => TakeAsync(writer))));
        Assert.All(taken.Skip(1), count => Assert.Equal(1, count));
        Assert.Equal(Writers * Each, (await Store.GroupsAsync(default)).Sum(group => group.Counts.Redriving));
        Assert.Equal(0, (await Store.GroupsAsync(default)).Sum(group => group.Counts.Open));

        async Task CollectAsync(int writer)
        {
            for (var n = 0; n < Each; n += 10)
                await Store.AddAsync(Topic, writer, [.. Enumerable.Range(n, 10).Select(offset => SampleLetters.Letter(offset, $"rule{offset % 5}", partition: writer))], n + 10, default);
        }

        async Task LookAsync()
        {
            for (var n = 0; n < 50; n++)
            {
                var groups = (await Store.GroupsAsync(default)).Sum(group => group.Counts.Total);
                Assert.True(await Store.CountAsync(new LetterQuery(), default) >= groups);
                Assert.InRange((await Store.FindAsync(new LetterQuery(), default)).Letters.Count, 0, 50);
            }
        }

        async Task TakeAsync(int writer)
        {
            var job = writer.ToString(CultureInfo.InvariantCulture);
            for (var first = 1; first <= Writers * Each; first += 20)
            {
                foreach (var number in await ApplyAsync([.. Enumerable.Range(first, 20).Select(number => Change(number, LetterState.Open, LetterState.Redriving, job))]))
                    Interlocked.Increment(ref taken[number]);
            }
        }
    }
}
