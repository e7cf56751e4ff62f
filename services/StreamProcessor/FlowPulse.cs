using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using RealTimeMesh.Streaming;

namespace RealTimeMesh.StreamProcessor;

/// <summary>Lets event time go on in partitions without events, and tells results that wait to be told.</summary>
internal sealed class FlowPulse(StreamSet streams, ProcessorOptions options, TimeProvider time, ILogger<FlowPulse> log) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (streams.Flows.Count == 0)
            return;
        using var timer = new PeriodicTimer(options.FlowPulse, time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            foreach (var flow in streams.Flows)
                await PulseAsync(flow.Engine, stoppingToken);
        }
    }

    private async Task PulseAsync(FlowEngine engine, CancellationToken cancellationToken)
    {
        try
        {
            await engine.PulseAsync(cancellationToken);
        }
        catch (Exception exception) when (exception is not OperationCanceledException || !cancellationToken.IsCancellationRequested)
        {
            log.PulseFailed(engine.Plan.Name, exception);
        }
    }
}
