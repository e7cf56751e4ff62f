using System.Globalization;
using RealTimeMesh.AppHost.Running;
using RealTimeMesh.Pipelines;

namespace RealTimeMesh.AppHost.Draining;

/// <summary>Prints the ledger and the table of results.</summary>
internal static class SummaryPrinter
{
    public static void Print(RunSummary summary, HostReporter reporter)
    {
        reporter.Table(
            "ledger",
            ["stream", "acked", "redriven", "applied", "dead-lettered", "late", "quarantined", "lost", "duplicated", ""],
            summary.Streams.Select(stream => (IReadOnlyList<string>)[$"{stream.Pipeline}.{stream.Stream}", N(stream.Acked), N(stream.Redriven), N(stream.Applied), N(stream.DeadLettered), N(stream.Late), N(stream.Quarantined), N(stream.Lost), N(stream.Duplicated), stream.Balanced ? "balanced" : "NOT BALANCED"]));
        reporter.Table(
            "tables",
            ["table", "version", "rows"],
            summary.Tables.Select(table => (IReadOnlyList<string>)[$"{table.Pipeline}.{table.Table}", N(table.Version), N(table.Rows)]));
        reporter.Table(
            "warehouse loads of this run",
            ["table", "to", "version", "rows"],
            summary.Loads.Select(load => (IReadOnlyList<string>)[$"{load.Pipeline}.{load.Table}", load.To, N(load.Version), N(load.Rows)]));
        reporter.Line(string.Create(
            CultureInfo.InvariantCulture,
            $"{summary.EventsPerS:N0} events/s through windows and bronze in {summary.StreamElapsedS:0.0} s; gold after {summary.ElapsedS:0.0} s; latency p50 {summary.P50Ms:0.#} ms, p99 {summary.P99Ms:0.#} ms; peak memory {summary.PeakMemoryMib:0} MiB"));
        if (summary.Reason is { } reason)
            reporter.Error(reason);
    }

    /// <summary>What became of one file or folder, all runs together.</summary>
    public static void Print(AdHocSource ingest, IReadOnlyList<SourceState> sources, HostReporter reporter)
    {
        foreach (var source in sources)
        {
            reporter.Line(string.Create(CultureInfo.InvariantCulture, $"{ingest.Path}: {source.Accepted:N0} events accepted into {ingest.Topic}, {source.Rejected:N0} rejected"));
            if (source.Rejected > 0)
                reporter.Line($"rejected events, each with its reason, are on topic {ingest.Topic}.dlq and in the table {source.Pipeline}/bronze/dead_letters of the lake");
        }
    }

    private static string N(long value) => value.ToString("N0", CultureInfo.InvariantCulture);
}
