using System.Text;
using System.Text.Json;
using RealTimeMesh.Contracts.Containers;
using RealTimeMesh.Pipelines;

namespace RealTimeMesh.Ingestion.Tests.Files;

public sealed class FileFormatTests : FileTestBase
{
    private const int Rows = 1_000;

    public static TheoryData<string> Names => ["a.csv.gz", "a.csv.zst", "a.ndjson.gz", "a.ndjson.zst", "a.avro", "a.utf16.csv"];

    [Theory]
    [MemberData(nameof(Names))]
    public async Task Crash_resumes_within_packed_text_and_blocks(string name)
    {
        var source = File(name, Bytes(name, 0, Rows));
        var log = new MemoryLog();
        var records = new MemoryRecords();
        for (var crash = 0; crash < 3; crash++)
        {
            var left = 3;
            var killed = new TaskCompletionSource();
            records.OnWrite = key => !key.Contains("source", StringComparison.Ordinal) || Interlocked.Decrement(ref left) >= 0;
            log.OnPublish = async (_, _) =>
            {
                if (Volatile.Read(ref left) < 0)
                {
                    killed.TrySetResult();
                    await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System);
                }

                return [];
            };
            await using var app = await TestIngestion.StartAsync(Samples.Stream(source), log, records, ["--MESH_INGEST_BATCH_ROWS=33"]);
            await killed.Task.WaitAsync(TimeSpan.FromSeconds(60));
        }

        records.OnWrite = null;
        log.OnPublish = null;
        Assert.True((await RunAsync(source, log, records)).GetProperty("done").GetBoolean());
        Assert.Equal(Enumerable.Range(0, Rows), VisitFiles.Numbers(log.ReadOnce(Samples.Topic)));
        Assert.True(log.Read(Samples.Topic).Count > Rows);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public async Task File_cut_short_says_so_by_name_or_is_dead_lettered_from_there(string name)
    {
        var bytes = Bytes(name, 0, Rows);
        var cut = bytes[..(bytes.Length * 2 / 3)];
        var stopped = await RunAsync(File(name, cut), new MemoryLog());
        if (name.EndsWith("utf16.csv", StringComparison.Ordinal))
            return; // text that ends early is text
        Assert.Contains($"file '{At(name)}': ", stopped.GetProperty("error").GetString(), StringComparison.Ordinal);
        var log = new MemoryLog();
        var skipped = await RunAsync(File(name, cut, onError: FileFaultPolicy.Skip), log);
        Assert.True(skipped.GetProperty("done").GetBoolean(), skipped.ToString());
        // The last line may be half a line.
        var dead = log.Read(DeadLetters);
        Assert.Equal("file", dead[^1].Rule);
        Assert.InRange(dead.Count, 1, 2);
        var read = VisitFiles.Numbers(log.Read(Samples.Topic));
        Assert.Equal(Enumerable.Range(0, read.Count), read);
        // A frame of zstd of this size is one block.
        Assert.InRange(read.Count, name.EndsWith(".zst", StringComparison.Ordinal) ? 0 : 100, Rows - 1);
    }

    [Fact]
    public async Task Broken_block_of_an_avro_file_is_named_with_its_offset_and_skipped_where_declared()
    {
        var bytes = VisitFiles.Avro(0, 500, "null");
        await using var sound = await AvroFileReader.OpenAsync(new MemoryStream(bytes), cancellationToken: TestContext.Current.CancellationToken);
        for (var i = 0; i < 3; i++)
            await sound.ReadBlockAsync(TestContext.Current.CancellationToken);
        var offset = sound.BlockOffset;
        // A string's length: its record is broken, and so is the rest of the block.
        bytes[offset + 3 + (sound.Block.Length / 2)] = 0xFF;
        bytes[(int)sound.NextOffset - 1] ^= 1;
        var stopped = (await RunAsync(File("a.avro", bytes), new MemoryLog())).GetProperty("error").GetString();
        Assert.Contains($"block 2 at offset {offset}", stopped, StringComparison.Ordinal);
        Assert.Contains("onError: skip", stopped, StringComparison.Ordinal);
        var log = new MemoryLog();
        Assert.True((await RunAsync(File("a.avro", bytes, onError: FileFaultPolicy.Skip), log)).GetProperty("done").GetBoolean());
        Assert.Contains($"block 2 at offset {offset}", Assert.Single(log.Read(DeadLetters)).Json.GetProperty("reason").GetProperty("message").GetString(), StringComparison.Ordinal);
        Assert.Equal(400, VisitFiles.Numbers(log.Read(Samples.Topic)).Count);
    }

    [Fact]
    public async Task Parquet_with_broken_pages_is_named_with_row_group_and_given_up_where_declared()
    {
        var bytes = await VisitFiles.ParquetAsync(0, 1_000);
        // Within the pages of a row group in the middle.
        for (var i = bytes.Length / 2; i < (bytes.Length / 2) + 400; i++)
            bytes[i] = 0xFF;
        var stopped = (await RunAsync(File("a.parquet", bytes), new MemoryLog())).GetProperty("error").GetString();
        Assert.Matches("file '.*a.parquet': row group [0-9], column '[a-z]+': found bytes that cannot be read", stopped);
        var log = new MemoryLog();
        Assert.True((await RunAsync(File("a.parquet", bytes, onError: FileFaultPolicy.Skip), log)).GetProperty("done").GetBoolean());
        Assert.Equal("file", Assert.Single(log.Read(DeadLetters)).Rule);
        Assert.InRange(log.Read(Samples.Topic).Count, 100, 900);
    }

    [Theory]
    [InlineData("folder.csv", "found a folder; expected a file")]
    [InlineData("missing.csv", "missing.csv")]
    public async Task What_is_no_file_is_said(string name, string expected)
    {
        Directory.CreateDirectory(At("folder.csv"));
        var shown = await RunAsync(new SourceDefinition { Name = "in", File = At(name), Format = "csv" }, new MemoryLog());
        Assert.Contains(expected, shown.GetProperty("error").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Refused_record_of_an_avro_file_is_dead_lettered_as_json()
    {
        var schema = Samples.Contract.Json.Replace("\"int\"", "\"long\"", StringComparison.Ordinal);
        var stream = new MemoryStream();
        var writer = new AvroFileWriter(stream, Samples.Contract.Json);
        // place "A", seconds 1, score null, at year 300000.
        writer.Add([2, (byte)'A', 2, 0, 0xFE, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 1]);
        writer.EndBlock();
        var log = new MemoryLog();
        await RunAsync(File("a.avro", stream.ToArray()), log);
        var dead = Assert.Single(log.Read(DeadLetters));
        Assert.Equal("A", JsonDocument.Parse(dead.Original).RootElement.GetProperty("place").GetString());
        Assert.Equal("avro", dead.Rule);
        Assert.NotEqual(schema, Samples.Contract.Json);
    }

    private static byte[] Bytes(string name, int from, int count) => name switch
    {
        "a.csv.gz" => VisitFiles.Gzip(VisitFiles.Csv(from, count)),
        "a.csv.zst" => VisitFiles.Zstd(VisitFiles.Csv(from, count)),
        "a.ndjson.gz" => VisitFiles.Gzip(VisitFiles.Ndjson(from, count)),
        "a.ndjson.zst" => VisitFiles.Zstd(VisitFiles.Ndjson(from, count)),
        "a.avro" => VisitFiles.Avro(from, count),
        _ => [.. Encoding.Unicode.GetPreamble(), .. Encoding.Unicode.GetBytes(VisitFiles.Csv(from, count))],
    };
}
