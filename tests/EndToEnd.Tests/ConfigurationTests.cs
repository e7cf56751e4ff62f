using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using RealTimeMesh.Testing;

namespace RealTimeMesh.EndToEnd.Tests;

public sealed class ConfigurationTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact(Timeout = 600_000)]
    public async Task Host_prints_every_fault_and_exits_2_before_anything_starts_when_pipeline_and_component_are_broken()
    {
        var folder = HostProcess.NewFolder("broken");
        var components = Path.Combine(folder, "components");
        var pipeline = Path.Combine(folder, "pipelines", "flights");
        Copy(Path.Combine(Repository.Root, "components", "embedded"), components);
        Copy(Path.Combine(Repository.Root, "pipelines", "flights"), pipeline);
        Edit(Path.Combine(pipeline, "pipeline.yaml"), "key: origin", "key: orign");
        Edit(Path.Combine(pipeline, "pipeline.yaml"), "worst: max(delay)", "worst: biggest(delay)");
        Edit(Path.Combine(components, "pubsub.yaml"), "type: pubsub.rocksdb", "type: pubsub.rockdb");
        var data = Path.Combine(folder, "data");
        await using var host = HostProcess.Start(data, "--pipelines", Path.Combine(folder, "pipelines"), "--components", components, "--free-ports");
        try
        {
            Assert.Equal(2, await host.ExitAsync(Cancel));
            var said = host.Output.ReplaceLineEndings(" ");
            foreach (var expected in (string[])["pipeline.yaml", "orign", "biggest", "pubsub.yaml", "pubsub.rockdb", "pubsub.rocksdb", "nothing was started"])
                Assert.Contains(expected, said, StringComparison.Ordinal);
            Assert.False(Directory.Exists(data));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact(Timeout = 600_000)]
    public async Task Host_says_which_port_is_in_use_and_takes_another()
    {
        using var squatter = new TcpListener(IPAddress.Loopback, 0);
        squatter.Start();
        var port = ((IPEndPoint)squatter.LocalEndpoint).Port;
        var folder = HostProcess.NewFolder("port");
        Directory.CreateDirectory(folder);
        var runFile = Path.Combine(folder, "dapr.yaml");
        var text = File.ReadAllText(Path.Combine(Repository.Root, "dapr.yaml"))
            .Replace("./services", Path.Combine(Repository.Root, "services"), StringComparison.Ordinal)
            .Replace("appPort: 8080", $"appPort: {port}", StringComparison.Ordinal);
        await File.WriteAllTextAsync(runFile, text, Cancel);
        await using var host = HostProcess.Start(
            Path.Combine(folder, "data"), "--run-file", runFile, "--pipelines", Path.Combine(Repository.Root, "pipelines"), "--components", Path.Combine(Repository.Root, "components", "embedded"), "--replay", "off");
        try
        {
            await host.ReadyAsync(Cancel);
            Assert.Contains($"port {port} (console) is in use", host.Output, StringComparison.Ordinal);
            using var http = new HttpClient();
            Assert.Equal(HttpStatusCode.OK, (await http.GetAsync(new Uri(host.Endpoints().GetProperty("console").GetString()!), Cancel)).StatusCode);
            host.Interrupt();
            Assert.Equal(0, await host.ExitAsync(Cancel));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact(Timeout = 600_000)]
    public async Task Host_names_the_data_folder_when_it_cannot_be_written()
    {
        var file = Path.GetTempFileName();
        try
        {
            await using var host = HostProcess.Start(Path.Combine(file, "data"), "--free-ports");
            Assert.Equal(1, await host.ExitAsync(Cancel));
            Assert.Contains("data folder", host.Output, StringComparison.Ordinal);
            Assert.Contains("--data", host.Output, StringComparison.Ordinal);
        }
        finally
        {
            File.Delete(file);
        }
    }

    [Fact(Timeout = 600_000)]
    public async Task Host_does_not_empty_a_folder_that_is_not_its_own()
    {
        var folder = HostProcess.NewFolder("precious");
        Directory.CreateDirectory(folder);
        await File.WriteAllTextAsync(Path.Combine(folder, "thesis.txt"), "years of work", Cancel);
        await using var host = HostProcess.Start(folder, "--fresh", "--free-ports");
        Assert.Equal(1, await host.ExitAsync(Cancel));
        Assert.Contains("--fresh", host.Output, StringComparison.Ordinal);
        Assert.Equal("years of work", await File.ReadAllTextAsync(Path.Combine(folder, "thesis.txt"), Cancel));
    }

    [Fact(Timeout = 600_000)]
    public async Task Host_refuses_a_data_folder_that_another_host_holds()
    {
        var folder = HostProcess.NewFolder("shared");
        await using var first = HostProcess.Start(folder, "--pipeline", "flights", "--replay", "off", "--free-ports", "--no-console");
        await first.ReadyAsync(Cancel);
        await using var second = HostProcess.Start(folder, "--pipeline", "flights", "--free-ports", "--no-console");
        Assert.Equal(1, await second.ExitAsync(Cancel));
        Assert.Contains($"process id {first.ProcessId}", second.Output.ReplaceLineEndings(" "), StringComparison.Ordinal);
    }

    [Fact(Timeout = 600_000)]
    public async Task Help_teaches_the_options()
    {
        var folder = HostProcess.NewFolder("help");
        await using var host = HostProcess.Start(folder, "--help");
        Assert.Equal(0, await host.ExitAsync(Cancel));
        foreach (var option in (string[])["--pipeline", "--data", "--components", "--replay", "--until-drained", "--summary", "--pipelines", "--no-console", "--fresh", "Examples"])
            Assert.Contains(option, host.Output, StringComparison.Ordinal);
    }

    [Fact(Timeout = 600_000)]
    public async Task A_bounded_run_that_stands_still_exits_1_with_the_reason_also_in_the_summary()
    {
        var folder = HostProcess.NewFolder("stall");
        var summary = Path.Combine(folder, "out.json");
        await using var host = HostProcess.Start(folder, "--pipeline", "flights", "--replay", "off", "--until-drained", "--stall-timeout", "1", "--free-ports", "--no-console", "--summary", summary);
        Assert.Equal(1, await host.ExitAsync(Cancel));
        Assert.Contains("no progress for 1 s", host.Output.ReplaceLineEndings(" "), StringComparison.Ordinal);
        var result = JsonDocument.Parse(await File.ReadAllTextAsync(summary, Cancel)).RootElement;
        Assert.False(result.GetProperty("succeeded").GetBoolean());
        Assert.Contains("departures-2001-01.parquet", result.GetProperty("reason").GetString(), StringComparison.Ordinal);
    }

    private static void Copy(string source, string target)
    {
        foreach (var file in Directory.GetFiles(source, "*", SearchOption.AllDirectories))
        {
            var destination = Path.Combine(target, Path.GetRelativePath(source, file));
            Directory.CreateDirectory(Path.GetDirectoryName(destination)!);
            File.Copy(file, destination);
        }
    }

    private static void Edit(string file, string from, string to)
    {
        var text = File.ReadAllText(file);
        Assert.Contains(from, text, StringComparison.Ordinal);
        File.WriteAllText(file, text.Replace(from, to, StringComparison.Ordinal));
    }
}
