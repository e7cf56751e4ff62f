using System.Diagnostics;
using System.Net.Http.Json;
using System.Text.Json;
using RealTimeMesh.Components;
using RealTimeMesh.Contracts.DeadLetters;
using RealTimeMesh.DeadLetters.Letters;

namespace RealTimeMesh.DeadLetters.Tests;

public sealed class RedriveKillTests(ITestOutputHelper output)
{
    private const int Letters = 100_000;
    private const int Kills = 3;

    [Theory]
    [InlineData(1, true)]
    [InlineData(2, true)]
    [InlineData(3, false)]
    public async Task A_redrive_of_100_000_that_is_killed_again_and_again_writes_every_letter_once(int seed, bool resumesItself)
    {
        var folder = Directory.CreateTempSubdirectory("letters-").FullName;
        try
        {
            await FillAsync(folder);
            var random = new Random(seed);
            var moments = Enumerable.Range(0, Kills).Select(_ => random.Next(1, Letters)).Order().ToArray();
            string? id = null;
            for (var kill = 0; kill <= Kills; kill++)
            {
                await using var server = await Server.StartAsync(folder, resumesItself);
                if (id is null)
                    id = (await server.PostAsync("/v1/redrives", new { filter = new { rule = "type" } }, 202)).GetProperty("id").GetString()!;
                else if (!resumesItself && (await server.GetAsync($"/v1/jobs/{id}")).GetProperty("state").GetString() == "paused")
                    await server.PostAsync($"/v1/jobs/{id}/resume", new { }, 200);
                var until = kill == Kills ? Letters : moments[kill];
                var reached = await server.DoneAsync(id, until);
                output.WriteLine($"ended at {reached} of {Letters}, meant {until}");
                if (kill == Kills)
                    break;
                // Not at the end of a batch: somewhere within the next ones.
                await Task.Delay(TimeSpan.FromMilliseconds(random.Next(30)), TimeProvider.System);
                server.Kill();
            }

            await CheckAsync(folder, id!, resumesItself);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static async Task FillAsync(string folder)
    {
        await using var mesh = await LettersMesh.StartAsync(folder);
        await mesh.FailAsync(Enumerable.Range(0, Letters).Select(n => Letter(n, "type")).Concat(Enumerable.Range(0, 500).Select(n => Letter(n, "missing"))), "orders.dlq");

        static DeadLetterRecord Letter(int n, string rule) => Records.Record($"{rule} {n}", rule, consumer: "shop", topic: "orders") with { Origin = new DeadLetterOrigin("shop", "orders") { Key = $"k{n % 100}", Source = $"k{n % 100}" } };
    }

    private static async Task CheckAsync(string folder, string id, bool resumesItself)
    {
        await using var mesh = await LettersMesh.StartAsync(folder);
        var job = await mesh.GetAsync($"/v1/jobs/{id}");
        Assert.Equal(("done", Letters), (job.GetProperty("state").GetString()!, job.GetProperty("done").GetInt32()));
        Assert.Equal(Letters, job.GetProperty("destinations").GetProperty("orders").GetInt32());
        var resumed = (await mesh.GetAsync("/v1/audit?limit=500")).EnumerateArray().Where(line => line.GetProperty("what").GetString() == "resume job" && line.GetProperty("stage").GetString() == "done").ToArray();
        Assert.InRange(resumed.Length, 1, Kills);
        Assert.All(resumed, line => Assert.Equal(resumesItself, line.GetProperty("who").GetString() == "mesh"));
        var messages = await mesh.MessagesAsync("orders");
        Assert.Equal(Letters, messages.Count);
        Assert.Equal(Letters, messages.Select(message => message.Headers.Find("mesh-redrive")).Distinct().Count());
        Assert.Equal(Letters, messages.Select(LettersMesh.Text).Distinct().Count());
        Assert.All(messages.GroupBy(message => message.Key), key =>
        {
            var numbers = key.Select(message => int.Parse(LettersMesh.Text(message).Split(' ')[1], System.Globalization.CultureInfo.InvariantCulture)).ToArray();
            Assert.Equal(numbers.Order(), numbers);
        });
        var groups = (await mesh.GetAsync("/v1/groups")).GetProperty("items").EnumerateArray().ToDictionary(group => group.GetProperty("rule").GetString()!, group => group.GetProperty("states"));
        Assert.Equal((0, 0, Letters), (groups["type"].GetProperty("open").GetInt32(), groups["type"].GetProperty("redriving").GetInt32(), groups["type"].GetProperty("redriven").GetInt32()));
        Assert.Equal(500, groups["missing"].GetProperty("open").GetInt32());
        Assert.Equal(LetterState.Redriven.ToString(), (await mesh.GetAsync("/v1/letters?rule=type&limit=1")).GetProperty("items")[0].GetProperty("state").GetString(), ignoreCase: true);
    }

    /// <summary>Dead letters in a process of their own.</summary>
    private sealed class Server(Process process, HttpClient http) : IAsyncDisposable
    {
        public static async Task<Server> StartAsync(string folder, bool resumesJobs)
        {
            var start = new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "RealTimeMesh.DeadLetters.Serving.dll"), folder]) { RedirectStandardOutput = true };
            start.Environment["MESH_DEAD_LETTER_RESUME"] = resumesJobs ? "true" : "false";
            var process = Process.Start(start)!;
            using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(120));
            var address = await process.StandardOutput.ReadLineAsync(patience.Token) ?? throw new InvalidOperationException("it ended before it listened");
            return new Server(process, new HttpClient { BaseAddress = new Uri(address), Timeout = TimeSpan.FromSeconds(60) });
        }

        public async Task<JsonElement> GetAsync(string path) => JsonDocument.Parse(await http.GetStringAsync(new Uri(path, UriKind.Relative))).RootElement;

        public async Task<JsonElement> PostAsync(string path, object body, int status)
        {
            var response = await http.PostAsJsonAsync(path, body);
            var text = await response.Content.ReadAsStringAsync();
            Assert.True((int)response.StatusCode == status, text);
            return JsonDocument.Parse(text).RootElement;
        }

        /// <summary>Waits until so many are done, or the job is over.</summary>
        public async Task<int> DoneAsync(string id, int count)
        {
            using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(240));
            while (true)
            {
                var job = await GetAsync($"/v1/jobs/{id}");
                var (done, state) = (job.GetProperty("done").GetInt32(), job.GetProperty("state").GetString());
                Assert.True(state is "running" or "done", job.GetRawText());
                if (state == "done" || (done >= count && count < Letters))
                    return done;
                await Task.Delay(TimeSpan.FromMilliseconds(5), TimeProvider.System, patience.Token);
            }
        }

        public void Kill() => process.Kill();

        public async ValueTask DisposeAsync()
        {
            http.Dispose();
            if (!process.HasExited)
                process.Kill();
            await process.WaitForExitAsync();
            process.Dispose();
        }
    }
}
