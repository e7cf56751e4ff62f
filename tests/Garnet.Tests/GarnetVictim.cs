using System.Diagnostics;
using System.Text;
using RealTimeMesh.Components;
using RealTimeMesh.Redis.Tests;

namespace RealTimeMesh.Garnet.Tests;

/// <summary>This assembly started again as a process with a Garnet server, which writes transactions until it is killed and prints those acknowledged.</summary>
internal static class GarnetVictim
{
    private const string Folder = "GARNET_TESTS_VICTIM_FOLDER";

    public static IReadOnlyList<string> Keys { get; } = [.. Enumerable.Range(0, 50).Select(n => $"victim||{n}")];

    public static Process Start(string folder)
    {
        var start = new ProcessStartInfo("dotnet", [typeof(GarnetVictim).Assembly.Location]) { RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment[Folder] = folder;
        // Runs StartupHook.Initialize before the test runner's own entry point.
        start.Environment["DOTNET_STARTUP_HOOKS"] = typeof(GarnetVictim).Assembly.Location;
        return Process.Start(start)!;
    }

    public static void Run() => RunAsync(Environment.GetEnvironmentVariable(Folder)!).GetAwaiter().GetResult();

    private static async Task RunAsync(string folder)
    {
        await using var server = await GarnetStandIn.StartAsync(new GarnetOptions { DataPath = folder });
        await using var store = await Stores.StartAsync(server.Address);
        var last = await store.GetAsync(Keys[0], default);
        for (var n = last is null ? 1 : int.Parse(Encoding.UTF8.GetString(last.Value.Span)) + 1; ; n++)
        {
            var value = Encoding.UTF8.GetBytes($"{n}");
            await store.TransactAsync([.. Keys.Select(k => new StateOperation(StateOperationKind.Upsert, k) { Value = value })], default);
            Console.Out.WriteLine(n);
        }
    }
}
