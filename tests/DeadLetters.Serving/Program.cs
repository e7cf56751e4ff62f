using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using RealTimeMesh.Components;
using RealTimeMesh.DeadLetters;
using RealTimeMesh.RocksDb;
using RealTimeMesh.SqliteDeadLetters;

// argument: the data folder. Serves dead letters over its log until it is killed; the first line of output is the address.
var folder = args[0];
var spec = new ComponentSpec { Name = "pubsub", Type = "pubsub.rocksdb", Metadata = new Dictionary<string, string> { ["path"] = "log", ["partitions"] = "3" } };
var broker = (IPubSubBroker)await new RocksDbPubSubType().StartAsync(spec, new ComponentContext("dead-letters", folder, TimeProvider.System), CancellationToken.None);
var store = await SqliteDeadLetterStore.OpenAsync(new SqliteDeadLetterOptions { Path = Path.Combine(folder, "dead-letters", "letters.db") }, TimeProvider.System, CancellationToken.None);
var app = DeadLettersApp.Build(new DeadLettersSetup
{
    Broker = broker,
    Store = store,
    DataPath = folder,
    Options = DeadLetterOptions.From(Environment.GetEnvironmentVariable) with { Retention = new(TimeSpan.FromDays(36_500), long.MaxValue, long.MaxValue) },
    Logging = static logging => logging.ClearProviders(),
});
await app.StartAsync();
Console.WriteLine(app.Urls.First());
await app.WaitForShutdownAsync();
