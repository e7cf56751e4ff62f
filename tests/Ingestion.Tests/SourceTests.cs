using System.Globalization;
using System.Text;
using System.Text.Json;
using Grpc.Core;
using Parquet;
using Parquet.Schema;
using RealTimeMesh.Ingestion.Sources.Files;
using RealTimeMesh.Ingestion.Streams;
using RealTimeMesh.Pipelines;
using RealTimeMesh.ServiceDefaults;

namespace RealTimeMesh.Ingestion.Tests;

public sealed class SourceTests : IDisposable
{
    private const int Rows = 1_000;

    private readonly string _folder = Directory.CreateTempSubdirectory("ingestion-tests-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task Csv_ndjson_and_parquet_of_the_same_rows_give_the_same_events()
    {
        var sources = new[] { Csv(), Ndjson(), await ParquetAsync() };
        List<string[]> results = [];
        foreach (var source in sources)
        {
            await using var app = await TestIngestion.StartAsync(Samples.Stream(source));
            var done = await app.SettledSourceAsync();
            Assert.True(done.GetProperty("done").GetBoolean(), done.ToString());
            Assert.Equal(Rows, done.GetProperty("position").GetInt64());
            Assert.Equal((source.Format, source.Format == "parquet" ? Rows : (int?)null), (done.GetProperty("kind").GetString(), done.GetProperty("total").ValueKind == JsonValueKind.Null ? null : done.GetProperty("total").GetInt32()));
            // One row in 100 lacks its place, which the contract requires.
            var dead = app.Log.Read("test.visits.dlq");
            Assert.Equal(Enumerable.Range(0, 10).Select(i => i * 100L + 50), dead.Select(item => item.Sequence));
            Assert.All(dead, item => Assert.Equal(("missing", "place", source.Name), (item.Rule, item.Headers["reason_field"], item.Key)));
            var stored = app.Log.Read(Samples.Topic);
            Assert.All(stored, item => Assert.Equal($"test.{source.Name}#{item.Sequence}", item.Id));
            Assert.All(stored, item => Assert.Equal($"/test/{source.Name}", item.Source));
            results.Add([.. MemoryLog.Rows(stored, Samples.Contract).Zip(stored, (row, item) => $"{item.Sequence}:{item.Key}:{row}")]);
            var ledger = await app.LedgerAsync();
            Assert.Equal((Rows, 990, 10), (ledger.GetProperty("acked").GetInt32(), ledger.GetProperty("accepted").GetInt32(), ledger.GetProperty("rejected").GetInt32()));
        }

        Assert.Equal(990, results[0].Length);
        Assert.Equal(results[0], results[1]);
        Assert.Equal(results[0], results[2]);
    }

    [Theory]
    [InlineData("csv")]
    [InlineData("ndjson")]
    [InlineData("parquet")]
    [InlineData("generator")]
    public async Task A_crash_before_the_position_is_stored_repeats_events_under_the_same_sequence_and_loses_none(string kind)
    {
        var source = kind switch { "csv" => Csv(), "ndjson" => Ndjson(), "parquet" => await ParquetAsync(), _ => new SourceDefinition { Name = "trades", Generator = "trades", Seed = 3, Events = Rows } };
        var stream = kind == "generator" ? Trades(source) : Samples.Stream(source);
        var log = new MemoryLog();
        var records = new MemoryRecords();
        string[] args = ["--MESH_INGEST_BATCH_ROWS=64"];
        var random = new Random(5);
        for (var crash = 0; crash < 4; crash++)
        {
            // Each run loses the last position writes of its life, as a process killed at that moment does.
            var writes = random.Next(2, 5);
            var left = writes;
            var killed = new TaskCompletionSource();
            records.OnWrite = key => !key.Contains("source", StringComparison.Ordinal) || Interlocked.Decrement(ref left) >= 0;
            var publishes = 0;
            log.OnPublish = async (_, _) =>
            {
                if (Interlocked.Increment(ref publishes) > writes + 1)
                {
                    killed.TrySetResult();
                    await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System);
                }

                return [];
            };
            await using var app = await TestIngestion.StartAsync(stream, log, records, args);
            await killed.Task.WaitAsync(TimeSpan.FromSeconds(60));
        }

        records.OnWrite = null;
        log.OnPublish = null;
        await using var last = await TestIngestion.StartAsync(stream, log, records, args);
        Assert.True((await last.SettledSourceAsync()).GetProperty("done").GetBoolean());
        var once = log.ReadOnce(stream.Topic);
        var deadOnce = log.ReadOnce(stream.DeadLetterTopic);
        Assert.True(log.Read(stream.Topic).Count > once.Count, "the crashes repeated nothing: the test proves nothing");
        Assert.Equal(Enumerable.Range(0, Rows).Select(i => (long)i), once.Concat(deadOnce).Select(item => item.Sequence).Order());
        // A repeated event is the same event.
        Assert.All(log.Read(stream.Topic).GroupBy(item => item.Sequence), group => Assert.Single(group.Select(item => item.Id + Convert.ToHexString(item.Payload)).Distinct()));
        var ledger = await last.LedgerAsync();
        Assert.Equal((Rows, once.Count, deadOnce.Count), (ledger.GetProperty("acked").GetInt32(), ledger.GetProperty("accepted").GetInt32(), ledger.GetProperty("rejected").GetInt32()));
    }

    [Fact]
    public async Task A_publish_that_fails_is_repeated_whole_in_order_and_consumers_see_each_event_once()
    {
        var calls = 0;
        var log = new MemoryLog
        {
            OnPublish = (topic, events) => (topic == Samples.Topic ? ++calls : 0) switch
            {
                1 => throw new RpcException(new Status(StatusCode.Unavailable, "sidecar restarts")),
                // The tail of the call fails, as when a broker closes a partition.
                2 => Task.FromResult<IReadOnlyList<int>>([.. Enumerable.Range(40, events.Count - 40)]),
                _ => Task.FromResult<IReadOnlyList<int>>([]),
            },
        };
        await using var app = await TestIngestion.StartAsync(Samples.Stream(Ndjson()), log, args: ["--MESH_INGEST_BATCH_ROWS=100"]);
        while (!(await app.SettledSourceAsync()).GetProperty("done").GetBoolean())
            await Task.Yield();
        var expected = Enumerable.Range(0, Rows).Where(i => i % 100 != 50).Select(i => (long)i).ToList();
        Assert.Equal(expected, log.ReadOnce(Samples.Topic).Select(item => item.Sequence));
        // What the second call stored comes again at the head of the third.
        Assert.Equal([.. expected.Take(40), .. expected], log.Read(Samples.Topic).Select(item => item.Sequence));
    }

    [Fact]
    public async Task A_file_that_was_replaced_is_shown_and_not_read()
    {
        var source = Ndjson();
        var records = new MemoryRecords();
        await using (var app = await TestIngestion.StartAsync(Samples.Stream(source), records: records))
            await app.SettledSourceAsync();
        await File.AppendAllTextAsync(source.File!, Samples.Good(1) + "\n");
        await using var again = await TestIngestion.StartAsync(Samples.Stream(source), records: records);
        var shown = await again.SettledSourceAsync();
        while (shown.GetProperty("error").ValueKind != JsonValueKind.String)
            shown = await again.SourceAsync();
        Assert.Contains("the file that was begun", shown.GetProperty("error").GetString());
        Assert.Empty(again.Log.Read(Samples.Topic));
    }

    [Fact]
    public async Task A_source_that_is_done_is_not_read_again()
    {
        var records = new MemoryRecords();
        var stream = Samples.Stream(Csv());
        await using (var app = await TestIngestion.StartAsync(stream, records: records))
            await app.SettledSourceAsync();
        await using var again = await TestIngestion.StartAsync(stream, records: records);
        Assert.True((await again.SettledSourceAsync()).GetProperty("done").GetBoolean());
        Assert.Empty(again.Log.Read(Samples.Topic));
        Assert.Equal(Rows, (await again.LedgerAsync()).GetProperty("acked").GetInt32());
    }

    [Fact]
    public async Task Bad_lines_of_every_kind_are_dead_lettered_with_their_bytes()
    {
        var path = Path.Combine(_folder, "bad.ndjson");
        byte[][] lines =
        [
            Encoding.UTF8.GetBytes(Samples.Good(0)),
            [.. "{\"place\":\""u8, 0xFF, 0xFE, .. "\"}"u8],
            [.. "{\"place\":"u8],
            [.. "{\"place\":\""u8, .. Enumerable.Repeat((byte)'y', 2_000_000), .. "\"}"u8],
            [.. "[]"u8],
            Encoding.UTF8.GetBytes("""{"place":"A","seconds":99999999999,"at":0}"""),
            Encoding.UTF8.GetBytes(Samples.Good(1)),
        ];
        await File.WriteAllBytesAsync(path, [.. lines.SelectMany(line => line.Append((byte)'\r').Append((byte)'\n'))]);
        await using var app = await TestIngestion.StartAsync(Samples.Stream(new SourceDefinition { Name = "bad", File = path, Format = "ndjson" }));
        Assert.Equal(7, (await app.SettledSourceAsync()).GetProperty("position").GetInt32());
        var dead = app.Log.Read("test.visits.dlq");
        Assert.Equal(["encoding", "json", "size", "json", "type"], dead.Select(item => item.Rule));
        Assert.Equal(lines[1..6], dead.Select(item => item.Original));
        Assert.Equal([1, 2, 3, 4, 5], dead.Select(item => item.Json.GetProperty("origin").GetProperty("position").GetInt32()));
        Assert.Equal(2, app.Log.Read(Samples.Topic).Count);
    }

    [Theory]
    [InlineData("place,seconds\nA,1\n", "'at' of the contract has no column")]
    [InlineData("place,where,seconds,at\n", "2 columns are named 'place'")]
    [InlineData("", "header")]
    public async Task A_csv_whose_header_does_not_fit_says_what_is_missing(string text, string expected)
    {
        var path = Path.Combine(_folder, "bad.csv");
        await File.WriteAllTextAsync(path, text);
        await using var app = await TestIngestion.StartAsync(Samples.Stream(new SourceDefinition { Name = "bad", File = path, Format = "csv" }));
        Assert.Contains(expected, (await app.SettledSourceAsync()).GetProperty("error").GetString());
    }

    [Theory]
    [InlineData("a,,\"b \"\"c\"\"\",\"\"", "a|<none>|b \"c\"|")]
    [InlineData("1,2,", "1|2|<none>")]
    public void Csv_fields_are_split_by_the_rfc(string record, string expected)
    {
        var fields = new CsvFields(CsvSyntax.Default);
        Assert.Null(fields.Split(Encoding.UTF8.GetBytes(record)));
        Assert.Equal(expected, string.Join('|', Enumerable.Range(0, fields.Count).Select(i => fields.IsEmpty(i) ? "<none>" : fields[i].ToString())));
    }

    private SourceDefinition Csv()
    {
        var path = Path.Combine(_folder, "rows.csv");
        File.WriteAllText(path, "where,extra,seconds,score,at\r\n" + string.Concat(Enumerable.Range(0, Rows).Select(i =>
            string.Create(CultureInfo.InvariantCulture, $"{(Place(i) is { } place ? $"\"{place}\"" : "")},x,{i},{Score(i)},{At(i):O}\r\n"))));
        return new SourceDefinition { Name = "rows", File = path, Format = "csv" };
    }

    private SourceDefinition Ndjson()
    {
        var path = Path.Combine(_folder, "rows.ndjson");
        File.WriteAllText(path, string.Join('\n', Enumerable.Range(0, Rows).Select(i =>
            JsonSerializer.Serialize(new { place = Place(i), seconds = i, score = Score(i), at = At(i), extra = "x" }))));
        return new SourceDefinition { Name = "rows", File = path, Format = "ndjson" };
    }

    private async Task<SourceDefinition> ParquetAsync()
    {
        var path = Path.Combine(_folder, "rows.parquet");
        var where = new DataField<string>("where");
        var seconds = new DataField<long>("seconds");
        var score = new DataField<double?>("score");
        var at = new DateTimeDataField("at", DateTimeFormat.DateAndTimeMicros);
        await using var file = File.Create(path);
        await using var writer = await ParquetWriter.CreateAsync(new ParquetSchema(where, seconds, score, at), file);
        foreach (var rows in Enumerable.Range(0, Rows).Chunk(300))
        {
            using var group = writer.CreateRowGroup();
            await group.WriteAsync(where, rows.Select(Place).ToArray()!);
            await group.WriteAsync<long>(seconds, rows.Select(i => (long)i).ToArray());
            await group.WriteAsync<double>(score, rows.Select(Score).ToArray());
            await group.WriteAsync<DateTime>(at, rows.Select(At).ToArray());
        }

        return new SourceDefinition { Name = "rows", File = path, Format = "parquet" };
    }

    private static StreamDefinition Trades(SourceDefinition source) => new()
    {
        Pipeline = "market",
        Name = "trades",
        Contract = GeneratorTests.Trade,
        Key = "symbol",
        Time = new EventTime("executed_at", TimeSpan.FromSeconds(5), TimeSpan.FromSeconds(1)),
        Sources = [source],
    };

    private static string? Place(int i) => i % 100 == 50 ? null : $"P{i % 7}";

    private static double? Score(int i) => i % 3 == 0 ? null : i / 4.0;

    private static DateTime At(int i) => new DateTime(2026, 1, 1, 0, 0, 0, DateTimeKind.Utc).AddMilliseconds(i * 100.5);
}
