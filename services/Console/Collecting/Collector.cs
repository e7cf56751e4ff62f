using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using RealTimeMesh.Console.Snapshots;

namespace RealTimeMesh.Console.Collecting;

/// <summary>
/// Watches the mesh for all browsers together: a loop for each service, so that a slow one delays no other, and one that makes a
/// snapshot of what is known. A round asks one question after another and the next begins when it has ended: nothing piles up.
/// </summary>
internal sealed class Collector(ServiceList list, SnapshotBuilder builder, SnapshotFeed feed, ConsoleOptions options, TimeProvider time, ILogger<Collector> log) : BackgroundService
{
    private static readonly TimeSpan s_worthALine = TimeSpan.FromSeconds(10);

    protected override Task ExecuteAsync(CancellationToken stoppingToken) =>
        Task.WhenAll([.. list.Services.Select(service => WatchAsync(service, stoppingToken)), PublishAsync(stoppingToken)]);

    private async Task WatchAsync(WatchedService service, CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(options.PollInterval, time);
        var round = 0;
        try
        {
            do
            {
                await AskAsync(service, round++, cancellationToken);
            }
            while (await timer.WaitForNextTickAsync(cancellationToken));
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // The console stops.
        }
    }

    private async Task AskAsync(WatchedService service, int round, CancellationToken cancellationToken)
    {
        var started = time.GetTimestamp();
        int asked = 0, failed = 0;
        string? error = null;
        foreach (var question in service.Questions)
        {
            // After a silence everything is asked at once.
            if (round % question.Every != 0 && !(service.Health.State is "down" or "unknown"))
                continue;
            asked++;
            if (await question.AskAsync(cancellationToken) is { } fault)
            {
                failed++;
                error ??= fault;
                if (failed == asked)
                    break;
            }
        }

        if (asked > 0)
            Note(service, failed == 0 ? "up" : failed == asked ? "down" : "degraded", error, time.GetElapsedTime(started).TotalMilliseconds);
    }

    private void Note(WatchedService service, string state, string? error, double elapsed)
    {
        var now = time.GetUtcNow();
        var before = service.Health;
        service.Health = new ServiceHealth(
            state,
            before.State == state ? before.Since : now,
            state == "down" ? before.LastAnswer : now,
            state == "down" ? null : elapsed,
            error);
        // A service that starts or drains is silent for a moment; only a lasting silence is worth a line.
        if (state == "down" && !service.IsReportedDown && now - service.Health.Since >= s_worthALine && service.Health.LastAnswer is not null)
        {
            service.IsReportedDown = true;
            log.NotAnswering(service.Id, service.Url, error ?? "");
        }
        else if (state != "down" && service.IsReportedDown)
        {
            service.IsReportedDown = false;
            log.AnswersAgain(service.Id, (now - before.Since).TotalSeconds);
        }
    }

    private async Task PublishAsync(CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(options.PollInterval, time);
        try
        {
            do
            {
                try
                {
                    feed.Publish(builder.Build());
                }
                catch (Exception exception) when (exception is not OperationCanceledException)
                {
                    // The page's own age shows that it stands still.
                    log.SnapshotFailed(exception);
                }
            }
            while (await timer.WaitForNextTickAsync(cancellationToken));
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // The console stops.
        }
    }
}
