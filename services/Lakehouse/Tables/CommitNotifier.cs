using System.Threading.Channels;
using Dapr.Client;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using RealTimeMesh.ServiceDefaults;

namespace RealTimeMesh.Lakehouse.Tables;

/// <summary>
/// Announces commits on <c>lakehouse.commits</c>. A notice is a hint (readers find the version in the log), so it neither delays nor
/// fails the commit; of too many the oldest are dropped.
/// </summary>
internal sealed class CommitNotifier(DaprClient dapr, MeshSettings settings, LakehouseMetrics metrics, TimeProvider time, ILogger<CommitNotifier> log) : BackgroundService
{
    public const string Topic = "lakehouse.commits";
    private static readonly TimeSpan s_timeout = TimeSpan.FromSeconds(10);

    private readonly Channel<CommitNotice> _notices = Channel.CreateBounded<CommitNotice>(new BoundedChannelOptions(256) { FullMode = BoundedChannelFullMode.DropOldest, SingleReader = true });

    public void Announce(CommitNotice notice) => _notices.Writer.TryWrite(notice);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await foreach (var notice in _notices.Reader.ReadAllAsync(stoppingToken))
        {
            using var timeout = new CancellationTokenSource(s_timeout, time);
            using var linked = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken, timeout.Token);
            try
            {
                await dapr.PublishEventAsync(settings.PubSubName, Topic, notice, linked.Token);
            }
            catch (Exception exception) when (!stoppingToken.IsCancellationRequested)
            {
                metrics.NoticeFailed();
                log.NoticeFailed($"{notice.Pipeline}.{notice.Table}", notice.Version, Topic, exception.InnerException?.Message ?? exception.Message);
            }
        }
    }
}
