namespace RealTimeMesh.Polyglot.Tests;

/// <summary>The app of a sample and its sidecar.</summary>
internal sealed class Sample : IAsyncDisposable
{
    private readonly Daprd _daprd;
    private readonly IReadOnlyDictionary<string, string> _environment;

    private Sample(Daprd daprd, RunningProgram app, IReadOnlyDictionary<string, string> environment) => (_daprd, App, _environment) = (daprd, app, environment);

    public RunningProgram App { get; }

    /// <summary>Starts both and waits until they are ready.</summary>
    /// <param name="script">Below the folder of the samples.</param>
    /// <param name="isReady">The line by which the app says so.</param>
    public static async Task<Sample> StartAsync(string program, string script, Func<string, bool> isReady)
    {
        var port = FreePorts.Next();
        var daprd = await Daprd.LaunchAsync(new DaprdSetup
        {
            AppId = "sample",
            AppPort = port,
            Resources = [.. Directory.GetFiles(Path.Combine(Clients.Samples, "components")).Order(StringComparer.Ordinal).Select(File.ReadAllText)],
        });
        var environment = new Dictionary<string, string>
        {
            ["APP_ID"] = daprd.AppId,
            ["APP_PORT"] = $"{port}",
            ["DAPR_HTTP_PORT"] = $"{daprd.HttpPort}",
            ["DAPR_GRPC_PORT"] = $"{daprd.GrpcPort}",
        };
        var sample = new Sample(daprd, RunningProgram.Start(program, [Path.Combine(Clients.Samples, script)], environment), environment);
        try
        {
            await sample.App.LineAsync(isReady, $"{script} to be ready");
            await daprd.ReadyAsync();
            return sample;
        }
        catch
        {
            await sample.DisposeAsync();
            throw;
        }
    }

    /// <summary>Runs a script of the folder <c>curl</c>.</summary>
    public Task<string> ShellAsync(string script) => RunAsync("sh", Path.Combine("curl", script));

    /// <summary>Runs a program of the samples to its end; tells what it wrote.</summary>
    public Task<string> RunAsync(string program, string script) => Programs.OutputAsync(program, [Path.Combine(Clients.Samples, script)], _environment);

    public async ValueTask DisposeAsync()
    {
        await App.DisposeAsync();
        await _daprd.DisposeAsync();
    }
}
