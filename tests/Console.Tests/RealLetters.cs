using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Logging;
using RealTimeMesh.Components;
using RealTimeMesh.DeadLetters;
using RealTimeMesh.Pipelines;
using RealTimeMesh.RocksDb;
using RealTimeMesh.SqliteDeadLetters;

namespace RealTimeMesh.Console.Tests;

/// <summary>The service of dead letters itself, over an embedded log: what is published to a dead-letter topic becomes letters.</summary>
internal sealed class RealLetters : IAsyncDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("console-letters-").FullName;
    private readonly RocksDbPubSubType _type = new();
    private SqliteDeadLetterStore _store = null!;
    private WebApplication _app = null!;

    public IPubSubBroker Broker { get; private set; } = null!;

    public IBrokerAdmin Admin => ((IAdministeredBroker)Broker).Administration;

    public string Setting => $"--MESH_DEAD_LETTERS_URL={_app.Urls.First()}";

    public static async Task<RealLetters> StartAsync()
    {
        var letters = new RealLetters();
        var spec = new ComponentSpec { Name = "pubsub", Type = "pubsub.rocksdb", Metadata = new Dictionary<string, string> { ["path"] = "log", ["partitions"] = "1" } };
        letters.Broker = (IPubSubBroker)await letters._type.StartAsync(spec, new ComponentContext("dead-letters", letters._folder, TimeProvider.System), CancellationToken.None);
        letters._store = await SqliteDeadLetterStore.OpenAsync(new SqliteDeadLetterOptions { Path = Path.Combine(letters._folder, "letters.db") }, TimeProvider.System, CancellationToken.None);
        letters._app = DeadLettersApp.Build(new DeadLettersSetup
        {
            Broker = letters.Broker, Store = letters._store, DataPath = letters._folder, Pipelines = PipelineLoader.Load(ConsoleUnderTest.PipelinesPath, []).Pipelines, Logging = static logging => logging.ClearProviders(),
        });
        await letters._app.StartAsync();
        return letters;
    }

    /// <summary>Departures whose delay is a text.</summary>
    public async Task RefuseAsync(int count)
    {
        var messages = Enumerable.Range(0, count).Select(n => new OutgoingMessage($"k{n}", JsonSerializer.SerializeToUtf8Bytes(Record(n)), default));
        Assert.True((await Broker.PublishAsync("flights.departures.dlq", [.. messages], default)).Succeeded);
    }

    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync();
        await _app.DisposeAsync();
        await _store.DisposeAsync();
        await Broker.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    private static object Record(int n)
    {
        var original = $$"""{"date":"2001-01-05T09:15:00Z","delay":"late {{n}}","distance":431,"origin":"ORD","destination":"MSP"}""";
        var now = TimeProvider.System.GetUtcNow();
        return new
        {
            reason = new { @class = "poison", rule = "type", field = "delay", found = $"text 'late {n}'", expected = "int", message = $"field 'delay': found text 'late {n}'; expected int" },
            origin = new { source = "/http", topic = "flights.departures", key = "ORD", consumer = "ingestion" },
            original_base64 = Convert.ToBase64String(Encoding.UTF8.GetBytes(original)),
            content_type = "application/json",
            received_at = now,
            failed_at = now,
            attempts = 1,
        };
    }
}
