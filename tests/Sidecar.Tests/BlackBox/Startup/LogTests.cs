using System.Text.Json;

namespace RealTimeMesh.Sidecar.Tests.BlackBox.Startup;

public sealed class LogTests
{
    [Fact]
    public async Task Line_begins_with_time_level_and_message_and_names_app_and_scope()
    {
        await using var daprd = await Daprd.StartAsync();
        await daprd.LoggedAsync("dapr initialized. Status: Running.");
        var line = daprd.Log.Split('\n').First(line => line.Contains("dapr initialized", StringComparison.Ordinal));
        Assert.Matches($@"^time=""\d{{4}}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)"" level=info msg=""dapr initialized\. Status: Running\. Init Elapsed \d+ms"" app_id={daprd.AppId} instance=\S+ scope=dapr\.runtime type=log ver=\S+$", line);
    }

    [Fact]
    public async Task Every_line_of_the_log_is_one_event()
    {
        await using var daprd = await Daprd.StartAsync(new DaprdSetup { Resources = [Manifests.InMemoryPubSub("pub"), "this: [is no yaml"] });
        Assert.Equal(0, await daprd.StopAsync());
        Assert.All(daprd.Log.Split('\n', StringSplitOptions.RemoveEmptyEntries), line => Assert.Matches(@"^time="".+ level=(debug|info|warning|error) msg=.+ type=log ver=\S+$", line));
    }

    [Fact]
    public async Task Json_log_has_one_object_a_line()
    {
        await using var daprd = await Daprd.StartAsync(new DaprdSetup { Flags = ["--log-as-json"] });
        Assert.Equal(0, await daprd.StopAsync());
        var lines = daprd.Log.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonDocument.Parse(line).RootElement).ToList();
        var started = lines.First(line => line.GetProperty("msg").GetString()!.StartsWith("dapr initialized", StringComparison.Ordinal));
        Assert.Equal(("info", "dapr.runtime", "log", daprd.AppId), (Text("level"), Text("scope"), Text("type"), Text("app_id")));

        string? Text(string name) => started.GetProperty(name).GetString();
    }

    [Fact]
    public async Task Log_file_takes_the_place_of_standard_output()
    {
        using var folder = new TempFolder();
        var file = Path.Combine(folder.Path, "daprd.log");
        await using var daprd = await Daprd.StartAsync(new DaprdSetup { Flags = [$"--log-file={file}"] });
        Assert.Equal(0, await daprd.StopAsync());
        Assert.Contains("Daprd shutdown gracefully", await File.ReadAllTextAsync(file), StringComparison.Ordinal);
        Assert.Equal("", daprd.Log);
    }

    [Fact]
    public async Task Lines_below_the_level_are_left_out()
    {
        await using var daprd = await Daprd.StartAsync(new DaprdSetup { Flags = ["--log-level=error"] });
        Assert.Equal(0, await daprd.StopAsync());
        Assert.DoesNotContain("level=info", daprd.Log, StringComparison.Ordinal);
        Assert.DoesNotContain("level=debug", daprd.Log, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Sidecar_without_an_app_port_does_not_wait_for_one()
    {
        await using var daprd = await Daprd.StartAsync();
        Assert.Equal(0, await daprd.StopAsync());
        Assert.DoesNotContain("waiting for application to listen on port", daprd.Log, StringComparison.Ordinal);
        Assert.DoesNotContain("This will block until the app is listening on that port.", daprd.Log, StringComparison.Ordinal);
    }

    [Fact]
    public async Task App_that_comes_later_is_waited_for_and_discovered()
    {
        var port = FreePorts.Next();
        await using var daprd = await Daprd.LaunchAsync(new DaprdSetup { AppPort = port });
        await daprd.LoggedAsync($"application protocol: http. waiting on port {port}.  This will block until the app is listening on that port.");
        await using var app = await TestApp.StartAsync("[]", port);
        await daprd.ReadyAsync();
        await daprd.LoggedAsync($"application discovered on port {port}");
    }
}
