using System.Runtime.InteropServices;
using Microsoft.AspNetCore.Http;

namespace RealTimeMesh.Sidecar.Tests.BlackBox.HotReload;

/// <summary>SIGHUP, and files whose change has the same effect: the runtime is built anew in the same process.</summary>
public sealed class RestartTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Signal_makes_the_sidecar_read_its_configuration_again()
    {
        await using var daprd = await Daprd.StartAsync(new DaprdSetup { Configs = [Configuration("metrics: {http: {increasedCardinality: false}}\n  tracing: {samplingRate: '0'}")] });
        await daprd.LoggedAsync("increasedCardinality\\\":false");
        await daprd.LoggedAsync("TraceIDRatioBased{0}");
        await File.WriteAllTextAsync(Path.Combine(daprd.ConfigsFolder, "0.yaml"), Configuration("metrics: {http: {increasedCardinality: true}}\n  tracing: {samplingRate: '1'}\n  features: [{name: Added, enabled: true}]"));
        daprd.Signal(PosixSignal.SIGHUP);
        await daprd.LoggedAsync("increasedCardinality\\\":true");
        await daprd.LoggedAsync("root:AlwaysOnSampler");
        await HasFeatureAsync(daprd, "Added");
        Assert.Equal(0, await daprd.StopAsync());
    }

    [Fact]
    public async Task Signal_makes_the_sidecar_read_its_resources_again()
    {
        _folder.Write("1.yaml", Manifests.InMemoryState("a"));
        await using var daprd = await Daprd.StartAsync(new DaprdSetup
        {
            Configs = [Configuration("features: [{name: HotReload, enabled: false}]")],
            Flags = [_folder.Flag],
        });
        _folder.Write("1.yaml", Manifests.InMemoryState("b"));
        daprd.Signal(PosixSignal.SIGHUP);
        await daprd.LoggedAsync("Component loaded: b (state.in-memory/v1)");
        await daprd.ReadyAsync();
        await daprd.HasComponentsAsync("b state.in-memory/v1");
    }

    [Fact]
    public async Task Signals_in_a_row_are_followed_and_the_sidecar_still_ends_with_code_0()
    {
        await using var daprd = await Daprd.StartAsync(new DaprdSetup { Flags = [_folder.Flag] });
        for (var i = 0; i < 3; i++)
        {
            daprd.Signal(PosixSignal.SIGHUP);
            await daprd.ReadyAsync();
        }

        Assert.Equal(0, await daprd.StopAsync());
    }

    [Fact]
    public async Task Configuration_that_became_wrong_ends_the_process_at_the_signal()
    {
        await using var daprd = await Daprd.StartAsync(new DaprdSetup { Configs = [Configuration("tracing: {samplingRate: '0'}")] });
        await File.WriteAllTextAsync(Path.Combine(daprd.ConfigsFolder, "0.yaml"), "spec: [");
        daprd.Signal(PosixSignal.SIGHUP);
        Assert.Equal(1, await daprd.ExitedAsync());
        await daprd.LoggedAsync("Fatal error from runtime: error loading configuration: yaml: ");
    }

    [Theory]
    [InlineData("Configuration", "tracing: {samplingRate: '1'}", "tracing: {samplingRate: '0'}")]
    [InlineData("Resiliency", "policies: {timeouts: {general: 5s}}\n  targets: {}", "policies: {timeouts: {general: 6s}}\n  targets: {}")]
    [InlineData("HTTPEndpoint", "baseUrl: http://localhost:1234", "baseUrl: http://localhost:1235")]
    public async Task File_of_a_kind_that_needs_a_restart_causes_it(string kind, string spec, string changed)
    {
        await using var daprd = await Daprd.StartAsync(new DaprdSetup { Flags = [_folder.Flag] });
        _folder.Write("res.yaml", Resource(kind, "mine", spec));
        await daprd.LoggedAsync($"Received {kind} CREATED event: mine - triggering SIGHUP reload");
        await daprd.ReadyAsync();
        await RunsAsync(daprd, 2);
        _folder.Write("res.yaml", Resource(kind, "mine", changed));
        await daprd.LoggedAsync($"Received {kind} UPDATED event: mine - triggering SIGHUP reload");
        await RunsAsync(daprd, 3);
        _folder.Remove("res.yaml");
        await daprd.LoggedAsync($"Received {kind} DELETED event: mine - triggering SIGHUP reload");
        await RunsAsync(daprd, 4);
        await daprd.ReadyAsync();
        Assert.Equal(0, await daprd.StopAsync());
    }

    [Fact]
    public async Task Resiliency_in_effect_is_told_by_its_name()
    {
        await using var daprd = await Daprd.StartAsync(new DaprdSetup { Flags = [_folder.Flag] });
        foreach (var name in (string?[])["mine", "mine-v2", null])
        {
            if (name is null)
                _folder.Remove("res.yaml");
            else
                _folder.Write("res.yaml", Resource("Resiliency", name, "policies: {timeouts: {general: 5s}}\n  targets: {}"));
            await NamesAsync(daprd, "resiliencies", name);
            var answer = await daprd.Grpc.GetMetadataAsync(new Dapr.Client.Autogen.Grpc.v1.GetMetadataRequest());
            Assert.Equal(name is null ? [] : [name], answer.Resiliencies.Select(resiliency => resiliency.Name));
        }
    }

    [Fact]
    public async Task Endpoint_can_be_invoked_while_its_file_is_there()
    {
        await using var server = await WebTestApp.StartAsync(context => context.Response.WriteAsync("here"));
        await using var daprd = await Daprd.StartAsync(new DaprdSetup { Flags = [_folder.Flag] });
        foreach (var isThere in (bool[])[false, true, false, true])
        {
            if (isThere)
                _folder.Write("res.yaml", Resource("HTTPEndpoint", "mine", $"baseUrl: http://localhost:{server.Port}"));
            else if (File.Exists(Path.Combine(_folder.Path, "res.yaml")))
                _folder.Remove("res.yaml");
            await NamesAsync(daprd, "httpEndpoints", isThere ? "mine" : null);
            var answer = await daprd.GetAsync("/v1.0/invoke/mine/method/hello");
            Assert.Equal(isThere ? "200 here" : "500", isThere ? $"{(int)answer.Status} {answer.Body}" : $"{(int)answer.Status}");
        }
    }

    [Fact]
    public async Task File_that_says_the_same_again_causes_no_restart()
    {
        var endpoint = Resource("HTTPEndpoint", "mine", "baseUrl: http://localhost:1234");
        _folder.Write("res.yaml", endpoint);
        await using var daprd = await Daprd.StartAsync(new DaprdSetup { Flags = [_folder.Flag] });
        _folder.Write("res.yaml", "# a remark\n" + endpoint);
        _folder.Write("marker.yaml", Manifests.InMemoryState("marker"));
        await daprd.HasComponentsAsync("marker state.in-memory/v1");
        Assert.DoesNotContain("triggering SIGHUP reload", daprd.Log, StringComparison.Ordinal);
    }

    private static Task RunsAsync(Daprd daprd, int count) => Eventually.TrueAsync(
        () => daprd.Log.Split("dapr initialized. Status: Running.").Length - 1 >= count, () => $"{count} runs in\n{daprd.Log}");

    /// <summary>Waits until a list of the metadata has this name alone, or none.</summary>
    private static Task NamesAsync(Daprd daprd, string list, string? name) => Eventually.TrueAsync(
        async () =>
        {
            try
            {
                return DaprdReads.List(await daprd.MetadataAsync(), list).Select(item => item.GetProperty("name").GetString()).SequenceEqual(name is null ? [] : [name]);
            }
            catch (HttpRequestException)
            {
                // Between two runs nobody listens.
                return false;
            }
        },
        () => $"{list} [{name}]\n{daprd.Log}");

    private static Task HasFeatureAsync(Daprd daprd, string name) => Eventually.TrueAsync(
        async () =>
        {
            try
            {
                return DaprdReads.List(await daprd.MetadataAsync(), "enabledFeatures").Any(feature => feature.GetString() == name);
            }
            catch (HttpRequestException)
            {
                // Between two runs nobody listens.
                return false;
            }
        },
        () => $"feature {name}");

    private static string Configuration(string spec) => Resource("Configuration", "config", spec);

    private static string Resource(string kind, string name, string spec) => $"""
        apiVersion: dapr.io/v1alpha1
        kind: {kind}
        metadata: {"{"}name: {name}{"}"}
        spec:
          {spec}
        """;
}
