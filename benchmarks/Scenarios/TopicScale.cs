using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Logging;
using RealTimeMesh.Components;
using RealTimeMesh.RocksDb;
using RealTimeMesh.Topics;

namespace RealTimeMesh.Benchmarks.Scenarios;

/// <summary>Ten thousand topics and a thousand groups in the embedded log: the first and the last page of every list, and what is asked of all.</summary>
internal sealed class TopicScale : IScenario
{
    private const int Topics = 10_000;
    private const int Partitions = 4;
    private const int Groups = 1_000;
    private const int TopicsOfGroup = 5;
    private const int Repeats = 20;

    private readonly SortedDictionary<string, double> _values = new(StringComparer.Ordinal);

    public string Name => "topic-scale";

    public string Description => "administration of 10,000 topics and 1,000 groups: pages of topics, groups and lag, a plan over all";

    public async Task<BenchmarkReport> RunAsync(CancellationToken cancellationToken)
    {
        var folder = Directory.CreateTempSubdirectory("topics-").FullName;
        try
        {
            var spec = new ComponentSpec { Name = "pubsub", Type = "pubsub.rocksdb", Metadata = new Dictionary<string, string> { ["path"] = "log", ["partitions"] = $"{Partitions}" } };
            await using var broker = (LogBroker)await new RocksDbPubSubType().StartAsync(spec, new ComponentContext("topics", folder, TimeProvider.System), cancellationToken);
            var began = TimeProvider.System.GetTimestamp();
            await FillAsync(broker, cancellationToken);
            _values["fill_s"] = TimeProvider.System.GetElapsedTime(began).TotalSeconds;
            await using var app = TopicsApp.Build(new TopicsSetup { Admin = broker.Administration, DataPath = folder, Logging = static logging => logging.ClearProviders() });
            await app.StartAsync(cancellationToken);
            using var http = new HttpClient { BaseAddress = new Uri(app.Urls.First()), Timeout = TimeSpan.FromMinutes(10) };
            await TimeAsync("topics.first_page_50_ms", http, "/v1/topics", cancellationToken);
            await TimeAsync("topics.first_page_500_ms", http, "/v1/topics?limit=500", cancellationToken);
            await TimeAsync("topics.last_page_500_ms", http, $"/v1/topics?limit=500&after={Topic(Topics - 501)}", cancellationToken);
            await TimeAsync("topics.search_ms", http, "/v1/topics?limit=500&search=999", cancellationToken);
            await TimeAsync("topic.one_ms", http, $"/v1/topics/{Topic(Topics / 2)}", cancellationToken);
            await TimeAsync("groups.first_page_50_ms", http, "/v1/groups", cancellationToken);
            await TimeAsync("groups.first_page_500_ms", http, "/v1/groups?limit=500", cancellationToken);
            await TimeAsync("groups.last_page_500_ms", http, $"/v1/groups?limit=500&after={Group(Groups - 501)}", cancellationToken);
            await TimeAsync("group.lag_ms", http, $"/v1/groups/{Group(Groups / 2)}", cancellationToken);
            began = TimeProvider.System.GetTimestamp();
            for (string? after = ""; after is not null;)
                after = (await http.GetFromJsonAsync<JsonElement>($"/v1/topics?limit=200&after={after}", cancellationToken)).GetProperty("next").GetString();
            _values["topics.all_by_200_ms"] = TimeProvider.System.GetElapsedTime(began).TotalMilliseconds;
            began = TimeProvider.System.GetTimestamp();
            using var plan = await http.PostAsJsonAsync("/v1/rebalancings", new { }, cancellationToken);
            plan.EnsureSuccessStatusCode();
            _values["plan.all_topics_by_rate_ms"] = TimeProvider.System.GetElapsedTime(began).TotalMilliseconds;
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }

        return new BenchmarkReport(
            Name, _values,
            $"{Topics:N0} topics of {Partitions} partitions on the synced embedded log, {Groups:N0} groups with positions on {TopicsOfGroup} topics each and behind on them; broker, API and client in one process; the slowest of {Repeats} requests in ms, after one to warm up; lists of groups come with their lag.");
    }

    private static string Topic(int number) => $"topic-{number:D5}";

    private static string Group(int number) => $"group-{number:D4}";

    private static async Task FillAsync(LogBroker broker, CancellationToken cancellationToken)
    {
        // Publishing makes the topic; many at once share the log's flushes to the disk.
        await Parallel.ForEachAsync(Enumerable.Range(0, Topics), new ParallelOptions { MaxDegreeOfParallelism = 64, CancellationToken = cancellationToken }, async (n, stop) =>
            await broker.PublishAsync(Topic(n), [.. Enumerable.Range(0, 8).Select(i => new OutgoingMessage($"k{i}", new byte[100], default))], stop));
        for (var n = 0; n < Groups; n++)
        {
            var positions = Enumerable.Range(0, TopicsOfGroup * Partitions).Select(i => new GroupPosition(Topic((n * TopicsOfGroup) + (i / Partitions)), i % Partitions, 0));
            if (!await broker.Administration.MovePositionsAsync(Group(n), [.. positions], cancellationToken))
                throw new InvalidOperationException($"group '{Group(n)}': found members; expected none.");
        }
    }

    private async Task TimeAsync(string name, HttpClient http, string path, CancellationToken cancellationToken)
    {
        var slowest = 0.0;
        for (var i = 0; i <= Repeats; i++)
        {
            var began = TimeProvider.System.GetTimestamp();
            using var response = await http.GetAsync(new Uri(path, UriKind.Relative), cancellationToken);
            response.EnsureSuccessStatusCode();
            await response.Content.ReadAsByteArrayAsync(cancellationToken);
            if (i > 0)
                slowest = Math.Max(slowest, TimeProvider.System.GetElapsedTime(began).TotalMilliseconds);
        }

        _values[name] = slowest;
    }
}
