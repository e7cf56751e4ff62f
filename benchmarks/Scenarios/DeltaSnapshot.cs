using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.Json;
using RealTimeMesh.DeltaLake;

namespace RealTimeMesh.Benchmarks.Scenarios;

/// <summary>
/// How long a process that has done nothing else needs for the first snapshot of a Delta table of 100,000 files and 1,000 commits: from a
/// checkpoint ten commits back, and from the commits alone. Each open is a process of its own, so nothing is compiled or cached before.
/// </summary>
internal sealed class DeltaSnapshot : IScenario
{
    private const int Commits = 1000;
    private const int FilesPerCommit = 100;
    private const int CommitsAfterCheckpoint = 10;
    private const int Opens = 5;
    private const string TableVariable = "BENCHMARK_DELTA_TABLE";

    public string Name => "delta-snapshot";

    public string Description => "milliseconds to the first snapshot of a Delta table of 100,000 files and 1,000 commits, in a new process";

    public async Task<BenchmarkReport> RunAsync(CancellationToken cancellationToken)
    {
        if (Environment.GetEnvironmentVariable(TableVariable) is { Length: > 0 } opened)
            return await OpenAsync(opened, cancellationToken);
        var folder = Directory.CreateTempSubdirectory("delta-snapshot-").FullName;
        try
        {
            var log = Directory.CreateDirectory(Path.Combine(folder, "_delta_log")).FullName;
            await WriteCommitsAsync(log, 0, Commits - CommitsAfterCheckpoint, cancellationToken);
            var commitsOnly = await OpenInProcessesAsync(folder, cancellationToken);
            await DeltaTable.At(folder, new DeltaTableOptions(), TimeProvider.System).WriteCheckpointAsync(cancellationToken);
            await WriteCommitsAsync(log, Commits - CommitsAfterCheckpoint, Commits, cancellationToken);
            var checkpoint = await OpenInProcessesAsync(folder, cancellationToken);
            return new BenchmarkReport(
                Name,
                new Dictionary<string, double>
                {
                    ["cold_open_ms"] = Median(checkpoint, "cold_open_ms"),
                    ["cold_open_cpu_ms"] = Median(checkpoint, "cold_open_cpu_ms"),
                    ["warm_open_ms"] = Median(checkpoint, "warm_open_ms"),
                    ["peak_memory_mb"] = checkpoint.Max(item => item["peak_memory_mb"]),
                    ["cold_open_without_checkpoint_ms"] = Median(commitsOnly, "cold_open_ms"),
                    ["cold_open_without_checkpoint_cpu_ms"] = Median(commitsOnly, "cold_open_cpu_ms"),
                    ["files"] = checkpoint[0]["files"],
                    ["checkpoint_mb"] = new DirectoryInfo(log).GetFiles("*.checkpoint.parquet").Sum(file => file.Length) / 1e6,
                },
                $"median of {Opens} processes; statistics of 8 columns for each file; warm is the second open in the same process with a new table; without checkpoint are the first {Commits - CommitsAfterCheckpoint} commits. The files' pages are in the system's cache.");
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static double Median(List<Dictionary<string, double>> runs, string metric) => runs.Select(run => run[metric]).Order().ElementAt(runs.Count / 2);

    private async Task<BenchmarkReport> OpenAsync(string folder, CancellationToken cancellationToken)
    {
        using var process = Process.GetCurrentProcess();
        var idle = process.TotalProcessorTime;
        var clock = Stopwatch.StartNew();
        var snapshot = await DeltaTable.At(folder, new DeltaTableOptions(), TimeProvider.System).GetSnapshotAsync(null, cancellationToken);
        var cold = clock.Elapsed;
        process.Refresh();
        var processor = process.TotalProcessorTime - idle;
        var peak = process.PeakWorkingSet64;
        clock.Restart();
        await DeltaTable.At(folder, new DeltaTableOptions(), TimeProvider.System).GetSnapshotAsync(null, cancellationToken);
        return new BenchmarkReport(
            Name,
            new Dictionary<string, double>
            {
                ["cold_open_ms"] = cold.TotalMilliseconds,
                ["cold_open_cpu_ms"] = processor.TotalMilliseconds,
                ["warm_open_ms"] = clock.Elapsed.TotalMilliseconds,
                ["peak_memory_mb"] = peak / 1e6,
                ["files"] = snapshot!.Files.Count,
            },
            $"one open of {folder}");
    }

    private async Task<List<Dictionary<string, double>>> OpenInProcessesAsync(string folder, CancellationToken cancellationToken)
    {
        List<Dictionary<string, double>> runs = [];
        var result = Path.Combine(folder, "result.json");
        for (var i = 0; i < Opens; i++)
        {
            var start = new ProcessStartInfo(Environment.ProcessPath!, [Name, "--json", result]) { RedirectStandardOutput = true };
            start.Environment[TableVariable] = folder;
            using var process = Process.Start(start)!;
            await process.StandardOutput.ReadToEndAsync(cancellationToken);
            await process.WaitForExitAsync(cancellationToken);
            using var report = JsonDocument.Parse(await File.ReadAllTextAsync(result, cancellationToken));
            runs.Add(report.RootElement.GetProperty("metrics").EnumerateObject().ToDictionary(item => item.Name, item => item.Value.GetDouble()));
        }

        return runs;
    }

    /// <summary>The lines Spark writes, without the data files they name: opening a table does not look at those.</summary>
    private static async Task WriteCommitsAsync(string log, int first, int end, CancellationToken cancellationToken)
    {
        var output = new StringBuilder();
        for (var version = first; version < end; version++)
        {
            output.Clear();
            output.Append(CultureInfo.InvariantCulture, $"{{\"commitInfo\":{{\"timestamp\":{1_700_000_000_000 + version},\"operation\":\"WRITE\",\"operationParameters\":{{\"mode\":\"Append\"}},\"isBlindAppend\":true}}}}\n");
            if (version == 0)
            {
                output.Append("{\"protocol\":{\"minReaderVersion\":1,\"minWriterVersion\":2}}\n");
                var columns = string.Join(',', Enumerable.Range(0, 8).Select(i => $"{{\\\"name\\\":\\\"column_{i}\\\",\\\"type\\\":\\\"{(i % 2 == 0 ? "long" : "string")}\\\",\\\"nullable\\\":true,\\\"metadata\\\":{{}}}}"));
                output.Append($"{{\"metaData\":{{\"id\":\"5fba94ed-9794-4965-ba6e-6ee3c0d22af9\",\"format\":{{\"provider\":\"parquet\",\"options\":{{}}}},\"schemaString\":\"{{\\\"type\\\":\\\"struct\\\",\\\"fields\\\":[{{\\\"name\\\":\\\"day\\\",\\\"type\\\":\\\"date\\\",\\\"nullable\\\":true,\\\"metadata\\\":{{}}}},{columns}]}}\",\"partitionColumns\":[\"day\"],\"configuration\":{{}},\"createdTime\":1700000000000}}}}\n");
            }

            for (var file = 0; file < FilesPerCommit; file++)
            {
                var id = (version * FilesPerCommit) + file;
                var day = $"2024-01-{1 + (id % 28):D2}";
                string Bounds(int add) => string.Join(',', Enumerable.Range(0, 8).Select(i => i % 2 == 0 ? $"\\\"column_{i}\\\":{(id * 1000L) + add}" : $"\\\"column_{i}\\\":\\\"value-{id + add:D12}\\\""));
                var nulls = string.Join(',', Enumerable.Range(0, 8).Select(i => $"\\\"column_{i}\\\":0"));
                output.Append(CultureInfo.InvariantCulture, $"{{\"add\":{{\"path\":\"day={day}/part-{file:D5}-{id:x8}-1c1d-4e2a-9d3b-{id:x12}.c000.snappy.parquet\",\"partitionValues\":{{\"day\":\"{day}\"}},\"size\":{1_000_000 + id},\"modificationTime\":{1_700_000_000_000 + id},\"dataChange\":true,\"stats\":\"{{\\\"numRecords\\\":1000,\\\"minValues\\\":{{{Bounds(0)}}},\\\"maxValues\\\":{{{Bounds(999)}}},\\\"nullCount\\\":{{{nulls}}}}}\"}}}}\n");
            }

            await File.WriteAllTextAsync(Path.Combine(log, $"{version:D20}.json"), output.ToString(), cancellationToken);
        }
    }
}
