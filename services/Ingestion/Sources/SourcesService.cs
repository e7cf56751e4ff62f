using System.Collections.Concurrent;
using System.Diagnostics;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using RealTimeMesh.Ingestion.Publishing;
using RealTimeMesh.Ingestion.Streams;
using RealTimeMesh.Ingestion.Telemetry;
using RealTimeMesh.ServiceDefaults;

namespace RealTimeMesh.Ingestion.Sources;

/// <summary>Runs all sources at once, from the moment the streams take events.</summary>
internal sealed class SourcesService : BackgroundService
{
    private readonly StreamStartup _startup;
    private readonly StreamCatalog _catalog;
    private readonly SourceIndex _index;
    private readonly ConcurrentDictionary<string, SourceCounts> _past = new(StringComparer.Ordinal);
    private readonly List<SourceRunner> _runners = [];
    private readonly List<SourceStatus> _sources = [];

    public SourcesService(StreamCatalog catalog, StreamStartup startup, SourceOpener opener, EventSink sink, IRecordStore store, MeshSettings settings, ActivitySource activities, IngestionOptions options, IngestionMetrics metrics, TimeProvider time, ILogger<SourcesService> logger)
    {
        _startup = startup;
        _catalog = catalog;
        _index = new SourceIndex(store, options, time, logger);
        foreach (var stream in catalog.Streams)
        {
            foreach (var source in stream.Spec.Definition.Sources)
            {
                opener.Validate(stream.Spec.Definition, source);
                var status = new SourceStatus(stream.Spec.Definition, source, opener.NameOf(stream.Spec.Definition, source)) { Total = source is { Generator: not null, Events: > 0 } ? source.Events : null };
                _sources.Add(status);
                var rate = ReplayRate.Of(settings.Replay, source.Replay);
                // Changes come when they happen: event time has no say.
                _runners.Add(new SourceRunner(status, stream, opener, sink, store, source.Changes is null ? rate : rate with { Speed = null }, activities, options, metrics, time, logger));
            }
        }

        metrics.ObserveLag(_sources);
    }

    public IReadOnlyList<SourceStatus> Sources => _sources;

    /// <summary>What the sources brought that a stream has no longer.</summary>
    public SourceCounts PastOf(string topic) => _past.GetValueOrDefault(topic);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await _startup.Ready.WaitAsync(stoppingToken);
        foreach (var stream in _catalog.Streams.Select(stream => stream.Spec.Definition))
            _past[stream.Topic] = await _index.EnterAsync(stream.Pipeline, stream.Topic, [.. stream.Sources.Select(source => source.Name)], stoppingToken);
        await Task.WhenAll(_runners.Select(runner => runner.RunAsync(stoppingToken)));
    }
}
