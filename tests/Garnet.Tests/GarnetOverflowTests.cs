using RealTimeMesh.Components;
using RealTimeMesh.Redis.Tests;

namespace RealTimeMesh.Garnet.Tests;

public sealed class GarnetOverflowTests
{
    private const int Keys = 12_000;
    private const int ValueBytes = 4_000;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Values_beyond_the_memory_are_kept_and_outlive_a_restart()
    {
        var folder = Directory.CreateTempSubdirectory("garnet-overflow-").FullName;
        var options = new GarnetOptions { DataPath = folder, MemoryMiB = 16 };
        try
        {
            await using (var server = await GarnetStandIn.StartAsync(options, cancellationToken: Cancel))
            {
                await using var store = await ConnectAsync(server);
                for (var start = 0; start < Keys; start += 1_000)
                    await store.TransactAsync([.. Enumerable.Range(start, 1_000).Select(Upsert)], Cancel);
                await AssertAllAsync(store);
            }

            await using var again = await GarnetStandIn.StartAsync(options, cancellationToken: Cancel);
            await using var reread = await ConnectAsync(again);
            await AssertAllAsync(reread);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    // A thousand values of a busy machine's disk take longer than the default allows.
    private static Task<IStateStore> ConnectAsync(GarnetStandIn server) => Stores.StartAsync(server.Address, ("readTimeout", "1m"));

    private static async Task AssertAllAsync(IStateStore store)
    {
        for (var start = 0; start < Keys; start += 1_000)
        {
            var keys = Enumerable.Range(start, 1_000).ToList();
            var items = await store.BulkGetAsync([.. keys.Select(Key)], Cancel);
            for (var i = 0; i < keys.Count; i++)
                Assert.True(items[i]?.Value.Span.SequenceEqual(Value(keys[i])), $"{Key(keys[i])} is {(items[i] is null ? "gone" : "another")}");
        }
    }

    private static StateOperation Upsert(int key) => new(StateOperationKind.Upsert, Key(key)) { Value = Value(key) };

    private static string Key(int key) => $"key-{key}";

    private static byte[] Value(int key)
    {
        var value = new byte[ValueBytes];
        new Random(key).NextBytes(value);
        return value;
    }
}
