using System.Globalization;
using System.IO.Compression;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;

namespace RealTimeMesh.EndToEnd.Tests;

/// <summary>The command <c>ingest</c> as a user gives it.</summary>
public sealed class IngestCommandTests : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("ingest-command-").FullName;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private string Data => Path.Combine(_root, "data");

    private string Pipelines => Path.Combine(_root, "pipelines");

    private string Summary => Path.Combine(_root, "out.json");

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [Fact(Timeout = 900_000)]
    public async Task A_folder_is_read_its_bad_rows_are_dead_letters_by_file_and_line_and_a_second_run_reads_what_is_new()
    {
        WritePipeline();
        var folder = Directory.CreateDirectory(Path.Combine(_root, "in", "2026")).Parent!.FullName;
        await File.WriteAllTextAsync(Path.Combine(folder, "a.csv"), Csv(0, 1000), Cancel);
        await File.WriteAllTextAsync(Path.Combine(folder, "2026", "b.csv"), $"{Csv(1000, 500)}P1,not a number,2026-01-01T00:00:00Z\n{Rows(1500, 100)}P1,2\n", Cancel);
        await using (var first = Ingest(folder, "--summary", Summary))
        {
            Assert.True(await first.ExitAsync(Cancel) == 0, first.Output);
            Assert.Contains($"{folder}: 1,600 events accepted into visits.visits, 2 rejected", first.Output, StringComparison.Ordinal);
            Assert.Contains("visits.visits.dlq", first.Output, StringComparison.Ordinal);
        }

        // What is a dead letter was acknowledged, too.
        var summary = JsonDocument.Parse(await File.ReadAllTextAsync(Summary, Cancel)).RootElement;
        Assert.Equal((true, 1602, 2, 0), (summary.GetProperty("succeeded").GetBoolean(), summary.GetProperty("acked").GetInt32(), summary.GetProperty("dead_lettered").GetInt32(), summary.GetProperty("lost").GetInt32()));
        var letters = LakeReader.Rows($"SELECT * FROM {LakeReader.Scan(LakeReader.Table(Data, "visits", "bronze", "dead_letters"))}");
        Assert.Equal(2, letters.Count);
        // The file, and the row within it.
        Assert.Contains(letters, letter => letter.Contains("/2026/b.csv#500", StringComparison.Ordinal) && letter.Contains("number", StringComparison.Ordinal));
        Assert.Contains(letters, letter => letter.Contains("/2026/b.csv#601", StringComparison.Ordinal));

        await File.WriteAllTextAsync(Path.Combine(folder, "c.csv"), Csv(1600, 10), Cancel);
        await using var second = Ingest(folder);
        Assert.True(await second.ExitAsync(Cancel) == 0, second.Output);
        Assert.Contains("1,610 events accepted into visits.visits, 2 rejected", second.Output, StringComparison.Ordinal);
        Assert.Equal(Enumerable.Range(0, 1610), Bronze());
    }

    [Fact(Timeout = 900_000)]
    public async Task What_cannot_be_asked_for_ends_with_2_and_what_cannot_be_read_with_1_and_its_reason()
    {
        WritePipeline();
        var packed = new MemoryStream();
        await using (var gzip = new GZipStream(packed, CompressionLevel.NoCompression, leaveOpen: true))
            await gzip.WriteAsync(Encoding.UTF8.GetBytes(Csv(0, 20_000)), Cancel);
        var cut = Path.Combine(_root, "cut.csv.gz");
        await File.WriteAllBytesAsync(cut, packed.ToArray()[..(int)(packed.Length / 2)], Cancel);
        await ExitsAsync(2, "found no such file or folder", Path.Combine(_root, "nosuch.csv"));
        await ExitsAsync(2, "found an extension that names no format", Path.Combine(Pipelines, "visits", "pipeline.yaml"));
        await using (var stream = HostProcess.StartCommand(Data, "ingest", cut, "--stream", "visits.visit", "--pipelines", Pipelines))
        {
            Assert.Equal(2, await stream.ExitAsync(Cancel));
            Assert.Contains("Did you mean 'visits.visits'?", stream.Output.ReplaceLineEndings(" "), StringComparison.Ordinal);
        }

        await ExitsAsync(1, "cut.csv.gz", cut);
        await using var skipped = Ingest(cut, "--skip-faults");
        Assert.True(await skipped.ExitAsync(Cancel) == 0, skipped.Output);
        Assert.Contains(LakeReader.Rows($"SELECT * FROM {LakeReader.Scan(LakeReader.Table(Data, "visits", "bronze", "dead_letters"))}"), letter => letter.Contains("cut.csv.gz", StringComparison.Ordinal));
        var read = Bronze();
        Assert.InRange(read.Count, 5_000, 15_000);
        Assert.Equal(Enumerable.Range(0, read.Count), read);
    }

    [Theory(Timeout = 900_000)]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_run_that_is_interrupted_or_killed_is_taken_up_by_the_next_each_row_once(bool interrupted)
    {
        const int rows = 400_000;
        WritePipeline();
        var file = Path.Combine(_root, "big.csv");
        await File.WriteAllTextAsync(file, Csv(0, rows), Cancel);
        await using (var first = Ingest(file))
        {
            await first.ReadyAsync(Cancel);
            await BegunAsync(first);
            if (interrupted)
            {
                first.Interrupt();
                // It may have been faster.
                if (await first.ExitAsync(Cancel) == 1)
                    Assert.Contains("stopped before the run was drained", first.Output, StringComparison.Ordinal);
            }
            else
            {
                await first.KillAsync();
            }
        }

        await using var second = Ingest(file);
        Assert.True(await second.ExitAsync(Cancel) == 0, second.Output);
        Assert.Contains($"{file}: 400,000 events accepted into visits.visits, 0 rejected", second.Output, StringComparison.Ordinal);
        Assert.Equal(Enumerable.Range(0, rows), Bronze());
    }

    private static async Task BegunAsync(HostProcess host)
    {
        using var http = new HttpClient();
        while ((await http.GetFromJsonAsync<JsonElement>(new Uri(host.AppUrl("ingestion"), "/v1/sources"), Cancel)).GetProperty("sources")[0].GetProperty("position").GetInt64() == 0)
            await Task.Delay(TimeSpan.FromMilliseconds(5), TimeProvider.System, Cancel);
    }

    private static string Csv(int from, int count) => "place,number,at\n" + Rows(from, count);

    private static string Rows(int from, int count) => string.Concat(Enumerable.Range(from, count).Select(i => string.Create(CultureInfo.InvariantCulture, $"P{i % 50},{i},{new DateTime(2026, 1, 1, 0, 0, 0, DateTimeKind.Utc).AddSeconds(i):O}\n")));

    private async Task ExitsAsync(int code, string expected, string path)
    {
        await using var host = Ingest(path);
        Assert.True(await host.ExitAsync(Cancel) == code, host.Output);
        Assert.Contains(expected, host.Output.ReplaceLineEndings(" "), StringComparison.Ordinal);
    }

    private HostProcess Ingest(string path, params string[] more)
    {
        var host = HostProcess.StartCommand(Data, ["ingest", path, "--stream", "visits.visits", "--pipelines", Pipelines, .. more]);
        host.KeepData = true;
        return host;
    }

    private List<int> Bronze() =>
        [.. LakeReader.Rows($"SELECT number FROM {LakeReader.Scan(LakeReader.Table(Data, "visits", "bronze", "visits"))}").Select(number => int.Parse(number, CultureInfo.InvariantCulture)).Order()];

    private void WritePipeline()
    {
        var folder = Directory.CreateDirectory(Path.Combine(Pipelines, "visits")).FullName;
        File.WriteAllText(Path.Combine(folder, "visit.avsc"), """{"type":"record","name":"Visit","fields":[{"name":"place","type":"string"},{"name":"number","type":"int"},{"name":"at","type":{"type":"long","logicalType":"timestamp-micros"}}]}""");
        File.WriteAllText(Path.Combine(folder, "pipeline.yaml"), """
            pipeline: visits
            streams:
              visits:
                contract: visit.avsc
                key: place
                time: { field: at, outOfOrder: 1h, idleAfter: 5s }
            tables:
              bronze.visits: { append: visits }
            """);
    }
}
