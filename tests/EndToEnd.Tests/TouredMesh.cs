using System.Net.Http.Json;
using System.Text;
using System.Text.Json;

namespace RealTimeMesh.EndToEnd.Tests;

/// <summary>A host with its console that was sent departures, some of them bad, and has dealt with all of them.</summary>
internal sealed class TouredMesh : IAsyncDisposable
{
    private readonly HttpClient _http = new();

    private TouredMesh(HostProcess host) => Host = host;

    public HostProcess Host { get; }

    public Uri Console => Endpoint("console");

    public Uri Topics => Endpoint("topics");

    public Uri Letters => Endpoint("dead_letters");

    public Uri Registry => Endpoint("schema_registry");

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    /// <param name="good">Half of them from ORD, half from ATL.</param>
    /// <param name="bad">Their delay is a text; of a later hour, so that none is late when it comes again.</param>
    public static async Task<TouredMesh> StartAsync(int good, int bad)
    {
        var mesh = new TouredMesh(HostProcess.Start(HostProcess.NewFolder("tour"), "--pipeline", "flights", "--replay", "off", "--free-ports"));
        await mesh.Host.ReadyAsync(Cancel);
        var lines = Enumerable.Range(0, good).Select(n => Line(n, n % 2 == 0 ? "ORD" : "ATL", $"{n % 60}")).Concat(Enumerable.Range(0, bad).Select(n => Line(n + 1_000, "DEN", $"\"late {n}\"")));
        using var body = new StringContent(string.Join('\n', lines), Encoding.UTF8, "application/x-ndjson");
        using var answer = await mesh._http.PostAsync(new Uri(mesh.Host.AppUrl("ingestion"), "/v1/streams/flights.departures/events"), body, Cancel);
        var counts = await answer.Content.ReadFromJsonAsync<JsonElement>(Cancel);
        Assert.True(answer.IsSuccessStatusCode, $"{answer.StatusCode} {counts}");
        Assert.Equal((good, bad), (counts.GetProperty("accepted").GetInt32(), counts.GetProperty("rejected").GetInt32()));
        while ((await mesh.GetAsync(mesh.Letters, "/v1/letters?limit=1")).GetProperty("total").GetInt32() < bad)
            await Task.Delay(TimeSpan.FromMilliseconds(100), TimeProvider.System, Cancel);
        while ((await mesh.GetAsync(mesh.Host.AppUrl("stream-processor"), "/v1/ledger")).GetProperty("streams")[0].GetProperty("applied").GetInt32() < good)
            await Task.Delay(TimeSpan.FromMilliseconds(100), TimeProvider.System, Cancel);
        return mesh;
    }

    /// <summary>What a service says by its own API.</summary>
    public Task<JsonElement> GetAsync(Uri service, string path) => _http.GetFromJsonAsync<JsonElement>(new Uri(service, path), Cancel);

    public async Task<JsonElement> PostAsync(Uri service, string path, object body)
    {
        using var answer = await _http.PostAsJsonAsync(new Uri(service, path), body, Cancel);
        answer.EnsureSuccessStatusCode();
        return await answer.Content.ReadFromJsonAsync<JsonElement>(Cancel);
    }

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        await Host.DisposeAsync();
    }

    private Uri Endpoint(string name) => new(Host.Endpoints().GetProperty(name).GetString()!);

    private static string Line(int n, string origin, string delay) =>
        $$"""{"date":"2001-02-01T{{n / 60 % 24:00}}:{{n % 60:00}}:00Z","delay":{{delay}},"distance":431,"origin":"{{origin}}","destination":"MSP"}""";
}
