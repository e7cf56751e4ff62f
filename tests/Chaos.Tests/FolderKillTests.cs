using System.Buffers;
using System.Globalization;
using System.IO.Compression;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Parquet;
using Parquet.Schema;
using RealTimeMesh.Contracts;
using RealTimeMesh.Contracts.Containers;
using RealTimeMesh.EndToEnd.Tests;
using RealTimeMesh.Testing;

namespace RealTimeMesh.Chaos.Tests;

/// <summary>A watched folder into which files of every format come while the whole mesh is killed again and again.</summary>
public sealed class FolderKillTests(ITestOutputHelper output)
{
    private const int Kills = 4;
    private const int FilesAtATime = 12;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory(Timeout = 600_000)]
    [InlineData(4711)]
    public async Task Files_that_come_while_the_mesh_is_killed_are_in_bronze_once_each_row(int seed)
    {
        output.WriteLine($"seed {seed}");
        var random = new Random(seed);
        var data = HostProcess.NewFolder("folder-kill");
        var root = Directory.CreateTempSubdirectory("folder-kill-").FullName;
        try
        {
            var pipelines = Pipelines(root);
            var incoming = Directory.CreateDirectory(Path.Combine(root, "incoming")).FullName;
            var contract = AvroContract.Parse(await File.ReadAllTextAsync(Path.Combine(pipelines, "visits", "contracts", "visit.avsc"), Cancel));
            var rows = 0;
            for (var i = 0; i < FilesAtATime; i++)
                rows += await DeliverAsync(incoming, contract, random, rows);
            for (var kill = 0; kill < Kills; kill++)
            {
                await using var killed = HostProcess.Start(data, ["--pipelines", pipelines, "--free-ports", "--no-console"]);
                killed.KeepData = true;
                await killed.ReadyAsync(Cancel);
                // Files come while others are read and while nothing runs.
                for (var i = 0; i < FilesAtATime / 2; i++)
                {
                    rows += await DeliverAsync(incoming, contract, random, rows);
                    await Task.Delay(TimeSpan.FromMilliseconds(random.Next(0, 150)), TimeProvider.System, Cancel);
                }

                await killed.KillAsync();
                output.WriteLine($"killed with {rows} rows delivered");
                rows += await DeliverAsync(incoming, contract, random, rows);
            }

            var summary = Path.Combine(data, "out.json");
            await using var host = HostProcess.Start(data, ["--pipelines", pipelines, "--free-ports", "--no-console", "--until-drained", "--summary", summary]);
            Assert.True(await host.ExitAsync(Cancel) == 0, host.Output);
            var result = JsonDocument.Parse(await File.ReadAllTextAsync(summary, Cancel)).RootElement;
            output.WriteLine(result.GetProperty("streams").ToString());
            long Count(string name) => result.GetProperty(name).GetInt64();
            Assert.Equal((rows, 0, 0, 0), (Count("acked"), Count("lost"), Count("duplicated"), Count("dead_lettered")));
            var numbers = LakeReader.Rows($"select number from {LakeReader.Scan(LakeReader.Table(data, "visits", "bronze", "visits"))} order by number").Select(number => int.Parse(number, CultureInfo.InvariantCulture));
            Assert.Equal(Enumerable.Range(0, rows), numbers.Order());
        }
        finally
        {
            Directory.Delete(root, recursive: true);
            if (Directory.Exists(data))
                Directory.Delete(data, recursive: true);
        }
    }

    private static string Pipelines(string root)
    {
        var folder = Path.Combine(root, "pipelines", "visits");
        Directory.CreateDirectory(Path.Combine(folder, "contracts"));
        File.WriteAllText(Path.Combine(folder, "contracts", "visit.avsc"), """{"type":"record","name":"Visit","fields":[{"name":"place","type":"string"},{"name":"number","type":"int"},{"name":"at","type":{"type":"long","logicalType":"timestamp-micros"}}]}""");
        File.WriteAllText(Path.Combine(folder, "pipeline.yaml"), """
            pipeline: visits
            streams:
              visits:
                contract: contracts/visit.avsc
                key: place
                time: { field: at, outOfOrder: 1h, idleAfter: 5s }
                sources:
                  - { folder: ../../incoming, recursive: true, settle: 0s, poll: 1s }
            tables:
              bronze.visits: { append: visits }
            """);
        return Path.Combine(root, "pipelines");
    }

    /// <summary>A file of some format under a name in no order; returns its rows.</summary>
    private static async Task<int> DeliverAsync(string folder, AvroContract contract, Random random, int from)
    {
        var numbers = Enumerable.Range(from, random.Next(1, 3_000)).ToArray();
        var (extension, bytes) = random.Next(5) switch
        {
            0 => (".csv", Encoding.UTF8.GetBytes(Csv(numbers))),
            1 => (".csv.gz", Gzip(Csv(numbers))),
            2 => (".ndjson", Encoding.UTF8.GetBytes(string.Concat(numbers.Select(i => $$"""{"place":"P{{i % 50}}","number":{{i}},"at":"{{At(i):O}}"}""" + "\n")))),
            3 => (".avro", Avro(contract, numbers)),
            _ => (".parquet", await ParquetAsync(numbers)),
        };
        var hidden = Path.Combine(folder, ".writing");
        await File.WriteAllBytesAsync(hidden, bytes, Cancel);
        var name = string.Create(CultureInfo.InvariantCulture, $"{random.Next(3)}/{random.Next(1_000_000):D6}{extension}");
        Directory.CreateDirectory(Path.Combine(folder, Path.GetDirectoryName(name)!));
        File.Move(hidden, Path.Combine(folder, name), overwrite: false);
        return numbers.Length;
    }

    private static string Csv(int[] numbers) => "place,number,at\n" + string.Concat(numbers.Select(i => string.Create(CultureInfo.InvariantCulture, $"P{i % 50},{i},{At(i):O}\n")));

    private static byte[] Gzip(string text)
    {
        var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.Fastest, leaveOpen: true))
            gzip.Write(Encoding.UTF8.GetBytes(text));
        return packed.ToArray();
    }

    private static byte[] Avro(AvroContract contract, int[] numbers)
    {
        var file = new MemoryStream();
        var writer = new AvroFileWriter(file, contract.Json, "snappy");
        var batch = new ColumnBatch(contract.Rows);
        var record = new ArrayBufferWriter<byte>();
        foreach (var i in numbers)
        {
            var row = new RowBuilder(contract.Rows, batch);
            Assert.True(row.TrySetString(0, $"P{i % 50}", out _) && row.TrySetInt64(1, i, out _) && row.TrySetDateTime(2, At(i), out _) && row.TryComplete(out _));
            record.ResetWrittenCount();
            contract.Encode(batch, 0, record);
            writer.Add(record.WrittenSpan);
            batch.Clear();
            if (i % 500 == 0)
                writer.EndBlock();
        }

        writer.EndBlock();
        return file.ToArray();
    }

    private static async Task<byte[]> ParquetAsync(int[] numbers)
    {
        var place = new DataField<string>("place");
        var number = new DataField<int>("number");
        var at = new DateTimeDataField("at", DateTimeFormat.DateAndTimeMicros);
        var file = new MemoryStream();
        await using (var writer = await ParquetWriter.CreateAsync(new ParquetSchema(place, number, at), file, cancellationToken: Cancel))
        {
            foreach (var rows in numbers.Chunk(700))
            {
                using var group = writer.CreateRowGroup();
                await group.WriteAsync(place, rows.Select(i => $"P{i % 50}").ToArray());
                await group.WriteAsync<int>(number, rows, cancellationToken: Cancel);
                await group.WriteAsync<DateTime>(at, rows.Select(At).ToArray(), cancellationToken: Cancel);
            }
        }

        return file.ToArray();
    }

    private static DateTime At(int i) => new DateTime(2026, 1, 1, 0, 0, 0, DateTimeKind.Utc).AddSeconds(i);
}
