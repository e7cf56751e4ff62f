using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using RealTimeMesh.Testing;

namespace RealTimeMesh.EndToEnd.Tests;

/// <summary>The sample of retries as a user starts it: an app of another language in the host, its tiers and dead letters from YAML.</summary>
public sealed partial class RetriesRunTests : IAsyncDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("retries-").FullName;
    private readonly HttpClient _http = new() { Timeout = TimeSpan.FromMinutes(2) };

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public ValueTask DisposeAsync()
    {
        _http.Dispose();
        Directory.Delete(_folder, recursive: true);
        return ValueTask.CompletedTask;
    }

    [Fact(Timeout = 900_000)]
    public async Task By_a_return_topic_an_app_gets_events_again_after_its_tiers_others_overtake_and_the_rest_are_letters()
    {
        Assert.SkipWhen(!OnPath("node"), "not installed: node (apt-get install nodejs)");
        await using var host = await StartAsync("return: orders.retry", "[1s, 3s]");
        await PublishAsync(host, """{"id":1,"fails":2}""", """{"id":2}""", """{"id":3,"fails":99}""", """{"id":4}""", """{"id":5,"fails":1}""");
        await EventuallyAsync(() => Task.FromResult(Given(host).Count == 3 + 1 + 3 + 1 + 2));
        // Nobody waits for those that failed: all have been tried once before any is tried again.
        Assert.Equal([1, 2, 3, 4, 5], Given(host).Take(5).Select(given => given.Id).Order());
        Assert.All(Given(host).Take(5), given => Assert.Equal(1, given.Attempt));
        // An event that returns is as it was: it says that it is of orders, whatever topic brings it.
        Assert.All(Given(host), given => Assert.Equal("orders", given.Topic));
        Assert.Equal(["1#2", "1#3", "3#2", "3#3", "5#2"], Given(host).Skip(5).Select(given => $"{given.Id}#{given.Attempt}").Order(StringComparer.Ordinal));
        // No earlier than the tiers say; how much later, a slow machine may decide.
        Assert.InRange(After(host, 1, 2), 1_000, double.MaxValue);
        Assert.InRange(After(host, 1, 3), 3_000, double.MaxValue);

        var letter = Assert.Single(await LettersAsync(host, 1));
        Assert.Equal(("transient", "sample", "orders", 3), (Text(letter, "reason", "class"), Text(letter, "origin", "consumer"), Text(letter, "origin", "topic"), letter.GetProperty("attempts").GetInt32()));
        Assert.Contains("orders.failed.retry.sample.1s", await _http.GetStringAsync(new Uri(host.AppUrl("retries"), "/v1/retries"), Cancel), StringComparison.Ordinal);

        // Mended by hand: it goes to the app's topic once more.
        var redriven = await LakeProcess.HostAsync(new Dictionary<string, string>(), "dead-letters", "redrive", "--consumer", "sample", "--data", host.DataPath, "--yes");
        Assert.True(redriven.Code == 0, redriven.Output + redriven.Errors);
        await EventuallyAsync(() => Task.FromResult(Given(host).Any(given => given is { Id: 3, Attempt: > 3 })));
        host.Interrupt();
        Assert.Equal(0, await host.ExitAsync(Cancel));
    }

    [Fact(Timeout = 900_000)]
    public async Task By_its_route_an_event_that_the_app_drops_is_a_letter_before_one_that_waits_is_tried_again()
    {
        Assert.SkipWhen(!OnPath("node"), "not installed: node (apt-get install nodejs)");
        await using var host = await StartAsync("path: /orders", "[30m]");
        await PublishAsync(host, """{"id":1,"fails":99}""", """{"id":2,"drop":true}""", """{"id":3}""");
        var letter = Assert.Single(await LettersAsync(host, 1));
        Assert.Equal(("poison", "dropped"), (Text(letter, "reason", "class"), Text(letter, "reason", "rule")));
        Assert.Contains("\"id\":2", letter.GetProperty("preview").GetString()!.Replace(" ", "", StringComparison.Ordinal), StringComparison.Ordinal);
        // Delivered, asked once more at once, and waiting since.
        Assert.InRange(Given(host).Count(given => given.Id == 1), 1, 2);
    }

    [Fact(Timeout = 900_000)]
    public async Task A_policy_that_is_wrong_is_told_with_its_place_and_nothing_starts()
    {
        Write("retrun: orders.retry", "[1s, soon]");
        await using var host = Start();
        Assert.Equal(2, await host.ExitAsync(Cancel));
        Assert.Contains("orders.yaml", host.Output, StringComparison.Ordinal);
        Assert.Contains("retrun", host.Output, StringComparison.Ordinal);
        Assert.Contains("soon", host.Output, StringComparison.Ordinal);
    }

    private static bool OnPath(string program) => (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Any(folder => File.Exists(Path.Combine(folder, program)));

    private static string? Text(JsonElement letter, string part, string name) => letter.GetProperty(part).GetProperty(name).GetString();

    /// <summary>What the app says it was given, in order.</summary>
    private static List<(int Id, int Attempt, string Topic, double At)> Given(HostProcess host) =>
        [.. Said().Matches(host.Output).Select(said => JsonDocument.Parse(said.Groups[1].Value).RootElement).Select(said => (said.GetProperty("id").GetInt32(), said.GetProperty("attempt").GetInt32(), said.GetProperty("topic").GetString()!, said.GetProperty("at").GetDouble()))];

    /// <summary>Milliseconds from one attempt to the next, by the app's clock.</summary>
    private static double After(HostProcess host, int id, int attempt) =>
        Given(host).Single(given => given.Id == id && given.Attempt == attempt).At - Given(host).Single(given => given.Id == id && given.Attempt == attempt - 1).At;

    [GeneratedRegex(@"sample \| (\{.*\})")]
    private static partial Regex Said();

    private async Task<HostProcess> StartAsync(string way, string tiers)
    {
        Write(way, tiers);
        var host = Start();
        await host.ReadyAsync(Cancel);
        return host;
    }

    private HostProcess Start() => HostProcess.Start(
        HostProcess.NewFolder("retries"), "--run-file", Path.Combine(_folder, "dapr.yaml"), "--retries", Path.Combine(_folder, "orders.yaml"), "--components", Path.Combine(Repository.Root, "components", "embedded"),
        "--pipelines", Path.Combine(Repository.Root, "pipelines"), "--replay", "off", "--free-ports", "--no-console");

    /// <summary>The sample's files, with tiers that a test can wait for.</summary>
    private void Write(string way, string tiers)
    {
        var sample = Path.Combine(Repository.Root, "samples", "retries");
        File.WriteAllText(Path.Combine(_folder, "dapr.yaml"), File.ReadAllText(Path.Combine(sample, "dapr.yaml"))
            .Replace("appDirPath: .\n", $"appDirPath: {sample}\n", StringComparison.Ordinal).Replace("../../", $"{Repository.Root}/", StringComparison.Ordinal));
        File.WriteAllText(Path.Combine(_folder, "orders.yaml"), File.ReadAllText(Path.Combine(sample, "orders.yaml"))
            .Replace("return: orders.retry", way, StringComparison.Ordinal).Replace("[10s, 1m, 10m]", tiers, StringComparison.Ordinal));
    }

    private async Task PublishAsync(HostProcess host, params string[] orders)
    {
        var dapr = new Uri($"http://127.0.0.1:{host.Endpoints().GetProperty("apps").GetProperty("sample").GetProperty("dapr_http_port")}");
        foreach (var order in orders)
        {
            using var response = await _http.PostAsync(new Uri(dapr, "/v1.0/publish/pubsub/orders"), new StringContent(order, Encoding.UTF8, "application/json"), Cancel);
            Assert.True(response.IsSuccessStatusCode, await response.Content.ReadAsStringAsync(Cancel));
        }
    }

    private async Task<IReadOnlyList<JsonElement>> LettersAsync(HostProcess host, int count)
    {
        var letters = new Uri(host.Endpoints().GetProperty("dead_letters").GetString()!);
        IReadOnlyList<JsonElement> found = [];
        await EventuallyAsync(async () => (found = [.. (await _http.GetFromJsonAsync<JsonElement>(new Uri(letters, "/v1/letters"), Cancel)).GetProperty("items").EnumerateArray()]).Count >= count);
        return found;
    }

    private static async Task EventuallyAsync(Func<Task<bool>> holds)
    {
        while (!await holds())
            await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System, Cancel);
    }
}
