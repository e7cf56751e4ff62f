using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using RealTimeMesh.Contracts;
using RealTimeMesh.DeadLetters.Storing;

namespace RealTimeMesh.DeadLetters.Collecting;

/// <summary>Drops letters beyond what is kept, again and again.</summary>
internal sealed class Trimmer(IDeadLetterStore store, DeadLettersSetup setup, ILogger<Trimmer> logger) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(setup.Options.TrimEvery, setup.Time);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
                await TrimAsync(stoppingToken);
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The end.
        }
    }

    private async Task TrimAsync(CancellationToken cancellationToken)
    {
        try
        {
            while (await store.TrimAsync(setup.Options.Retention, cancellationToken) > 0)
            {
                // One bounded step after the other, so that others come between.
            }
        }
        catch (RealTimeMeshException exception)
        {
            Log.NotTrimmed(logger, exception.Message);
        }
    }
}
