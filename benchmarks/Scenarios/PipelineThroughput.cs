using System.Diagnostics;
using System.Text.Json;
using RealTimeMesh.Components;
using RealTimeMesh.RocksDb;
using RealTimeMesh.Testing;

namespace RealTimeMesh.Benchmarks.Scenarios;

/// <summary>
/// The flights pipeline from the file source through contract, expectations, synced log, windows and bronze to gold, in a
/// host of its own; beside it, in the same run, the bare log with messages of the same size. Takes the full three
/// million rows where <c>scripts/fetch-flights.sh</c> has fetched them.
/// </summary>
internal sealed class PipelineThroughput : IScenario
{
    private const int BareMessages = 500_000;
    private const int BareBatch = 2_000;
    private const int BareBytes = 250;

    public string Name => "pipeline-throughput";

    public string Description => "events/s from the front door to windows and bronze, the whole mesh on this machine";

    public async Task<BenchmarkReport> RunAsync(CancellationToken cancellationToken)
    {
        var root = Repository.Root;
        var work = Directory.CreateTempSubdirectory("mesh-benchmark-").FullName;
        try
        {
            var full = Path.Combine(root, "artifacts", "flights", "flights-3m.parquet");
            var pipelines = File.Exists(full) ? WithFullFile(root, work, full) : Path.Combine(root, "pipelines");
            var summary = await RunHostAsync(root, pipelines, Path.Combine(work, "data"), cancellationToken);
            var bare = await BareLogAsync(Path.Combine(work, "bare"), cancellationToken);
            var events = summary.GetProperty("acked").GetDouble();
            var rate = summary.GetProperty("events_per_s").GetDouble();
            return new BenchmarkReport(
                Name,
                new Dictionary<string, double>
                {
                    ["events"] = events,
                    ["events_per_s"] = rate,
                    ["stream_elapsed_s"] = summary.GetProperty("stream_elapsed_s").GetDouble(),
                    ["elapsed_with_gold_s"] = summary.GetProperty("elapsed_s").GetDouble(),
                    ["p50_ms"] = summary.GetProperty("p50_ms").GetDouble(),
                    ["p99_ms"] = summary.GetProperty("p99_ms").GetDouble(),
                    ["peak_memory_mib"] = summary.GetProperty("peak_memory_mib").GetDouble(),
                    ["bare_log.events_per_s"] = bare,
                    ["bare_log.ratio"] = bare / rate,
                },
                $"{Path.GetFileName(File.Exists(full) ? full : "departures-2001-01.parquet")}; --replay max; log synced before the acknowledgement; bare log: {BareMessages:N0} messages of {BareBytes} bytes in synced batches of {BareBatch:N0}.");
        }
        finally
        {
            Directory.Delete(work, recursive: true);
        }
    }

    private static async Task<JsonElement> RunHostAsync(string root, string pipelines, string data, CancellationToken cancellationToken)
    {
        var summary = Path.Combine(Path.GetDirectoryName(data)!, "summary.json");
        var start = new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "RealTimeMesh.AppHost.dll"), "--pipeline", "flights", "--pipelines", pipelines, "--data", data, "--replay", "max", "--until-drained", "--free-ports", "--no-console", "--summary", summary]) { WorkingDirectory = root };
        using var host = Process.Start(start)!;
        await host.WaitForExitAsync(cancellationToken);
        if (host.ExitCode != 0)
            throw new InvalidOperationException($"the host ended with {host.ExitCode}; see its output above");
        return JsonDocument.Parse(await File.ReadAllTextAsync(summary, cancellationToken)).RootElement;
    }

    private static string WithFullFile(string root, string work, string full)
    {
        var source = Path.Combine(root, "pipelines", "flights");
        var target = Path.Combine(work, "pipelines", "flights");
        foreach (var file in Directory.GetFiles(source, "*", SearchOption.AllDirectories))
        {
            var copy = Path.Combine(target, Path.GetRelativePath(source, file));
            Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
            File.Copy(file, copy);
        }

        File.Copy(full, Path.Combine(target, "data", "departures-2001-01.parquet"), overwrite: true);
        return Path.Combine(work, "pipelines");
    }

    private static async Task<double> BareLogAsync(string path, CancellationToken cancellationToken)
    {
        var spec = new ComponentSpec { Name = "bare", Type = "pubsub.rocksdb", Metadata = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase) { ["path"] = path } };
        await using var component = await new RocksDbPubSubType().StartAsync(spec, new ComponentContext("benchmark", path, TimeProvider.System), cancellationToken);
        var broker = (IPubSubBroker)component;
        var value = new byte[BareBytes];
        new Random(1).NextBytes(value);
        var batch = Enumerable.Range(0, BareBatch).Select(i => new OutgoingMessage($"key{i % 200}", value, MessageHeaders.Empty)).ToList();
        var start = Stopwatch.GetTimestamp();
        for (var sent = 0; sent < BareMessages; sent += BareBatch)
            await broker.PublishAsync("bare", batch, cancellationToken);
        return BareMessages / Stopwatch.GetElapsedTime(start).TotalSeconds;
    }
}
