using System.Globalization;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Logging;
using RealTimeMesh.Components;
using RealTimeMesh.Contracts.DeadLetters;
using RealTimeMesh.DeadLetters;
using RealTimeMesh.RocksDb;
using RealTimeMesh.SqliteDeadLetters;

namespace RealTimeMesh.Benchmarks.Scenarios;

/// <summary>A million dead letters: collected, listed by cause and in pages, a part of them edited and redriven.</summary>
internal sealed class DeadLetterScale(double millions) : IScenario
{
    private const int Causes = 10_000;
    private const int Redriven = 100_000;
    private const int Repeats = 20;

    private readonly int _letters = (int)(millions * 1_000_000);
    private readonly SortedDictionary<string, double> _values = new(StringComparer.Ordinal);

    public string Name => "dead-letters";

    public string Description => "a million dead letters: collect, groups, filtered pages, preview, edit and redrive of 100,000";

    public async Task<BenchmarkReport> RunAsync(CancellationToken cancellationToken)
    {
        var folder = Directory.CreateTempSubdirectory("letters-").FullName;
        try
        {
            var spec = new ComponentSpec { Name = "pubsub", Type = "pubsub.rocksdb", Metadata = new Dictionary<string, string> { ["path"] = "log", ["partitions"] = "4" } };
            await using var broker = (IPubSubBroker)await new RocksDbPubSubType().StartAsync(spec, new ComponentContext("dead-letters", folder, TimeProvider.System), cancellationToken);
            await PublishAsync(broker, cancellationToken);
            await using var store = await SqliteDeadLetterStore.OpenAsync(new SqliteDeadLetterOptions { Path = Path.Combine(folder, "letters.db") }, TimeProvider.System, cancellationToken);
            await using var app = DeadLettersApp.Build(new DeadLettersSetup { Broker = broker, Store = store, DataPath = folder, Logging = static logging => logging.ClearProviders() });
            var began = TimeProvider.System.GetTimestamp();
            await app.StartAsync(cancellationToken);
            using var http = new HttpClient { BaseAddress = new Uri(app.Urls.First()), Timeout = TimeSpan.FromMinutes(10) };
            await CollectedAsync(http, began, cancellationToken);
            _values["database_mb"] = new FileInfo(Path.Combine(folder, "letters.db")).Length / 1e6;
            await ListAsync(http, cancellationToken);
            await WorkAsync(http, cancellationToken);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }

        return new BenchmarkReport(
            Name, _values,
            $"{_letters:N0} letters of {Causes:N0} causes (the largest {Redriven:N0}) on 4 partitions of the synced embedded log, kept in SQLite (synced); broker, store, API and client in one process; the slowest of {Repeats} requests in ms; redrive to a topic of its own, batches of 1,000, each in hand, written, noted.");
    }

    private async Task PublishAsync(IPubSubBroker broker, CancellationToken cancellationToken)
    {
        using var writer = new DeadLetterWriter();
        var output = new System.Buffers.ArrayBufferWriter<byte>();
        for (var start = 0; start < _letters; start += 2_000)
        {
            var messages = new OutgoingMessage[Math.Min(2_000, _letters - start)];
            for (var i = 0; i < messages.Length; i++)
            {
                var n = start + i;
                // One cause has every tenth letter; the others share the rest.
                var cause = n % 10 == 0 ? 0 : 1 + (n % (Causes - 1));
                output.ResetWrittenCount();
                writer.Write(output, Record(n, cause));
                messages[i] = new OutgoingMessage($"k{n % 5_000}", output.WrittenSpan.ToArray(), MessageHeaders.From([new("ce_id", n.ToString(CultureInfo.InvariantCulture))]));
            }

            await broker.PublishAsync("orders.dlq", messages, cancellationToken);
        }
    }

    private static DeadLetterRecord Record(int n, int cause) => new()
    {
        Reason = new DeadLetterReason(DeadLetterClasses.Poison, $"rule{cause}", $"field{cause}", $"value {n}", "a number", $"field 'field{cause}': found value {n}; expected a number"),
        Origin = new DeadLetterOrigin("shop", "orders") { Key = $"k{n % 5_000}", Partition = n % 4, Offset = n, Source = "/shop" },
        Original = Encoding.UTF8.GetBytes($$"""{"order":{{n}},"price":"{{n}} USD","customer":"c{{n % 1_000}}","note":"{{new string('x', 120)}}"}"""),
        ReceivedAt = DateTimeOffset.UnixEpoch.AddDays(20_000).AddMilliseconds(n),
        // Over the last hour, so that rates are kept for nearly every minute of every cause.
        FailedAt = TimeProvider.System.GetUtcNow().AddSeconds(-(n % 3_600)),
        TraceId = $"{n:x32}",
    };

    private async Task CollectedAsync(HttpClient http, long began, CancellationToken cancellationToken)
    {
        while ((await http.GetFromJsonAsync<JsonElement>("/v1/sources", cancellationToken)).GetProperty("letters").GetInt64() < _letters)
            await Task.Delay(TimeSpan.FromMilliseconds(100), TimeProvider.System, cancellationToken);
        _values["collect.letters_per_s"] = _letters / TimeProvider.System.GetElapsedTime(began).TotalSeconds;
    }

    private async Task ListAsync(HttpClient http, CancellationToken cancellationToken)
    {
        foreach (var (name, path) in ((string, string)[])
        [
            ("groups_500", "/v1/groups?limit=500"), ("groups_500_open", "/v1/groups?limit=500&state=open"), ("groups_by_rate", "/v1/groups?sort=rate&limit=500"), ("newest", "/v1/letters?limit=100"), ("of_a_cause", "/v1/letters?rule=rule0&limit=100&sort=oldest"), ("of_many_causes", "/v1/letters?class=poison&state=open&limit=100"),
            ("of_a_key", "/v1/letters?key=k4711&limit=100"), ("of_a_trace", $"/v1/letters?trace={_letters / 2:x32}"), ("of_a_time", "/v1/letters?since=2020-01-01&until=2100-01-01&rule=rule7&limit=100"), ("text_that_is_rare", "/v1/letters?text=no+such+text&limit=100"),
        ])
        {
            var slowest = 0.0;
            for (var i = 0; i < Repeats; i++)
            {
                var began = TimeProvider.System.GetTimestamp();
                using var response = await http.GetAsync(new Uri(path, UriKind.Relative), cancellationToken);
                response.EnsureSuccessStatusCode();
                await response.Content.ReadAsByteArrayAsync(cancellationToken);
                slowest = Math.Max(slowest, TimeProvider.System.GetElapsedTime(began).TotalMilliseconds);
            }

            _values[$"list.{name}_ms"] = slowest;
        }
    }

    private async Task WorkAsync(HttpClient http, CancellationToken cancellationToken)
    {
        var edit = new { filter = new { rule = "rule0" }, expression = "set price = cast(substr(price, 1, length(price) - 4) as double)" };
        var redrive = new { filter = new { rule = "rule0" }, to = "orders.mended" };
        await TimeAsync("edit.preview_s", http, "/v1/edits/preview", edit, cancellationToken);
        await JobAsync("edit", http, "/v1/edits", edit, cancellationToken);
        await TimeAsync("redrive.preview_s", http, "/v1/redrives/preview", redrive, cancellationToken);
        await JobAsync("redrive", http, "/v1/redrives", redrive, cancellationToken);
    }

    private async Task<JsonElement> TimeAsync(string name, HttpClient http, string path, object body, CancellationToken cancellationToken)
    {
        var began = TimeProvider.System.GetTimestamp();
        using var response = await http.PostAsJsonAsync(path, body, cancellationToken);
        var answer = await response.Content.ReadFromJsonAsync<JsonElement>(cancellationToken);
        response.EnsureSuccessStatusCode();
        _values[name] = TimeProvider.System.GetElapsedTime(began).TotalSeconds;
        return answer;
    }

    private async Task JobAsync(string name, HttpClient http, string path, object body, CancellationToken cancellationToken)
    {
        var began = TimeProvider.System.GetTimestamp();
        var job = await TimeAsync($"{name}.start_s", http, path, body, cancellationToken);
        while (job.GetProperty("state").GetString() == "running")
        {
            await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System, cancellationToken);
            job = await http.GetFromJsonAsync<JsonElement>($"/v1/jobs/{job.GetProperty("id").GetString()}", cancellationToken);
        }

        if (job.GetProperty("state").GetString() != "done")
            throw new InvalidOperationException($"{name}: found {job.GetRawText()}; expected a job that is done.");
        _values[$"{name}.letters"] = job.GetProperty("done").GetInt64();
        _values[$"{name}.letters_per_s"] = job.GetProperty("done").GetInt64() / TimeProvider.System.GetElapsedTime(began).TotalSeconds;
    }
}
