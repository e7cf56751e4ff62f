using System.Net.Http.Json;
using System.Text.Json.Nodes;

namespace RealTimeMesh.SchemaRegistry.Tests;

/// <summary>Several registries on one folder: one writes, all answer; a copy can be taken and put back.</summary>
public sealed class SharedFolderTests
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    [Fact]
    public async Task A_second_registry_knows_at_once_what_the_first_acknowledged_and_hands_changes_on_to_it()
    {
        using var folder = new TemporaryFolder();
        await using var writer = await RunningRegistry.StartAsync(folder);
        await using var reader = await RunningRegistry.StartAsync(folder);

        for (var i = 0; i < 20; i++)
        {
            var id = await writer.RegisterOkAsync("s", Schemas.Record($$"""{"name":"f{{i}}","type":"int","default":0}"""));
            Assert.Equal(200, (await reader.SendAsync("GET", $"/schemas/ids/{id}")).Status);
            Assert.Equal(id, await reader.RegisterOkAsync("other", Schemas.Record($$"""{"name":"f{{i}}","type":"int","default":0}""")));
            Assert.Equal(i + 1, (await writer.SendAsync("GET", "/subjects/other/versions/latest")).Body!["version"]!.GetValue<int>());
        }

        Assert.Equal("""{"compatibility":"NONE"}""", (await reader.SendAsync("PUT", "/config/s", new JsonObject { ["compatibility"] = "NONE" })).Body!.ToJsonString());
        Assert.Equal("NONE", (await writer.SendAsync("GET", "/config/s")).Body!["compatibilityLevel"]!.GetValue<string>());
        var (status, body) = await reader.RegisterAsync("other", "\"string\"");
        Assert.Equal((409, 409), (status, body!["error_code"]!.GetValue<int>()));
        Assert.Equal(20, (await reader.SendAsync("DELETE", "/subjects/other")).Body!.AsArray().Count);
        Assert.Equal("""["s"]""", (await writer.SendAsync("GET", "/subjects")).Body!.ToJsonString());
    }

    [Fact]
    public async Task A_reader_takes_over_when_the_writer_is_gone()
    {
        using var folder = new TemporaryFolder();
        var writer = await RunningRegistry.StartAsync(folder);
        await using var second = await RunningRegistry.StartAsync(folder);
        await using var third = await RunningRegistry.StartAsync(folder);
        var id = await writer.RegisterOkAsync("s", Schemas.One);
        await writer.DisposeAsync();

        using var limit = new CancellationTokenSource(Limit, TimeProvider.System);
        while ((await third.RegisterAsync("s", Schemas.OneWithDefault)).Status != 200)
            await Task.Delay(TimeSpan.FromMilliseconds(10), TimeProvider.System, limit.Token);

        Assert.Equal("[1,2]", (await second.SendAsync("GET", "/subjects/s/versions")).Body!.ToJsonString());
        Assert.Equal(id, await second.RegisterOkAsync("s", Schemas.One));
    }

    [Fact]
    public async Task What_was_acknowledged_survives_a_kill_at_any_time()
    {
        using var folder = new TemporaryFolder();
        var random = new Random(4711);
        var acknowledged = new List<(string Subject, int Version, int Id, string Schema)>();
        for (var round = 0; round < 3; round++)
        {
            await using var process = await RegistryProcess.StartAsync(folder);
            var number = round;
            var clients = Enumerable.Range(0, 4).Select(client => Task.Run(() => RegisterUntilItEndsAsync(process.Http, $"s{client}", number, acknowledged))).ToArray();
            var before = Count(acknowledged);
            while (Count(acknowledged) < before + 20)
                await Task.Delay(TimeSpan.FromMilliseconds(5), TimeProvider.System, TestContext.Current.CancellationToken);

            await Task.Delay(TimeSpan.FromMilliseconds(random.Next(1, 50)), TimeProvider.System, TestContext.Current.CancellationToken);
            await process.KillAsync();
            await Task.WhenAll(clients);
        }

        await using var registry = await RunningRegistry.StartAsync(folder);
        foreach (var (subject, version, id, schema) in acknowledged)
        {
            var found = (await registry.SendAsync("GET", $"/subjects/{subject}/versions/{version}")).Body!;
            Assert.Equal((id, schema), (found["id"]!.GetValue<int>(), found["schema"]!.GetValue<string>()));
        }
    }

    [Fact]
    public async Task A_copy_is_taken_while_the_registry_runs_and_put_back_into_an_empty_one()
    {
        using var folder = new TemporaryFolder();
        using var other = new TemporaryFolder();
        var copy = Path.Combine(other.Path, "copy.log");
        await using (var registry = await RunningRegistry.StartAsync(folder))
        {
            await registry.RegisterOkAsync("s", Schemas.One);
            await registry.SendAsync("PUT", "/config/s", new JsonObject { ["compatibility"] = "FULL" });
            Assert.Equal((0, $"{copy}: 2 entries of {Path.Combine(folder.Path, "registry")}"), await CommandAsync(folder, "backup", copy));
            Assert.Equal(await File.ReadAllBytesAsync(copy, TestContext.Current.CancellationToken), await registry.Http.GetByteArrayAsync("/v1/backup", TestContext.Current.CancellationToken));
            var (code, refusal) = await CommandAsync(folder, "restore", copy, "--replace");
            Assert.Equal(1, code);
            Assert.Contains("in use", refusal, StringComparison.Ordinal);
        }

        Assert.Equal(0, (await CommandAsync(other, "restore", copy)).ExitCode);
        await using (var restored = await RunningRegistry.StartAsync(other))
        {
            Assert.Equal("""{"compatibilityLevel":"FULL"}""", (await restored.SendAsync("GET", "/config/s")).Body!.ToJsonString());
            await restored.RegisterOkAsync("later", Schemas.One);
        }

        var (refused, why) = await CommandAsync(other, "restore", copy);
        Assert.Equal(1, refused);
        Assert.Contains("--replace", why, StringComparison.Ordinal);
        Assert.Equal(0, (await CommandAsync(other, "restore", copy, "--replace")).ExitCode);
        await using var again = await RunningRegistry.StartAsync(other);
        Assert.Equal("""["s"]""", (await again.SendAsync("GET", "/subjects")).Body!.ToJsonString());
    }

    [Fact]
    public async Task A_damaged_copy_is_refused()
    {
        using var folder = new TemporaryFolder();
        var copy = Path.Combine(folder.Path, "copy.log");
        await File.WriteAllTextAsync(copy, """{"kind":"mode","mode":"READONLY"}""", TestContext.Current.CancellationToken);

        var (code, refusal) = await CommandAsync(folder, "restore", copy);

        Assert.Equal(1, code);
        Assert.Contains("ends within an entry", refusal, StringComparison.Ordinal);
    }

    private static async Task<(int ExitCode, string Output)> CommandAsync(TemporaryFolder folder, params string[] arguments)
    {
        var (code, output) = await RegistryProcess.CommandAsync(folder, arguments);
        return (code, output.Trim());
    }

    private static int Count(List<(string, int, int, string)> acknowledged)
    {
        lock (acknowledged)
            return acknowledged.Count;
    }

    private static async Task RegisterUntilItEndsAsync(HttpClient http, string subject, int round, List<(string Subject, int Version, int Id, string Schema)> acknowledged)
    {
        for (var i = 0; ; i++)
        {
            var schema = Schemas.Record($$"""{"name":"f{{round}}_{{i}}","type":"int","default":0}""");
            try
            {
                using var answer = await http.PostAsJsonAsync($"/subjects/{subject}/versions", new { schema });
                var body = await answer.Content.ReadFromJsonAsync<JsonObject>();
                Assert.True(answer.IsSuccessStatusCode, body?.ToJsonString());
                lock (acknowledged)
                    acknowledged.Add((subject, body!["version"]!.GetValue<int>(), body["id"]!.GetValue<int>(), schema));
            }
            catch (Exception e) when (e is HttpRequestException or IOException or System.Text.Json.JsonException)
            {
                // The process is gone.
                return;
            }
        }
    }
}
