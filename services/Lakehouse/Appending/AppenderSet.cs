using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using RealTimeMesh.Lakehouse.Tables;

namespace RealTimeMesh.Lakehouse.Appending;

/// <summary>A stream with the appenders of its topic and of its dead letters.</summary>
internal sealed record StreamAppenders(string Pipeline, string Stream, TopicAppender? Bronze, TopicAppender DeadLetters, LakeTable Quarantine);

/// <summary>All appenders; runs their commit loops.</summary>
internal sealed class AppenderSet(IReadOnlyList<StreamAppenders> streams) : BackgroundService
{
    public IReadOnlyList<StreamAppenders> Streams { get; } = streams;

    public IEnumerable<TopicAppender> All => Streams.SelectMany(stream => stream.Bronze is null ? [stream.DeadLetters] : new[] { stream.Bronze, stream.DeadLetters });

    protected override Task ExecuteAsync(CancellationToken stoppingToken) =>
        Task.WhenAll(All.Select(appender => Task.Run(() => appender.RunAsync(stoppingToken), stoppingToken)));
}

/// <summary>Unhealthy while a table cannot be committed to, with the reason.</summary>
internal sealed class CommitHealthCheck(AppenderSet appenders) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        var faults = appenders.All.Where(appender => appender.Fault is not null).Select(appender => $"{appender.Table.Pipeline}.{appender.Table.Name}: {appender.Fault}").ToList();
        return Task.FromResult(faults.Count == 0 ? HealthCheckResult.Healthy() : HealthCheckResult.Unhealthy(string.Join("; ", faults)));
    }
}
