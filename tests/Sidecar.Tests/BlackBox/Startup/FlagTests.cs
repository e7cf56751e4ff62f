namespace RealTimeMesh.Sidecar.Tests.BlackBox.Startup;

public sealed class FlagTests
{
    [Theory]
    [InlineData("--nope", "unknown flag: --nope")]
    [InlineData("-nope=1", "unknown flag: --nope")]
    [InlineData("--app-max-concurrency=many", "invalid argument \"many\" for \"--app-max-concurrency\" flag")]
    [InlineData("--enable-profiling=perhaps", "invalid argument \"perhaps\" for \"--enable-profiling\" flag")]
    [InlineData("--dapr-block-shutdown-duration=soon", "invalid argument \"soon\" for \"--dapr-block-shutdown-duration\" flag")]
    [InlineData("--app-port", "flag needs an argument: --app-port")]
    public async Task Flag_that_cannot_be_followed_is_named_on_standard_error_with_the_usage(string flag, string fault)
    {
        var (exitCode, _, error) = await Executable.RunAsync(flag);
        Assert.NotEqual(0, exitCode);
        Assert.Contains(fault, error, StringComparison.Ordinal);
        Assert.Contains("--dapr-http-port", error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("parameter app-id cannot be empty")]
    [InlineData("parameter app-id cannot contain dots", "--app-id=a.b")]
    [InlineData("error parsing dapr-http-port flag: strconv.Atoi: parsing \\\"x\\\": invalid syntax", "--app-id=a", "--dapr-http-port=x")]
    [InlineData("the 'dapr-http-port' argument value 4000 conflicts with 'app-port'", "--app-id=a", "--dapr-http-port=4000", "--app-port=4000")]
    [InlineData("the 'dapr-grpc-port' argument value 4000 conflicts with 'app-port'", "--app-id=a", "--dapr-grpc-port", "4000", "-app-port", "4000")]
    [InlineData("invalid value for 'app-protocol': smtp", "--app-id=a", "--app-protocol=smtp")]
    [InlineData("invalid value for 'disable-init-endpoints': other", "--app-id=a", "--disable-init-endpoints=config,other")]
    [InlineData("value for 'health-probe-timeout' must be smaller than 'health-probe-interval'", "--app-id=a", "--app-health-probe-timeout=2000", "--app-health-probe-interval=1")]
    [InlineData("invalid mode: moon", "--app-id=a", "--mode=moon")]
    public async Task Settings_that_do_not_fit_together_end_the_process_with_code_1(string fault, params string[] flags)
    {
        var (exitCode, output, _) = await Executable.RunAsync(flags);
        Assert.Equal(1, exitCode);
        Assert.Contains("level=fatal", output, StringComparison.Ordinal);
        Assert.Contains(fault, output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("invalid value for --log-level: loud", "--app-id=a", "--log-level=loud")]
    [InlineData("invalid value for 'max-body-size' option", "--app-id=a", "--max-body-size=big")]
    public async Task Wrong_value_of_a_flag_ends_the_process_with_code_1(string fault, params string[] flags)
    {
        var (exitCode, output, _) = await Executable.RunAsync(flags);
        Assert.Equal(1, exitCode);
        Assert.Contains(fault, output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Version_is_printed_and_nothing_else_happens()
    {
        var (exitCode, output, _) = await Executable.RunAsync("--version");
        Assert.Equal(0, exitCode);
        Assert.Matches(@"^(edge|\d+\.\d+\.\d+(-rc\.\d+)?)\s*$", output);
    }

    [Fact]
    public async Task Build_information_names_version_and_commit()
    {
        var (exitCode, output, _) = await Executable.RunAsync("--build-info");
        Assert.Equal(0, exitCode);
        Assert.Matches(@"(?s)^Version: .+\nGit Commit: .*\nGit Version: ", output);
    }

    [Fact]
    public async Task Help_lists_the_flags_and_is_no_error()
    {
        var (exitCode, output, error) = await Executable.RunAsync("--help");
        Assert.Equal(0, exitCode);
        Assert.Contains("--resources-path", output + error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Flags_of_parts_that_are_left_out_are_accepted()
    {
        await using var daprd = await Daprd.StartAsync(new DaprdSetup
        {
            Flags =
            [
                "--actors-disseminate-timeout=20s", "--app-binding-options-timeout=10s", "--disable-builtin-k8s-secret-store", "--scheduler-job-streams=2",
                "--sentry-request-jwt-audiences=a,b", "--control-plane-trust-domain=x", "--dapr-http-max-request-size=8", "--dapr-http-read-buffer-size=8",
            ],
        });
        Assert.Equal(0, await daprd.StopAsync());
    }

    [Fact]
    public async Task Former_name_of_the_resources_path_is_followed()
    {
        using var folder = new TempFolder();
        folder.Write("state.yaml", Manifests.InMemoryState("store"));
        await using var daprd = await Daprd.StartAsync(new DaprdSetup { Flags = ["--components-path", folder.Path] });
        Assert.Equal(["store state.in-memory/v1"], await daprd.ComponentsAsync());
    }

    [Fact]
    public async Task Sidecar_starts_with_the_variables_of_its_test_alone()
    {
        await using var daprd = await Daprd.StartAsync(new DaprdSetup { Environment = new Dictionary<string, string> { ["NAMESPACE"] = "ns" } });
        Assert.Equal(0, await daprd.StopAsync());
    }
}
