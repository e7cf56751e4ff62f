using System.Diagnostics;
using RealTimeMesh.Components;

namespace RealTimeMesh.RocksDb.Tests;

/// <summary>This assembly started again as a process that publishes until it is killed, and prints what was acknowledged.</summary>
internal static class CrashVictim
{
    public const string Topic = "crash";
    public const int MessagesPerPublish = 20;
    private const string Folder = "ROCKSDB_TESTS_VICTIM_FOLDER";

    public static Process Start(string folder)
    {
        var start = new ProcessStartInfo("dotnet", [typeof(CrashVictim).Assembly.Location]) { RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment[Folder] = folder;
        // Runs StartupHook.Initialize before the test runner's own entry point.
        start.Environment["DOTNET_STARTUP_HOOKS"] = typeof(CrashVictim).Assembly.Location;
        return Process.Start(start)!;
    }

    public static void Run() => RunAsync(Environment.GetEnvironmentVariable(Folder)!).GetAwaiter().GetResult();

    private static async Task RunAsync(string folder)
    {
        await using var broker = await Brokers.StartAsync(new RocksDbPubSubType(), folder, TimeProvider.System);
        var first = 1;
        foreach (var partition in await broker.GetWatermarksAsync(Topic, default))
        {
            if (partition.High > 0)
                first = Math.Max(first, (await broker.ReadAsync(Topic, partition.Partition, partition.High - 1, 1, default))[0].Number() + 1);
        }

        for (var publish = first; ; publish++)
        {
            var value = BitConverter.GetBytes(publish);
            await broker.PublishAsync(Topic, [.. Enumerable.Range(0, MessagesPerPublish).Select(n => new OutgoingMessage($"{n}", value, default))], default);
            Console.Out.WriteLine(publish);
        }
    }
}
