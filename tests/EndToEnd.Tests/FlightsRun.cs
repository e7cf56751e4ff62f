using System.Text.Json;

namespace RealTimeMesh.EndToEnd.Tests;

/// <summary>One bounded run of the flights pipeline, shared by the tests that look at its result.</summary>
public sealed class FlightsRun : IAsyncLifetime
{
    public string DataPath { get; } = HostProcess.NewFolder("flights");

    public int ExitCode { get; private set; } = -1;

    public string Output { get; private set; } = "";

    public JsonElement Summary { get; private set; }

    private HostProcess? _host;

    public async ValueTask InitializeAsync()
    {
        var summary = Path.Combine(DataPath, "out.json");
        _host = HostProcess.Start(DataPath, "--pipeline", "flights", "--replay", "max", "--until-drained", "--fresh", "--free-ports", "--no-console", "--summary", summary);
        ExitCode = await _host.ExitAsync(TestContext.Current.CancellationToken);
        Output = _host.Output;
        if (File.Exists(summary))
            Summary = JsonDocument.Parse(await File.ReadAllTextAsync(summary)).RootElement;
    }

    public async ValueTask DisposeAsync()
    {
        if (_host is not null)
            await _host.DisposeAsync();
    }
}
