using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using RealTimeMesh.Contracts;
using RealTimeMesh.Topics.Auditing;

namespace RealTimeMesh.DeadLetters.Jobs;

/// <summary>
/// Goes on with the jobs that ran when the process before this one ended, before anybody can ask for new ones. Filter, bound, rate and
/// place are those of the job as it was approved.
/// </summary>
internal sealed class JobResumer(JobService jobs, AuditLog audit, DeadLettersSetup setup, ILogger<JobResumer> logger) : IHostedService
{
    private const string Who = "mesh";

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        if (!setup.Options.ResumeJobs)
            return;
        foreach (var job in await jobs.InterruptedAsync(cancellationToken))
        {
            try
            {
                await audit.RecordAsync(
                    Who, "resume job", job.Id, new { why = "the process ended while it ran", job.Kind, startedBy = job.Who, job.Done, job.Total, job.Request.Rate }, () => jobs.ResumeAsync(job.Id, cancellationToken), static resumed => new { resumed.State, resumed.Done }, cancellationToken);
                Log.JobResumed(logger, job.Kind, job.Id, job.Done, job.Total);
            }
            catch (RealTimeMeshException exception)
            {
                // It stands as paused, and whoever looks can go on with it.
                Log.JobNotResumed(logger, job.Id, exception.Message);
            }
        }
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
