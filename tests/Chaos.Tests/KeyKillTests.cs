using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json;
using RealTimeMesh.EndToEnd.Tests;
using RealTimeMesh.Testing;

namespace RealTimeMesh.Chaos.Tests;

/// <summary>Clients with idempotency keys that send each request until it is answered, while the whole mesh is killed again and again.</summary>
public sealed class KeyKillTests(ITestOutputHelper output)
{
    private const int Kills = 3;
    private const int Clients = 4;
    private const int RequestsOfClient = 12;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory(Timeout = 900_000)]
    [InlineData(4711)]
    public async Task Requests_sent_again_with_their_keys_while_the_mesh_is_killed_are_counted_and_stored_once(int seed)
    {
        output.WriteLine($"seed {seed}");
        var random = new Random(seed);
        var data = HostProcess.NewFolder("key-kill");
        var root = Directory.CreateTempSubdirectory("key-kill-").FullName;
        using var http = new HttpClient { Timeout = TimeSpan.FromSeconds(60) };
        try
        {
            var pipelines = Pipelines(root);
            var requests = Requests(random);
            var answers = new ConcurrentDictionary<string, string>(StringComparer.Ordinal);
            // How long a killed service's requests are taken for running.
            var environment = new Dictionary<string, string> { ["MESH_INGEST_KEY_LEASE_MS"] = "3000" };
            string[] arguments = ["--pipelines", pipelines, "--free-ports", "--no-console"];
            Uri? door = null;
            var sending = Enumerable.Range(0, Clients).Select(client => Task.Run(() => SendAsync(http, [.. requests.Where((_, i) => i % Clients == client)], answers, () => Volatile.Read(ref door)), Cancel)).ToArray();
            for (var kill = 1; kill <= Kills; kill++)
            {
                await using var killed = HostProcess.Start(data, environment, arguments);
                killed.KeepData = true;
                await killed.ReadyAsync(Cancel);
                Volatile.Write(ref door, killed.AppUrl("ingestion"));
                // In the midst of a request: its events are somewhere between the door and the answer.
                var wanted = Math.Min(requests.Count, requests.Count * kill / (Kills + 2));
                while (answers.Count < wanted)
                {
                    Assert.DoesNotContain(sending, task => task.IsFaulted);
                    await Task.Delay(TimeSpan.FromMilliseconds(2), TimeProvider.System, Cancel);
                }

                await Task.Delay(TimeSpan.FromMilliseconds(random.Next(0, 60)), TimeProvider.System, Cancel);
                await killed.KillAsync();
                output.WriteLine($"killed with {answers.Count} of {requests.Count} requests answered");
            }

            var total = requests.Sum(request => request.Count);
            await using (var host = HostProcess.Start(data, environment, arguments))
            {
                host.KeepData = true;
                await host.ReadyAsync(Cancel);
                Volatile.Write(ref door, host.AppUrl("ingestion"));
                await Task.WhenAll(sending);
                // Each key once more: the answer is the same, and nothing is stored.
                foreach (var request in requests)
                {
                    var (_, text, isReplay) = await PostAsync(http, host.AppUrl("ingestion"), request);
                    Assert.Equal((answers[request.Key], true), (text, isReplay));
                }

                Assert.Equal((total, 0), await CountsAsync(http, host));
                while (await ViewAsync(http, host) is var seen && seen != (total, (long)total * (total - 1) / 2))
                {
                    Assert.True(seen.Visits <= total, $"the view has {seen.Visits} of {total} events");
                    await Task.Delay(TimeSpan.FromMilliseconds(200), TimeProvider.System, Cancel);
                }

                await host.KillAsync();
            }

            var summary = Path.Combine(data, "out.json");
            await using var last = HostProcess.Start(data, environment, [.. arguments, "--until-drained", "--summary", summary]);
            Assert.True(await last.ExitAsync(Cancel) == 0, last.Output);
            var result = JsonDocument.Parse(await File.ReadAllTextAsync(summary, Cancel)).RootElement;
            output.WriteLine(result.GetProperty("streams").ToString());
            long Count(string name) => result.GetProperty(name).GetInt64();
            Assert.Equal((total, 0, 0), (Count("acked"), Count("lost"), Count("duplicated")));
            var numbers = LakeReader.Rows($"select number from {LakeReader.Scan(LakeReader.Table(data, "visits", "bronze", "visits"))} order by number").Select(number => int.Parse(number, CultureInfo.InvariantCulture));
            Assert.Equal(Enumerable.Range(0, total), numbers.Order());
        }
        finally
        {
            Directory.Delete(root, recursive: true);
            if (Directory.Exists(data))
                Directory.Delete(data, recursive: true);
        }
    }

    private static List<Request> Requests(Random random)
    {
        List<Request> requests = [];
        var from = 0;
        for (var i = 0; i < Clients * RequestsOfClient; i++)
        {
            // Some fit one batch, some take many.
            var count = random.Next(4) == 0 ? random.Next(2_000, 8_000) : random.Next(1, 300);
            requests.Add(new Request($"key-{i}", from, count));
            from += count;
        }

        return requests;
    }

    private static async Task SendAsync(HttpClient http, IReadOnlyList<Request> requests, ConcurrentDictionary<string, string> answers, Func<Uri?> door)
    {
        foreach (var request in requests)
        {
            while (!answers.ContainsKey(request.Key))
            {
                try
                {
                    if (door() is { } url && await PostAsync(http, url, request) is (HttpStatusCode.Accepted, var text, _))
                    {
                        answers[request.Key] = text;
                        break;
                    }
                }
                catch (Exception e) when (e is HttpRequestException or IOException || (e is OperationCanceledException && !Cancel.IsCancellationRequested))
                {
                    // The mesh was killed, or is not there yet: nobody knows what became of the request.
                }

                await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, Cancel);
            }
        }
    }

    private static async Task<(HttpStatusCode Status, string Text, bool IsReplay)> PostAsync(HttpClient http, Uri door, Request request)
    {
        var body = new ByteArrayContent(Encoding.UTF8.GetBytes(string.Concat(Enumerable.Range(request.From, request.Count).Select(i => $$"""{"place":"P{{i % 50}}","number":{{i}},"at":"2026-01-01T00:00:{{i % 60:D2}}Z"}""" + "\n"))));
        body.Headers.TryAddWithoutValidation("Content-Type", "application/x-ndjson");
        using var post = new HttpRequestMessage(HttpMethod.Post, new Uri(door, "/v1/streams/visits.visits/events")) { Content = body };
        post.Headers.Add("Idempotency-Key", request.Key);
        using var response = await http.SendAsync(post, Cancel);
        return (response.StatusCode, await response.Content.ReadAsStringAsync(Cancel), response.Headers.Contains("Idempotency-Replayed"));
    }

    private static async Task<(int Accepted, int Rejected)> CountsAsync(HttpClient http, HostProcess host)
    {
        var ledger = JsonDocument.Parse(await http.GetStringAsync(new Uri(host.AppUrl("ingestion"), "/v1/ledger"), Cancel)).RootElement.GetProperty("streams")[0];
        return (ledger.GetProperty("accepted").GetInt32(), ledger.GetProperty("rejected").GetInt32());
    }

    /// <summary>What the windows say, all places together.</summary>
    private static async Task<(long Visits, long Numbers)> ViewAsync(HttpClient http, HostProcess host)
    {
        long visits = 0, numbers = 0;
        for (var place = 0; place < 50; place++)
        {
            using var response = await http.GetAsync(new Uri(host.AppUrl("stream-processor"), $"/v1/views/visits/by_place?key=P{place}"), Cancel);
            if (!response.IsSuccessStatusCode)
                return default;
            foreach (var row in JsonDocument.Parse(await response.Content.ReadAsStringAsync(Cancel)).RootElement.GetProperty("rows").EnumerateArray())
            {
                visits += row.GetProperty("visits").GetInt64();
                numbers += row.GetProperty("numbers").GetInt64();
            }
        }

        return (visits, numbers);
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
            views:
              by_place:
                from: visits
                window: { tumbling: 1h }
                by: [place]
                select: { visits: count(*), numbers: sum(number) }
            tables:
              bronze.visits: { append: visits }
            """);
        return Path.Combine(root, "pipelines");
    }

    private sealed record Request(string Key, int From, int Count);
}
