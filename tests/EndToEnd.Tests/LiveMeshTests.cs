using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using StackExchange.Redis;

namespace RealTimeMesh.EndToEnd.Tests;

/// <summary>The ten-minute tour of the README, as a test: publish, see it in a view, in bronze, in gold, in the dead letters.</summary>
public sealed class LiveMeshTests
{
    private const string Good = """{"date":"2001-02-01T08:00:00Z","delay":42,"distance":431,"origin":"ORD","destination":"MSP"}""";
    private const string Bad = """{"date":"2001-02-01T08:00:00Z","delay":42,"distance":431,"origin":"ZZZ","destination":"MSP"}""";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact(Timeout = 600_000)]
    public async Task An_event_posted_at_the_front_door_is_seen_in_view_bronze_gold_and_a_bad_one_in_the_dead_letters()
    {
        await using var host = HostProcess.Start(HostProcess.NewFolder("tour"), "--pipeline", "flights", "--replay", "off", "--free-ports", "--no-console");
        await host.ReadyAsync(Cancel);
        using var http = new HttpClient();
        var ingestion = host.AppUrl("ingestion");
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(ingestion, "/v1/streams/flights.departures/events"))
        {
            Content = new StringContent($"{Good}\n{Bad}\n", Encoding.UTF8, "application/x-ndjson"),
        };
        using var response = await http.SendAsync(request, Cancel);
        var body = await response.Content.ReadFromJsonAsync<JsonElement>(Cancel);
        Assert.True(response.IsSuccessStatusCode, $"{response.StatusCode} {body}");
        Assert.Equal((1, 1), (body.GetProperty("accepted").GetInt32(), body.GetProperty("rejected").GetInt32()));

        var view = await Eventually(http, new Uri(host.AppUrl("stream-processor"), "/v1/views/flights/delays_by_airport?key=ORD"), found => found.GetProperty("rows").GetArrayLength() == 1);
        var row = view.GetProperty("rows")[0];
        Assert.Equal(("ORD", 1, 42), (row.GetProperty("origin").GetString(), row.GetProperty("flights").GetInt32(), row.GetProperty("worst").GetInt32()));

        var letters = await Eventually(http, new Uri(host.AppUrl("lakehouse"), "/v1/dead-letters?pipeline=flights&limit=10"), found => found.EnumerateObject().First().Value.GetArrayLength() == 1);
        Assert.Contains("ZZZ", letters.ToString(), StringComparison.Ordinal);

        await Eventually(http, new Uri(host.AppUrl("lakehouse"), "/v1/ledger"), found => found.GetProperty("streams")[0].GetProperty("rows").GetInt32() == 1);
        using var built = await http.PostAsync(new Uri(host.AppUrl("spark-jobs"), "/v1/builds/drain?pipeline=flights"), null, Cancel);
        Assert.Equal(HttpStatusCode.OK, built.StatusCode);
        Assert.Equal(["ORD|2001-02-01|1"], LakeReader.Rows($"select airport, day, flights from {LakeReader.Scan(LakeReader.Table(host.DataPath, "flights", "gold", "airport_daily"))}"));

        // Any Redis client reads the view.
        await using var redis = await ConnectionMultiplexer.ConnectAsync(host.Endpoints().GetProperty("redis").GetString()!);
        var page = await redis.GetDatabase().HashGetAsync("views/flights.delays_by_airport/ORD/2001-02-01T08:00:00Z", "data");
        Assert.Contains("\"flights\":1", page.ToString(), StringComparison.Ordinal);

        host.Interrupt();
        Assert.Equal(0, await host.ExitAsync(Cancel));
    }

    [Fact(Timeout = 600_000)]
    public async Task A_CloudEvent_published_by_any_Dapr_app_enters_by_the_ingest_topic()
    {
        await using var host = HostProcess.Start(HostProcess.NewFolder("ingest"), "--pipeline", "flights", "--replay", "off", "--free-ports", "--no-console");
        await host.ReadyAsync(Cancel);
        using var http = new HttpClient();
        var dapr = new Uri($"http://127.0.0.1:{host.Endpoints().GetProperty("apps").GetProperty("lakehouse").GetProperty("dapr_http_port")}");
        using var response = await http.PostAsync(new Uri(dapr, "/v1.0/publish/pubsub/ingest.flights.departures"), new StringContent(Good, Encoding.UTF8, "application/json"), Cancel);
        Assert.Equal(HttpStatusCode.NoContent, response.StatusCode);
        await Eventually(http, new Uri(host.AppUrl("stream-processor"), "/v1/views/flights/delays_by_airport?key=ORD"), found => found.GetProperty("rows").GetArrayLength() == 1);
    }

    private static async Task<JsonElement> Eventually(HttpClient http, Uri address, Func<JsonElement, bool> holds)
    {
        while (true)
        {
            using var response = await http.GetAsync(address, Cancel);
            if (response.IsSuccessStatusCode)
            {
                var found = await response.Content.ReadFromJsonAsync<JsonElement>(Cancel);
                if (holds(found))
                    return found;
            }

            await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System, Cancel);
        }
    }
}
