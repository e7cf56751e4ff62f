using System.Net.Http.Json;
using System.Text.Json;
using RealTimeMesh.EndToEnd.Tests;

namespace RealTimeMesh.Chaos.Tests;

public sealed class KillTests(ITestOutputHelper output)
{
    private const int Kills = 5;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory(Timeout = 600_000)]
    [InlineData(20010101)]
    [InlineData(4711)]
    public async Task Killed_five_times_at_random_moments_the_run_ends_with_the_same_gold_and_a_balanced_ledger(int seed)
    {
        output.WriteLine($"seed {seed}");
        var random = new Random(seed);
        var total = FlightsGold.SourceRows;
        var moments = Enumerable.Range(0, Kills).Select(_ => random.NextInt64(1, total)).Order().ToArray();
        var data = HostProcess.NewFolder("kill");
        for (var i = 0; i < Kills; i++)
        {
            await using var killed = HostProcess.Start(data, Arguments());
            killed.KeepData = true;
            var position = await WaitForPositionAsync(killed, moments[i]);
            // From the moment on, anything from the next instruction to a few commits later.
            await Task.Delay(TimeSpan.FromMilliseconds(random.Next(0, 400)), TimeProvider.System, Cancel);
            await killed.KillAsync();
            output.WriteLine($"killed at source row {position} of {total}");
        }

        var summary = Path.Combine(data, "out.json");
        try
        {
            await using var host = HostProcess.Start(data, [.. Arguments(), "--summary", summary]);
            Assert.True(await host.ExitAsync(Cancel) == 0, host.Output);
            var result = JsonDocument.Parse(await File.ReadAllTextAsync(summary, Cancel)).RootElement;
            output.WriteLine(result.GetProperty("streams").ToString());
            long Count(string name) => result.GetProperty(name).GetInt64();
            Assert.Equal((0, 0), (Count("lost"), Count("duplicated")));
            Assert.Equal(Count("acked"), Count("applied") + Count("dead_lettered") + Count("late") + Count("quarantined"));
            Assert.Equal(total + File.ReadLines(FlightsGold.BadLines).Count(), Count("acked"));
            FlightsGold.AssertEqual(data);
        }
        finally
        {
            if (Directory.Exists(data))
                Directory.Delete(data, recursive: true);
        }
    }

    private static string[] Arguments() => ["--pipeline", "flights", "--replay", "max", "--until-drained", "--free-ports", "--no-console"];

    private static async Task<long> WaitForPositionAsync(HostProcess host, long wanted)
    {
        await host.ReadyAsync(Cancel);
        using var http = new HttpClient();
        while (true)
        {
            try
            {
                var reply = await http.GetFromJsonAsync<JsonElement>(new Uri(host.AppUrl("ingestion"), "/v1/sources"), Cancel);
                var position = reply.GetProperty("sources").EnumerateArray().Max(source => source.GetProperty("position").GetInt64());
                if (position >= wanted)
                    return position;
            }
            catch (Exception exception) when (exception is HttpRequestException or FileNotFoundException)
            {
                // The run may have ended before the moment came: then there is nothing left to kill, and the next start finds it drained.
                return wanted;
            }

            await Task.Delay(TimeSpan.FromMilliseconds(10), TimeProvider.System, Cancel);
        }
    }
}
