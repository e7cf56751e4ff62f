using System.Net.Http.Json;
using System.Text;
using System.Text.Json;

namespace RealTimeMesh.EndToEnd.Tests;

/// <summary>Dead letters as a user mends them: with the commands of docs/dead-letters.md, in the started host.</summary>
public sealed class LettersCommandTests : IAsyncDisposable
{
    private readonly HttpClient _http = new() { Timeout = TimeSpan.FromMinutes(2) };
    private readonly HostProcess _host = HostProcess.Start(HostProcess.NewFolder("letters"), "--pipeline", "flights", "--replay", "off", "--free-ports", "--no-console");

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask DisposeAsync()
    {
        await _host.DisposeAsync();
        _http.Dispose();
    }

    [Fact(Timeout = 900_000)]
    public async Task Rows_refused_at_the_door_are_grouped_mended_in_bulk_redriven_and_in_view_and_bronze_once()
    {
        await _host.ReadyAsync(Cancel);
        var answer = await PostAsync([.. Enumerable.Range(0, 30).Select(n => Row("2001-02-01T08:00:00Z", n, n < 20 ? "431" : "\"431 mi\"", "ORD")), Row("2001-02-01T08:00:00Z", 1, "\"far\"", "ORD")]);
        Assert.Equal((20, 11), (answer.GetProperty("accepted").GetInt32(), answer.GetProperty("rejected").GetInt32()));
        await EventuallyAsync("groups", 11);
        await LedgerAsync(acked: 31, redriven: 0, applied: 20, dead: 11, quarantined: 0, bronze: 20);

        const string Edit = "set distance = cast(substr(distance, 1, length(distance) - 3) as int) where distance like '% mi'";
        var preview = JsonDocument.Parse((await RunAsync("edit", Edit, "--rule", "type", "--json")).Output).RootElement;
        Assert.Equal((11, 10, 10, 0), (Number(preview, "count"), Number(preview, "changes"), Number(preview, "passing"), Number(preview, "failing")));
        await RunAsync("edit", Edit, "--rule", "type", "--yes");
        preview = JsonDocument.Parse((await RunAsync("redrive", "--class", "poison", "--json")).Output).RootElement;
        Assert.Equal((11, 10, 1, 11), (Number(preview, "count"), Number(preview, "passing"), Number(preview, "failing"), preview.GetProperty("destinations").GetProperty("ingest.flights.departures").GetInt32()));
        await RunAsync("redrive", "--class", "poison", "--rate", "1000", "--yes");

        // The ten that were mended are in effect; the one that was not is a letter again, which knows its ancestor. At the door all eleven were acknowledged once more.
        await LedgerAsync(acked: 42, redriven: 0, applied: 30, dead: 12, quarantined: 0, bronze: 30);
        await ViewAsync(30);
        await EventuallyAsync("groups", 12);
        var open = Assert.Single(JsonDocument.Parse((await RunAsync("ls", "--state", "open", "--json")).Output).RootElement.EnumerateArray());
        Assert.Equal(1, Number(open, "redrives"));
        var audit = JsonDocument.Parse((await RunAsync("audit", "--json")).Output).RootElement.EnumerateArray().Select(line => line.GetProperty("what").GetString()).ToHashSet();
        Assert.Superset(new HashSet<string?> { "start edit", "start redrive" }, audit);
    }

    [Fact(Timeout = 900_000)]
    public async Task Events_that_the_stream_processor_gave_up_are_mended_redriven_to_their_topic_and_leave_the_ledger_balanced()
    {
        await _host.ReadyAsync(Cancel);
        // Within the contract, and yet of a time that no window can be: the lake takes them, the processor does not.
        var answer = await PostAsync([.. Enumerable.Range(0, 12).Select(n => Row(n % 4 == 0 ? "9999-06-01T00:00:00Z" : "2001-02-01T08:00:00Z", n, "431", "ORD"))]);
        Assert.Equal(12, answer.GetProperty("accepted").GetInt32());
        await LedgerAsync(acked: 12, redriven: 0, applied: 9, dead: 0, quarantined: 3, bronze: 12);
        await EventuallyAsync("groups", 3);

        await RunAsync("edit", "set scheduled = 981014400000000", "--consumer", "stream-processor", "--yes");
        await RunAsync("redrive", "--consumer", "stream-processor", "--yes");
        await LedgerAsync(acked: 12, redriven: 3, applied: 12, dead: 0, quarantined: 3, bronze: 12);
        await ViewAsync(12);
    }

    private static string Row(string date, int delay, string distance, string origin) => $$"""{"date":"{{date}}","delay":{{delay}},"distance":{{distance}},"origin":"{{origin}}","destination":"MSP"}""";

    private static int Number(JsonElement parent, string name) => parent.GetProperty(name).GetInt32();

    private async Task<JsonElement> PostAsync(IEnumerable<string> rows)
    {
        using var response = await _http.PostAsync(new Uri(_host.AppUrl("ingestion"), "/v1/streams/flights.departures/events"), new StringContent(string.Join('\n', rows) + "\n", Encoding.UTF8, "application/x-ndjson"), Cancel);
        var body = await response.Content.ReadFromJsonAsync<JsonElement>(Cancel);
        Assert.True(response.IsSuccessStatusCode, $"{response.StatusCode} {body}");
        return body;
    }

    /// <summary>Waits until so many letters are collected, as the list of causes counts them.</summary>
    private async Task EventuallyAsync(string command, int letters)
    {
        while (JsonDocument.Parse((await RunAsync(command, "--json")).Output).RootElement.EnumerateArray().Sum(group => Number(group, "count")) != letters)
            await Task.Delay(TimeSpan.FromMilliseconds(200), TimeProvider.System, Cancel);
    }

    /// <summary>Waits until the services' counts are these, and finds them in balance, each event once in bronze.</summary>
    private async Task LedgerAsync(long acked, long redriven, long applied, long dead, long quarantined, long bronze)
    {
        Assert.Equal(acked + redriven, applied + dead + quarantined);
        (long, long, long, long, long, long) found, wanted = (acked, redriven, applied, dead, quarantined, bronze);
        while ((found = await CountsAsync()) != wanted)
        {
            TestContext.Current.TestOutputHelper?.WriteLine($"{found}");
            await Task.Delay(TimeSpan.FromMilliseconds(100), TimeProvider.System, Cancel);
        }

        using var response = await _http.PostAsync(new Uri(_host.AppUrl("lakehouse"), "/v1/audit?pipeline=flights"), null, Cancel);
        var audit = (await response.Content.ReadFromJsonAsync<JsonElement>(Cancel)).GetProperty("streams")[0];
        Assert.Equal((bronze, bronze), (audit.GetProperty("rows").GetInt64(), audit.GetProperty("distinct_ids").GetInt64()));
    }

    private async Task<(long Acked, long Redriven, long Applied, long Dead, long Quarantined, long Bronze)> CountsAsync()
    {
        var (door, view, lake) = (await StreamAsync("ingestion"), await StreamAsync("stream-processor"), await StreamAsync("lakehouse"));
        return (Count(door, "acked"), Math.Max(Count(view, "redriven"), Count(lake, "redriven")), Count(view, "applied"), Count(lake, "dead_lettered"), Math.Max(Count(view, "quarantined"), Count(lake, "quarantined")), Count(lake, "rows"));

        static long Count(JsonElement stream, string name) => stream.GetProperty(name).GetInt64();
    }

    private async Task<JsonElement> StreamAsync(string app) => (await _http.GetFromJsonAsync<JsonElement>(new Uri(_host.AppUrl(app), "/v1/ledger"), Cancel)).GetProperty("streams")[0];

    private async Task ViewAsync(int flights)
    {
        var view = await _http.GetFromJsonAsync<JsonElement>(new Uri(_host.AppUrl("stream-processor"), "/v1/views/flights/delays_by_airport?key=ORD"), Cancel);
        Assert.Equal(flights, view.GetProperty("rows").EnumerateArray().Sum(row => Number(row, "flights")));
    }

    private async Task<(int Code, string Output, string Errors)> RunAsync(params string[] arguments)
    {
        var result = await LakeProcess.HostAsync(new Dictionary<string, string>(), ["dead-letters", .. arguments, "--data", _host.DataPath]);
        Assert.True(result.Code == 0, $"{string.Join(' ', arguments)}: {result.Output}{result.Errors}\n{_host.Output}");
        return result;
    }
}
