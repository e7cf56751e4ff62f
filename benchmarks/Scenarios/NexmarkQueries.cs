using System.Globalization;
using RealTimeMesh.Benchmarks.Nexmark;
using RealTimeMesh.Contracts;
using RealTimeMesh.DuckDb;

namespace RealTimeMesh.Benchmarks.Scenarios;

/// <summary>Queries of the Nexmark suite on the streaming engine: first compared with DuckDB's answers over the same events, then measured.</summary>
internal sealed class NexmarkQueries(double millions, string? only) : IScenario
{
    private const long Checked = 300_000;

    public string Name => "nexmark";

    public string Description => "Nexmark q0-q2, q5, q7, q8, q11 on the streaming engine with a commit every 5,000 events: events/s of one core, results compared with DuckDB's";

    public async Task<BenchmarkReport> RunAsync(CancellationToken cancellationToken)
    {
        var metrics = new Dictionary<string, double>();
        var folder = Directory.CreateTempSubdirectory("nexmark-").FullName;
        try
        {
            using var session = DuckDbSession.Open(new DuckDbOptions());
            var file = Path.Combine(folder, "events.csv");
            await WriteAsync(file, cancellationToken);
            await session.ExecuteAsync($"CREATE TABLE events AS SELECT * FROM read_csv({SqlText.Literal(file)}, header = true, nullstr = 'null', columns = {{'event_type': 'INT', 'date_time': 'BIGINT', 'id': 'BIGINT', 'name': 'VARCHAR', 'state': 'VARCHAR', 'seller': 'BIGINT', 'category': 'BIGINT', 'expires': 'BIGINT', 'auction': 'BIGINT', 'bidder': 'BIGINT', 'price': 'BIGINT', 'channel': 'VARCHAR'}})", cancellationToken);
            foreach (var query in NexmarkQuery.All.Where(query => only is null || query.Name == only))
            {
                metrics[$"{query.Name}.results_checked"] = await CheckAsync(query, session, cancellationToken);
                await MeasureAsync(query, metrics, cancellationToken);
            }
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }

        return new BenchmarkReport(Name, metrics, $"{millions} M events of each query, made in the measured loop; one partition on one thread, state committed with each batch to a store in memory; compared with DuckDB over {Checked} events");
    }

    private static async Task<double> CheckAsync(NexmarkQuery query, DuckDbSession session, CancellationToken cancellationToken)
    {
        using var run = new NexmarkRun(query, Checked, keepsResults: true);
        await run.RunAsync(cancellationToken);
        var found = run.Results.Order(StringComparer.Ordinal).ToList();
        var expected = (await session.RowsAsync(query.Sql, cancellationToken)).Select(row => string.Join('|', row.Select(ResultSink.TextOf))).Order(StringComparer.Ordinal).ToList();
        if (expected.SequenceEqual(found))
            return found.Count;
        var missing = expected.Except(found).FirstOrDefault();
        var tooMany = found.Except(expected).FirstOrDefault();
        throw new InvalidOperationException($"{query.Name}: {found.Count} results; DuckDB has {expected.Count}; missing {missing ?? "none"}, too many {tooMany ?? "none"}");
    }

    private async Task MeasureAsync(NexmarkQuery query, Dictionary<string, double> metrics, CancellationToken cancellationToken)
    {
        var events = (long)(millions * 1_000_000);
        using (var warm = new NexmarkRun(query, Math.Min(events, 500_000), keepsResults: false))
            await warm.RunAsync(cancellationToken);
        using var run = new NexmarkRun(query, events, keepsResults: false);
        var (cpu, wall) = await run.RunAsync(cancellationToken);
        metrics[$"{query.Name}.events_per_s_per_core"] = events / cpu;
        metrics[$"{query.Name}.cpu_s_per_million_events"] = cpu / millions;
        metrics[$"{query.Name}.events_per_s"] = events / wall;
    }

    private static async Task WriteAsync(string file, CancellationToken cancellationToken)
    {
        await using var writer = new StreamWriter(file);
        await writer.WriteLineAsync(string.Join(',', NexmarkGenerator.Schema.Fields.Select(field => field.Name)));
        var generator = new NexmarkGenerator();
        var batch = new ColumnBatch(NexmarkGenerator.Schema);
        for (long n = 0; n < Checked; n++)
        {
            batch.Clear();
            generator.Append(batch, n);
            await writer.WriteLineAsync(string.Join(',', batch.Columns.Select(column => ResultSink.TextOf(column.GetValue(0)))).AsMemory(), cancellationToken);
        }
    }
}
