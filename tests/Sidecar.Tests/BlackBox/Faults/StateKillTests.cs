using System.Collections.Concurrent;
using System.Net;
using System.Net.Http.Json;

namespace RealTimeMesh.Sidecar.Tests.BlackBox.Faults;

/// <summary>The sidecar ends by kill -9 while it writes state to a file.</summary>
public sealed class StateKillTests
{
    [Theory(Timeout = 600_000)]
    [InlineData(99)]
    public async Task Every_acknowledged_write_to_sqlite_is_there_after_the_restart(int seed)
    {
        var output = TestContext.Current.TestOutputHelper!;
        var random = new Random(seed);
        var folder = Directory.CreateTempSubdirectory("faults-").FullName;
        try
        {
            await using var daprd = await Daprd.StartAsync(new DaprdSetup { Resources = [Manifests.Component("ss", "state.sqlite", ("connectionString", Path.Combine(folder, "state.db")))] });
            var acknowledged = new ConcurrentDictionary<string, int>();
            for (var round = 0; round < 3; round++)
            {
                var wanted = acknowledged.Count + random.Next(50, 200);
                output.WriteLine($"seed {seed}: kill after {wanted} acknowledged writes");
                var writers = Enumerable.Range(0, 4).Select(writer => WriteAsync(daprd, acknowledged, $"{round}-{writer}")).ToArray();
                await Eventually.TrueAsync(() => acknowledged.Count >= wanted, () => $"{wanted} writes; {acknowledged.Count} are acknowledged");
                await daprd.KillAsync();
                await Task.WhenAll(writers);
                await daprd.RestartAsync();
                foreach (var (key, value) in acknowledged)
                    Assert.Equal($"{value}", await daprd.Http.GetStringAsync($"/v1.0/state/ss/{key}"));
            }
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    /// <summary>Until the sidecar is gone.</summary>
    private static async Task WriteAsync(Daprd daprd, ConcurrentDictionary<string, int> acknowledged, string prefix)
    {
        using var client = new HttpClient(new SocketsHttpHandler { UseProxy = false }) { BaseAddress = daprd.Http.BaseAddress };
        for (var number = 0; ; number++)
        {
            try
            {
                using var response = await client.PostAsJsonAsync("/v1.0/state/ss", new[] { new { key = $"{prefix}-{number}", value = number } });
                Assert.Equal(HttpStatusCode.NoContent, response.StatusCode);
            }
            catch (HttpRequestException)
            {
                return;
            }

            acknowledged[$"{prefix}-{number}"] = number;
        }
    }
}
