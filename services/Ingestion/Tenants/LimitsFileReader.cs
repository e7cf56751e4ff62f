using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using RealTimeMesh.Contracts;
using RealTimeMesh.Ingestion.Telemetry;

namespace RealTimeMesh.Ingestion.Tenants;

/// <summary>
/// Reads the limits file, and reads it again when it has changed. A file with a fault keeps the service from starting;
/// while it runs the limits stay as they were, and the fault is logged.
/// </summary>
internal sealed class LimitsFileReader(TenantDirectory tenants, IngestionOptions options, TimeProvider time, ILogger<LimitsFileReader> logger) : BackgroundService
{
    // Asked rather than watched: files mounted into containers are replaced in ways that watchers miss.
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    private byte[] _applied = [];

    public override Task StartAsync(CancellationToken cancellationToken)
    {
        if (options.LimitsFile.Length == 0)
            return Task.CompletedTask;
        if (!File.Exists(options.LimitsFile))
            throw new RealTimeMeshException($"limits file '{options.LimitsFile}': found none; expected the JSON file that MESH_INGEST_LIMITS names. Create it, or leave the setting out for no limits.");
        Apply(File.ReadAllBytes(options.LimitsFile));
        return base.StartAsync(cancellationToken);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Interval, time);
        string? said = null;
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                var json = await File.ReadAllBytesAsync(options.LimitsFile, stoppingToken);
                said = null;
                if (json.AsSpan().SequenceEqual(_applied))
                    continue;
                Apply(json);
                Log.LimitsApplied(logger, options.LimitsFile);
            }
            catch (Exception e) when (e is RealTimeMeshException or IOException or UnauthorizedAccessException)
            {
                if (said != e.Message)
                    Log.LimitsNotApplied(logger, e.Message);
                said = e.Message;
            }
        }
    }

    private void Apply(byte[] json)
    {
        tenants.Apply(TenantLimits.Parse(json, options.LimitsFile));
        _applied = json;
    }
}
