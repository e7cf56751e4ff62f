using RealTimeMesh.DeadLetters.Checking;
using RealTimeMesh.DeadLetters.Endpoints;
using RealTimeMesh.DeadLetters.Letters;
using RealTimeMesh.DeadLetters.Showing;
using RealTimeMesh.DeadLetters.Storing;

namespace RealTimeMesh.DeadLetters.Jobs;

/// <summary>Shows what a job would do, without doing it.</summary>
internal sealed class Previewer(IDeadLetterStore store, Desk desk, TimeProvider time)
{
    /// <summary>How long a preview looks at letters; what it has not seen by then it says.</summary>
    private static readonly TimeSpan MostTime = TimeSpan.FromSeconds(20);

    private const int Page = 1_000;

    public async Task<JobPreview> PreviewAsync(IJobWork work, Job job, int samples, CancellationToken cancellationToken)
    {
        var query = new LetterQuery { Filter = job.Request.Filter with { States = work.States }, Ascending = true, Through = job.Through, Limit = Page, Admits = desk.Admits(job.Request.Filter), MaxTime = TimeSpan.FromSeconds(2) };
        var tally = new PreviewTally(samples);
        var (shower, checks) = (desk.Shower(), desk.Checks());
        var began = time.GetTimestamp();
        LetterPage page;
        do
        {
            page = await store.FindAsync(query, cancellationToken);
            foreach (var letter in page.Letters)
                await LookAsync(work, job, letter, tally, shower, checks, cancellationToken);
            query = query with { After = page.Next };
        }
        while (page.Next is not null && time.GetElapsedTime(began) < MostTime);
        var whole = page.Next is null;
        var count = whole ? tally.Looked : await store.CountAsync(query with { After = null }, cancellationToken);
        return new JobPreview(
            new Selection(job.Through, count, Selection.MeaningOf(work.Kind, job.Request)).ToString(), count, tally.Looked, tally.Changes, tally.Skipped, tally.Destinations, tally.Passing, tally.Failing, tally.Unknown, tally.Faults, tally.Samples);
    }

    private async Task LookAsync(IJobWork work, Job job, StoredLetter letter, PreviewTally tally, LetterShower shower, LetterChecks checks, CancellationToken cancellationToken)
    {
        tally.Looked++;
        var plan = await work.PlanAsync(job, letter, cancellationToken);
        if (plan.Skipped is { } reason)
        {
            PreviewTally.Count(tally.Skipped, reason);
            if (tally.WantsSample)
                tally.Samples.Add(new PreviewSample(letter.Id, await shower.MessageAsync(letter, letter.Current, letter.CurrentKey, cancellationToken), null, null, null, reason));
            return;
        }

        tally.Changes++;
        var edit = plan.Change!.Edit;
        var destination = work.Kind == "redrive" ? plan.Destination : Destination.Of(letter, null, desk.Streams);
        Verdict? verdict = null;
        if (work.Kind is "redrive" or "edit")
        {
            if (destination.Topic is { } topic && work.Kind == "redrive")
                PreviewTally.Count(tally.Destinations, topic);
            verdict = shower.Mask(letter.Content, await checks.CheckAsync(edit?.Value ?? letter.Current, destination, cancellationToken));
            tally.Judge(verdict);
        }

        if (tally.WantsSample)
        {
            tally.Samples.Add(new PreviewSample(
                letter.Id, await shower.MessageAsync(letter, letter.Current, letter.CurrentKey, cancellationToken),
                edit is null ? null : await shower.MessageAsync(letter, edit.Value, edit.Key, cancellationToken), destination.Topic, verdict, null));
        }
    }
}

/// <summary>What a job would do.</summary>
/// <param name="Token">To be brought by the job: it is refused where the selection has grown by then.</param>
/// <param name="Count">Letters that are meant.</param>
/// <param name="Looked">Letters the preview has looked at, within its time.</param>
/// <param name="Changes">Of these, letters that would be changed or written.</param>
/// <param name="Skipped">Of these, letters that would be left alone, by reason.</param>
/// <param name="Destinations">Letters by topic.</param>
/// <param name="Passing">Letters that would be taken at their destination.</param>
/// <param name="Failing">Letters that would not.</param>
/// <param name="Unknown">Letters of which that cannot be told.</param>
/// <param name="Faults">Why those that fail would, by rule and field.</param>
internal sealed record JobPreview(
    string Token, long Count, long Looked, long Changes, IReadOnlyDictionary<string, long> Skipped, IReadOnlyDictionary<string, long> Destinations, long Passing, long Failing, long Unknown, IReadOnlyDictionary<string, long> Faults, IReadOnlyList<PreviewSample> Samples);

/// <param name="After">The edited message; null where it is not edited.</param>
/// <param name="Skipped">Why the letter would be left alone.</param>
internal sealed record PreviewSample(string Id, ShownMessage Before, ShownMessage? After, string? Destination, Verdict? Verdict, string? Skipped);

/// <summary>What a preview has counted.</summary>
internal sealed class PreviewTally(int samples)
{
    private const int MostReasons = 50;

    public long Looked { get; set; }

    public long Changes { get; set; }

    public long Passing { get; private set; }

    public long Failing { get; private set; }

    public long Unknown { get; private set; }

    public Dictionary<string, long> Skipped { get; } = new(StringComparer.Ordinal);

    public Dictionary<string, long> Destinations { get; } = new(StringComparer.Ordinal);

    public Dictionary<string, long> Faults { get; } = new(StringComparer.Ordinal);

    public List<PreviewSample> Samples { get; } = [];

    public bool WantsSample => Samples.Count < samples;

    public void Judge(Verdict verdict)
    {
        switch (verdict.Passes)
        {
            case true:
                Passing++;
                break;
            case false:
                Failing++;
                Count(Faults, verdict.Field is { } field ? $"{verdict.Rule} of '{field}'" : verdict.Rule ?? "");
                break;
            default:
                Unknown++;
                break;
        }
    }

    public static void Count(Dictionary<string, long> counts, string name)
    {
        if (counts.Count >= MostReasons && !counts.ContainsKey(name))
            name = "others";
        counts[name] = counts.GetValueOrDefault(name) + 1;
    }
}
