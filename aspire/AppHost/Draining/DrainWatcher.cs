using System.Diagnostics;
using System.Globalization;
using RealTimeMesh.Contracts;

namespace RealTimeMesh.AppHost.Draining;

/// <summary>
/// Follows a bounded run to its end: sources read, every acknowledged event in the views and in bronze (or dead, late,
/// quarantined), silver and gold built, the warehouse loaded.
/// </summary>
internal sealed class DrainWatcher(MeshClient mesh, TimeProvider time, TimeSpan stallTimeout, Action<string>? progress = null)
{
    private static readonly TimeSpan ProgressInterval = TimeSpan.FromSeconds(5);

    // A source reports what it is retrying, too: only an error that stays ends the run.
    private static readonly TimeSpan SourceErrorLimit = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(50);

    public async Task<RunSummary> RunAsync(CancellationToken cancellationToken)
    {
        var start = time.GetTimestamp();
        var (before, _) = await mesh.LedgerAsync(cancellationToken);
        var (ledgers, latency) = await WaitForStreamsAsync(cancellationToken);
        var streaming = time.GetElapsedTime(start);
        List<LoadedTable> loads = [];
        foreach (var pipeline in ledgers.Select(ledger => ledger.Pipeline).Distinct())
            loads.AddRange((await mesh.DrainBuildsAsync(pipeline, cancellationToken)).Loads);
        var elapsed = time.GetElapsedTime(start);
        ledgers = await mesh.AuditAsync(ledgers, cancellationToken);
        var tables = await mesh.TablesAsync(cancellationToken);
        var pipelines = ledgers.Select(ledger => ledger.Pipeline).ToHashSet(StringComparer.Ordinal);
        var unbalanced = ledgers.Where(ledger => !ledger.Balanced).Select(ledger => $"{ledger.Pipeline}.{ledger.Stream}").ToList();
        return new RunSummary
        {
            Succeeded = unbalanced.Count == 0,
            Reason = unbalanced.Count == 0 ? null : $"the ledger of {string.Join(", ", unbalanced)} does not balance",
            Acked = ledgers.Sum(ledger => ledger.Acked),
            Applied = ledgers.Sum(ledger => ledger.Applied),
            DeadLettered = ledgers.Sum(ledger => ledger.DeadLettered),
            Late = ledgers.Sum(ledger => ledger.Late),
            Quarantined = ledgers.Sum(ledger => ledger.Quarantined),
            Redriven = ledgers.Sum(ledger => ledger.Redriven),
            Lost = ledgers.Sum(ledger => ledger.Lost),
            Duplicated = ledgers.Sum(ledger => ledger.Duplicated),
            ElapsedS = Math.Round(elapsed.TotalSeconds, 3),
            StreamElapsedS = Math.Round(streaming.TotalSeconds, 3),
            EventsPerS = Math.Round((ledgers.Sum(ledger => ledger.Acked) - before.Sum(ledger => ledger.Acked)) / Math.Max(streaming.TotalSeconds, 0.001), 1),
            P50Ms = latency.P50Ms,
            P99Ms = latency.P99Ms,
            PeakMemoryMib = Math.Round(Process.GetCurrentProcess().PeakWorkingSet64 / 1048576.0, 1),
            Streams = ledgers,
            Tables = [.. tables.Where(table => pipelines.Contains(table.Pipeline)).Select(table => new TableResult(table.Pipeline, table.Table, table.Version, table.Rows))],
            Loads = loads,
        };
    }

    private async Task<(IReadOnlyList<StreamLedger> Streams, DeliveredLatency Latency)> WaitForStreamsAsync(CancellationToken cancellationToken)
    {
        var lastProgress = time.GetTimestamp();
        long lastCount = -1;
        long? failing = null;
        var told = lastProgress;
        while (true)
        {
            var sources = await mesh.SourcesAsync(cancellationToken);
            var failed = sources.FirstOrDefault(source => source.Error is not null);
            failing = failed is null ? null : failing ?? time.GetTimestamp();
            if (failing is { } since && time.GetElapsedTime(since) > SourceErrorLimit)
                throw new RealTimeMeshException($"source '{failed!.Name}' of {failed.Pipeline}.{failed.Stream} failed at position {failed.Position}: {failed.Error}");
            var ledger = await mesh.LedgerAsync(cancellationToken);
            if (sources.All(source => source.Done) && ledger.Streams.All(stream => stream.Missing == 0))
                return ledger;
            if (progress is not null && time.GetElapsedTime(told) > ProgressInterval)
            {
                told = time.GetTimestamp();
                progress(Describe(sources));
            }

            var count = sources.Sum(source => source.Position) + ledger.Streams.Sum(stream => stream.Acked + stream.Applied + stream.Late + stream.Stored + stream.DeadLettered);
            if (count != lastCount)
            {
                lastCount = count;
                lastProgress = time.GetTimestamp();
            }
            else if (time.GetElapsedTime(lastProgress) > stallTimeout)
            {
                throw new RealTimeMeshException($"no progress for {stallTimeout.TotalSeconds:0} s. {Describe(sources, ledger.Streams)}");
            }

            await Task.Delay(Pause, time, cancellationToken);
        }
    }

    private static string Describe(IReadOnlyList<SourceState> sources) => string.Join("; ", sources.Select(source =>
        string.Create(CultureInfo.InvariantCulture, $"{source.Position:N0}{(source.Total is { } total ? $" of {total:N0}" : "")} rows read{(source.Error is { } error ? $", held up: {error}" : "")}")));

    private static string Describe(IReadOnlyList<SourceState> sources, IReadOnlyList<StreamLedger> streams)
    {
        var open = sources.Where(source => !source.Done).Select(source => $"source '{source.Name}' is at {source.Position}{(source.Total is { } total ? $" of {total}" : "")}");
        var unsettled = streams.Where(stream => stream.Missing > 0).Select(stream => $"{stream.Pipeline}.{stream.Stream}: acked {stream.Acked}, applied {stream.Applied}, late {stream.Late}, in bronze {stream.Stored}, dead-lettered {stream.DeadLettered}, quarantined {stream.Quarantined}");
        return string.Join("; ", open.Concat(unsettled));
    }
}
