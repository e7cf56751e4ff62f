using System.Collections.Concurrent;

namespace RealTimeMesh.SparkJobs.Builds;

/// <summary>Runs a pipeline's pass some time after its tables changed; at start, and now and then, all of them.</summary>
internal sealed class BuildScheduler(JobRunner runner, SparkJobsOptions options, TimeProvider time) : BackgroundService
{
    private readonly ConcurrentDictionary<string, bool> _dirty = new(StringComparer.Ordinal);
    private readonly SemaphoreSlim _signal = new(0);

    /// <summary>A table of this pipeline has a new version.</summary>
    public void Notify(string pipeline)
    {
        if (_dirty.TryAdd(pipeline, true))
            _signal.Release();
    }

    public override void Dispose()
    {
        base.Dispose();
        _signal.Dispose();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        // Kestrel must not wait for the first builds.
        await Task.Yield();
        try
        {
            var all = true;
            while (true)
            {
                foreach (var pipeline in runner.Pipelines)
                {
                    if (_dirty.TryRemove(pipeline.Name, out _) || all)
                        await runner.RunAsync(pipeline, stoppingToken);
                }

                all = !await WaitForNoticeAsync(stoppingToken);
                await Task.Delay(options.BuildInterval, time, stoppingToken);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // Stopping: what was under way starts again from the last commit.
        }
    }

    /// <summary>False where the poll interval passed without a notice.</summary>
    private async Task<bool> WaitForNoticeAsync(CancellationToken cancellationToken)
    {
        using var poll = new CancellationTokenSource(options.PollInterval, time);
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(poll.Token, cancellationToken);
        try
        {
            await _signal.WaitAsync(linked.Token);
            return true;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return false;
        }
    }
}
