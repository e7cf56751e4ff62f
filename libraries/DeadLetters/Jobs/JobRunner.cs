using RealTimeMesh.Components;
using RealTimeMesh.Contracts;
using RealTimeMesh.DeadLetters.Checking;
using RealTimeMesh.DeadLetters.Letters;
using RealTimeMesh.DeadLetters.Storing;

namespace RealTimeMesh.DeadLetters.Jobs;

/// <summary>
/// Carries one job out from where it stands, batch by batch, oldest letter first. What a batch does to letters and how far the job has
/// come are one transaction. A redrive has two for each batch: letters are taken in hand, written, and noted as written; what was in
/// hand when a job was cut short is looked for at the end of its destination before anything is written again.
/// </summary>
internal sealed class JobRunner(IDeadLetterStore store, IPubSubBroker broker, IJobWork work, StreamChecks streams, LetterMetrics metrics, TimeProvider time, Func<LetterFilter, Func<StoredLetter, bool>?> admits)
{
    private const int MostLetters = 1_000;
    private const int MostBytes = 8 * 1024 * 1024;
    private static readonly TimeSpan LookTime = TimeSpan.FromSeconds(2);

    private readonly RedriveTail _tail = new(broker);

    public async Task<Job> RunAsync(Job job, CancellationToken cancellationToken)
    {
        job = await SettleAsync(job, rewrite: true, cancellationToken);
        var (began, paced) = (time.GetTimestamp(), 0L);
        var most = Math.Clamp(job.Request.Rate ?? MostLetters, 1, MostLetters);
        while (true)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var page = await store.FindAsync(
                new LetterQuery
                {
                    Filter = job.Request.Filter with { States = work.States },
                    Ascending = true,
                    After = job.After is { } after ? LetterCursor.Parse(after) : null,
                    Through = job.Through,
                    Limit = most,
                    Admits = admits(job.Request.Filter),
                    MaxTime = LookTime,
                },
                cancellationToken);
            // Not cancelled half way: what is under way is done and noted, then the job stops.
            (job, var changed, var ended) = await BatchAsync(job, page, CancellationToken.None);
            if (ended)
                return await SaveAsync(job with { State = "done" }, CancellationToken.None);
            paced += changed;
            await PaceAsync(job.Request.Rate, paced, began, cancellationToken);
        }
    }

    /// <summary>Finds out what became of letters that were in hand when a job was cut short. Those that were not written are written now, or opened again.</summary>
    public async Task<Job> SettleAsync(Job job, bool rewrite, CancellationToken cancellationToken)
    {
        var inHand = await store.InHandAsync(job.Id, cancellationToken);
        if (inHand.Count == 0)
            return job;
        var written = new HashSet<string>(StringComparer.Ordinal);
        foreach (var topic in inHand.GroupBy(letter => Destination.Of(letter, job.Request.To, streams).Topic))
        {
            if (topic.Key is { } name)
                written.UnionWith(await _tail.WrittenAsync(job.Id, name, job.Ends.GetValueOrDefault(name) ?? [], topic.Select(letter => letter.Id).ToHashSet(), cancellationToken));
        }

        job = await NoteAsync(job, inHand.Where(letter => written.Contains(letter.Id)).ToArray(), CancellationToken.None);
        var rest = inHand.Where(letter => !written.Contains(letter.Id)).ToArray();
        if (rewrite)
            return await WriteAsync(job, rest, CancellationToken.None);
        await store.ApplyAsync(
            new LetterChanges { At = time.GetUtcNow(), Who = job.Who, Letters = [.. rest.Select(letter => new LetterChange(letter.Number, LetterState.Redriving, LetterState.Open, null, null) { Job = job.Id })] },
            CancellationToken.None);
        return job;
    }

    private async Task<(Job Job, int Changed, bool Ended)> BatchAsync(Job job, LetterPage page, CancellationToken cancellationToken)
    {
        var (changes, taken, bytes) = (new List<LetterChange>(), new List<StoredLetter>(), 0L);
        var skipped = job.Skipped.ToDictionary();
        var topics = new HashSet<string>(StringComparer.Ordinal);
        var (after, ended) = (page.Next ?? (page.Letters.Count > 0 ? page.Letters[^1].Cursor : null), page.Next is null);
        StoredLetter? last = null;
        foreach (var letter in page.Letters)
        {
            // The rest of the page is read again with the next batch.
            if (bytes >= MostBytes)
            {
                (after, ended) = (last!.Cursor, false);
                break;
            }

            last = letter;
            var plan = await work.PlanAsync(job, letter, cancellationToken);
            if (plan.Skipped is { } reason)
                Count(skipped, reason, 1);
            if (plan.Change is not { } change)
                continue;
            changes.Add(change);
            taken.Add(letter);
            bytes += letter.Current.Length;
            if (plan.Destination.Topic is { } topic)
                topics.Add(topic);
        }

        var ends = new Dictionary<string, Dictionary<int, long>>(StringComparer.Ordinal);
        foreach (var topic in topics)
            ends[topic] = await _tail.EndsAsync(topic, cancellationToken);
        var isRedrive = work.Kind == "redrive";
        var next = job with { Skipped = skipped, After = after?.ToString() ?? job.After, Ends = ends, Updated = time.GetUtcNow() };
        var changed = await store.ApplyAsync(
            new LetterChanges { At = time.GetUtcNow(), Who = job.Who, Letters = changes, Job = numbers => (isRedrive ? next : next with { Done = next.Done + numbers.Count }).ToDocument() }, cancellationToken);
        if (!isRedrive)
            return (next with { Done = next.Done + changed.Count }, changed.Count, ended);
        return (await WriteAsync(next, [.. taken.Where(letter => changed.Contains(letter.Number))], cancellationToken), changed.Count, ended);
    }

    /// <summary>Writes letters that are in hand, in their order, and notes them.</summary>
    private async Task<Job> WriteAsync(Job job, IReadOnlyList<StoredLetter> letters, CancellationToken cancellationToken)
    {
        if (letters.Count == 0)
            return job;
        var written = new List<StoredLetter>();
        var failures = new List<string>();
        foreach (var topic in letters.GroupBy(letter => Destination.Of(letter, job.Request.To, streams)))
        {
            if (topic.Key.Topic is not { } name)
            {
                failures.Add(topic.Key.Obstacle!);
                continue;
            }

            var batch = topic.ToArray();
            var result = await PublishAsync(name, [.. batch.Select(letter => RedriveWriter.Write(letter, topic.Key, job.Id))], failures, cancellationToken);
            if (result is null)
                continue;
            var failed = result.Failures.Select(failure => failure.Index).ToHashSet();
            failures.AddRange(result.Failures.Take(1).Select(failure => failure.Error.Message));
            written.AddRange(batch.Where((_, index) => !failed.Contains(index)));
            metrics.Redriven(name, batch.Length - failed.Count);
        }

        job = await NoteAsync(job, written, cancellationToken);
        // Letters that were not written stay in hand: going on with the job finds out what became of them.
        return failures.Count == 0 ? job : throw new RealTimeMeshException($"job {job.Id}: found {failures[0]}; expected every letter to be written; go on with the job when that is mended.");
    }

    private async Task<PublishResult?> PublishAsync(string topic, IReadOnlyList<OutgoingMessage> messages, List<string> failures, CancellationToken cancellationToken)
    {
        try
        {
            return await broker.PublishAsync(topic, messages, cancellationToken);
        }
        catch (RealTimeMeshException exception)
        {
            // Other destinations may still be written.
            failures.Add(exception.Message);
            return null;
        }
    }

    private async Task<Job> NoteAsync(Job job, IReadOnlyList<StoredLetter> written, CancellationToken cancellationToken)
    {
        if (written.Count == 0)
            return job;
        var destinations = job.Destinations.ToDictionary();
        var changes = new List<LetterChange>();
        foreach (var letter in written)
        {
            var topic = Destination.Of(letter, job.Request.To, streams).Topic!;
            Count(destinations, topic, 1);
            changes.Add(new LetterChange(letter.Number, LetterState.Redriving, LetterState.Redriven, "redriven", $"to {topic} by {job.Id}") { Job = job.Id, CountsRedrive = true });
        }

        job = job with { Done = job.Done + written.Count, Destinations = destinations, Updated = time.GetUtcNow() };
        await store.ApplyAsync(new LetterChanges { At = time.GetUtcNow(), Who = job.Who, Letters = changes, Job = _ => job.ToDocument() }, cancellationToken);
        return job;
    }

    private async Task<Job> SaveAsync(Job job, CancellationToken cancellationToken)
    {
        job = job with { Updated = time.GetUtcNow() };
        await store.ApplyAsync(new LetterChanges { At = time.GetUtcNow(), Who = job.Who, Job = _ => job.ToDocument() }, cancellationToken);
        return job;
    }

    private async Task PaceAsync(int? rate, long letters, long began, CancellationToken cancellationToken)
    {
        if (rate is not { } most)
            return;
        var due = TimeSpan.FromSeconds((double)letters / most) - time.GetElapsedTime(began);
        if (due > TimeSpan.Zero)
            await Task.Delay(due, time, cancellationToken);
    }

    private static void Count(Dictionary<string, long> counts, string name, long by)
    {
        // A reason may quote the message: what is counted apart is bounded.
        if (counts.Count >= 50 && !counts.ContainsKey(name))
            name = "other reasons";
        counts[name] = counts.GetValueOrDefault(name) + by;
    }}
