using System.Collections.Concurrent;
using RealTimeMesh.Components;
using RealTimeMesh.Contracts;
using RealTimeMesh.DeadLetters.Endpoints;
using RealTimeMesh.DeadLetters.Storing;
using RealTimeMesh.Topics.Requests;

namespace RealTimeMesh.DeadLetters.Jobs;

/// <summary>Previews, starts, stops and goes on with jobs. A job that the end of the process cut short goes on with the next one, or stands as paused and can be resumed.</summary>
internal sealed class JobService(IDeadLetterStore store, IPubSubBroker broker, DeadLettersSetup setup, Desk desk, LetterMetrics metrics) : IAsyncDisposable
{
    private const int MostAtOnce = 4;
    private const string Exact = "each letter once, whatever is killed: what was written is found at the end of its topic";
    private const string AtLeastOnce = "at least once: this broker does not tell what was written; a repeated message has the same id";

    private readonly ConcurrentDictionary<string, Running> _running = new(StringComparer.Ordinal);
    private readonly TimeProvider _time = setup.Time;
    private volatile bool _isEnding;

    public async Task<JobPreview> PreviewAsync(string kind, JobRequest request, int samples, CancellationToken cancellationToken)
    {
        var work = Work(kind);
        request = request.WithoutNulls();
        Check(work, request);
        return await new Previewer(store, desk, _time).PreviewAsync(work, await NewAsync(kind, "", request, long.MaxValue, cancellationToken), samples, cancellationToken);
    }

    public async Task<Job> StartAsync(string kind, string who, JobRequest request, CancellationToken cancellationToken)
    {
        var work = Work(kind);
        request = request.WithoutNulls();
        Check(work, request);
        var selection = request.Token is { } token ? Selection.Parse(token) : (Selection?)null;
        if (selection is { } shown && shown.Meaning != Selection.MeaningOf(kind, request))
            throw Refuse.Invalid("token", "that of another request", "the token of a preview of this one", "preview again");
        var job = await NewAsync(kind, who, request, selection?.Through ?? long.MaxValue, cancellationToken);
        var query = new LetterQuery { Filter = request.Filter with { States = work.States }, Admits = desk.Admits(request.Filter) };
        var count = await store.CountAsync(query, cancellationToken);
        if (selection is { } seen && count > seen.Count)
        {
            if (request.Grown != "leave")
                throw Refuse.Conflict("selection", $"{count} letters", $"{seen.Count}, as the preview showed", "preview again, or say grown: 'leave' to leave the new ones as they are");
            count = seen.Count;
        }

        job = job with { Total = count };
        return await RunAsync(job, cancellationToken);
    }

    public async Task<Job> FindAsync(string id, CancellationToken cancellationToken) =>
        Shown(JobJson.Read(await store.FindJobAsync(id, cancellationToken) ?? throw Refuse.Missing($"job '{id}'", "one that was started", "list them")));

    public async Task<IReadOnlyList<Job>> ListAsync(string? before, int limit, CancellationToken cancellationToken) =>
        [.. (await store.JobsAsync(before, limit, cancellationToken)).Select(JobJson.Read).Select(Shown)];

    /// <summary>Goes on with a job that is paused or failed.</summary>
    public async Task<Job> ResumeAsync(string id, CancellationToken cancellationToken)
    {
        var job = await FindAsync(id, cancellationToken);
        return job.State is "paused" or "failed"
            ? await RunAsync(job with { State = "running", Fault = null }, cancellationToken)
            : throw Refuse.Conflict($"job '{id}'", $"it {job.State}", "a paused or failed one", "start a new one");
    }

    /// <summary>Stops a job after the batch that is under way, to be resumed or for good.</summary>
    public async Task<Job> StopAsync(string id, string state, CancellationToken cancellationToken)
    {
        var job = await FindAsync(id, cancellationToken);
        if (_running.TryGetValue(id, out var running))
        {
            await running.StopAsync();
            job = await FindAsync(id, cancellationToken);
        }

        if (job.State is "done" or "cancelled")
            throw Refuse.Conflict($"job '{id}'", $"it {job.State}", "one that is not over", "start a new one");
        // Letters that were in hand when a process ended are not left there for good.
        if (state == "cancelled")
            job = await Runner(job.Kind).SettleAsync(job, rewrite: false, cancellationToken);
        return await SaveAsync(job with { State = state, Fault = null });
    }

    /// <summary>Jobs that ran when the process before this one ended, oldest first.</summary>
    public async Task<IReadOnlyList<Job>> InterruptedAsync(CancellationToken cancellationToken)
    {
        var found = new List<Job>();
        string? before = null;
        while (await store.JobsAsync(before, Paging.MostLimit, cancellationToken) is { Count: > 0 } page)
        {
            found.AddRange(page.Select(JobJson.Read).Where(job => job.State == "running" && !_running.ContainsKey(job.Id)));
            before = page[^1].Id;
        }

        found.Reverse();
        return found;
    }

    /// <summary>Jobs that run stay so in the store: the next process goes on with them.</summary>
    public async ValueTask DisposeAsync()
    {
        _isEnding = true;
        await Task.WhenAll(_running.Values.Select(running => running.StopAsync()));
    }

    /// <summary>Waits until a job is not running any more.</summary>
    internal Task WaitAsync(string id) => _running.TryGetValue(id, out var running) ? running.Task : Task.CompletedTask;

    private async Task<Job> NewAsync(string kind, string who, JobRequest request, long through, CancellationToken cancellationToken)
    {
        var now = _time.GetUtcNow();
        var last = (await store.FactsAsync(cancellationToken)).LastNumber;
        var guarantee = kind != "redrive" ? null : new RedriveTail(broker).Tells ? Exact : AtLeastOnce;
        return new Job(
            Guid.CreateVersion7(now).ToString("N")[..20], kind, who, request, "running", Math.Min(through, last), 0, 0, new Dictionary<string, long>(), new Dictionary<string, long>(), null,
            new Dictionary<string, Dictionary<int, long>>(), now, now, null, guarantee);
    }

    private async Task<Job> RunAsync(Job job, CancellationToken cancellationToken)
    {
        var running = new Running();
        if (_running.Count >= MostAtOnce)
            throw Refuse.Conflict("jobs", $"{_running.Count} running", $"less than {MostAtOnce} at once", "wait for one, or stop one");
        if (!_running.TryAdd(job.Id, running))
            throw Refuse.Conflict($"job '{job.Id}'", "it running", "one that is not", "wait for it");
        try
        {
            await SaveAsync(job);
        }
        catch
        {
            _running.TryRemove(job.Id, out _);
            throw;
        }

        cancellationToken.ThrowIfCancellationRequested();
        running.Task = Task.Run(() => CarryOutAsync(job, running), CancellationToken.None);
        return job;
    }

    private async Task CarryOutAsync(Job job, Running running)
    {
        try
        {
            await Runner(job.Kind).RunAsync(job, running.Stop.Token);
        }
        catch (OperationCanceledException) when (running.Stop.IsCancellationRequested)
        {
            if (!_isEnding)
                await EndAsync(job.Id, "paused", null);
        }
        catch (Exception exception)
        {
            // Whoever looks at the job reads why; it can be resumed when that is mended.
            await EndAsync(job.Id, "failed", exception is RealTimeMeshException ? exception.Message : exception.ToString());
        }
        finally
        {
            _running.TryRemove(job.Id, out _);
        }
    }

    private async Task EndAsync(string id, string state, string? fault) =>
        await SaveAsync(JobJson.Read((await store.FindJobAsync(id, CancellationToken.None))!) with { State = state, Fault = fault });

    private async Task<Job> SaveAsync(Job job)
    {
        job = job with { Updated = _time.GetUtcNow() };
        await store.ApplyAsync(new LetterChanges { At = job.Updated, Who = job.Who, Job = _ => job.ToDocument() }, CancellationToken.None);
        return job;
    }

    private JobRunner Runner(string kind) => new(store, broker, Work(kind), desk.Streams, metrics, _time, desk.Admits);

    private IJobWork Work(string kind) => kind switch
    {
        "redrive" => new RedriveWork(desk.Streams, setup.Options),
        "edit" => new EditWork(desk.Editor()),
        "discard" => new DiscardWork(),
        _ => new ReopenWork(),
    };

    private static void Check(IJobWork work, JobRequest request)
    {
        if (request.Filter.States.FirstOrDefault(state => !work.States.Contains(state), work.States[0]) is var wrong && !work.States.Contains(wrong))
            throw Refuse.Invalid("state", $"{wrong}".ToLowerInvariant(), string.Join(" or ", work.States).ToLowerInvariant(), "leave it out");
        if (request.Grown is not ("refuse" or "leave"))
            throw Refuse.Invalid("grown", $"'{request.Grown}'", "refuse or leave");
        if (request.Filter.Ids.FirstOrDefault(id => Letters.LetterPlace.Parse(id) is null) is { } id)
            throw Refuse.Invalid("id", $"'{id}'", "TOPIC:PARTITION:OFFSET");
        work.Check(request);
    }

    /// <summary>What says it runs and does not was cut short by the end of a process.</summary>
    private Job Shown(Job job) => job.State == "running" && !_running.ContainsKey(job.Id) ? job with { State = "paused", Fault = "the process ended while it ran" } : job;

    private sealed class Running
    {
        public CancellationTokenSource Stop { get; } = new();

        public Task Task { get; set; } = Task.CompletedTask;

        public async Task StopAsync()
        {
            await Stop.CancelAsync();
            await Task;
        }
    }
}
