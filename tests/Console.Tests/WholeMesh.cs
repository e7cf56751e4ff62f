namespace RealTimeMesh.Console.Tests;

/// <summary>A console over the services of topics, dead letters and contracts themselves, each with something to show.</summary>
internal sealed class WholeMesh : IAsyncDisposable
{
    private const string Departures = """{"type":"record","name":"Departure","namespace":"flights","doc":"A flight that left.","owner":"team-flights","fields":[{"name":"date","type":"string"},{"name":"delay","type":"int","doc":"Minutes."}]}""";
    private const string Longer = """{"type":"record","name":"Departure","namespace":"flights","doc":"A flight that left.","owner":"team-flights","fields":[{"name":"date","type":"string"},{"name":"delay","type":"int","doc":"Minutes."},{"name":"gate","type":["null","string"],"default":null}]}""";

    private RealTopics _topics = null!;
    private RealLetters _letters = null!;
    private RealContracts _contracts = null!;
    private ConsoleUnderTest _console = null!;

    public Uri Url => _console.Url;

    /// <summary>Every page, with content where that is possible.</summary>
    public static IReadOnlyList<string> Pages { get; } =
    [
        "/", "/?pipeline=flights", "/views?pipeline=flights&view=delays_by_airport", "/tables", "/tables/flights/bronze.departures", "/tables/flights/bronze.departures/changes", "/tables/flights/bronze.departures/restore",
        "/tables/flights/bronze.departures/maintenance", "/maintenance", "/topics", "/topics/new", "/topics/orders", "/topics/orders/messages?last=5", "/topics/orders/heat", "/topics/orders/settings",
        "/topics/orders/settings?name=retention.ms&value=3600000", "/topics/orders/replay", "/groups", "/groups/group?name=billing", "/groups/reset?name=billing&topic=orders&to=latest", "/replays", "/rebalancing", "/sizing",
        "/sizing?eventsPerSecond=20000&eventBytes=400", "/contracts", "/contracts/subject?name=flights.departures-value", "/contracts/diff?name=flights.departures-value", "/contracts/check?name=flights.departures-value",
        "/contracts/settings?name=flights.departures-value", "/contracts/settings", "/contracts/settings?level=FULL", "/sources", "/dead-letters", "/dead-letters/letters", "/dead-letters/letters?text=late",
        "/dead-letters/letter?id=flights.departures.dlq:0:0", "/dead-letters/redrive?deadLetterTopic=flights.departures.dlq", "/dead-letters/edit?deadLetterTopic=flights.departures.dlq&expression=set+delay+%3D+5",
        "/dead-letters/discard?deadLetterTopic=flights.departures.dlq", "/dead-letters/jobs", "/dead-letters/alerts", "/audit", "/audit?log=contracts", "/audit?log=letters", "/audit?log=tables", "/apps", "/actions/99",
    ];

    public static async Task<WholeMesh> StartAsync()
    {
        var mesh = new WholeMesh { _topics = await RealTopics.StartAsync(), _letters = await RealLetters.StartAsync(), _contracts = await RealContracts.StartAsync() };
        await mesh._topics.PublishAsync("orders", Enumerable.Range(0, 40).Select(n => ($"k{n}", $$"""{"n":{{n}},"who":"Ann {{n % 3}}"}""")));
        Assert.True(await mesh._topics.Admin.MovePositionsAsync("billing", [new("orders", 0, 0), new("orders", 1, 0)], TestContext.Current.CancellationToken));
        await mesh._letters.RefuseAsync(12);
        await mesh._contracts.RegisterAsync("flights.departures-value", Departures);
        await mesh._contracts.RegisterAsync("flights.departures-value", Longer);
        mesh._console = await ConsoleUnderTest.StartAsync([mesh._topics.Setting, mesh._letters.Setting, .. mesh._contracts.Settings]);
        using var http = new HttpClient();
        while (!(await http.GetStringAsync(new Uri(mesh.Url, "/dead-letters/letters"), TestContext.Current.CancellationToken)).Contains("all letters: 12", StringComparison.Ordinal))
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, TestContext.Current.CancellationToken);
        return mesh;
    }

    public async ValueTask DisposeAsync()
    {
        await _console.DisposeAsync();
        await _contracts.DisposeAsync();
        await _letters.DisposeAsync();
        await _topics.DisposeAsync();
    }
}
