using Microsoft.AspNetCore.Builder;
using RealTimeMesh.Console.Tests.Fakes;
using RealTimeMesh.Testing;

namespace RealTimeMesh.Console.Tests;

/// <summary>A console over a fake mesh, both on ports of their own.</summary>
internal sealed class ConsoleUnderTest : IAsyncDisposable
{
    private readonly string _data = Directory.CreateTempSubdirectory("console-").FullName;
    private WebApplication? _app;

    public FakeMesh Mesh { get; } = new();

    public Uri Url { get; private set; } = null!;

    public static string PipelinesPath { get; } = Repository.PathOf("pipelines");

    public static async Task<ConsoleUnderTest> StartAsync(params string[] settings)
    {
        var test = new ConsoleUnderTest();
        await test.Mesh.StartAsync();
        test._app = ConsoleApp.Build(
        [
            "--urls=http://127.0.0.1:0", "--MESH_IN_PROCESS=true", $"--MESH_DATA={test._data}", $"--MESH_PIPELINES={PipelinesPath}", "--MESH_CONSOLE_POLL_MS=100", "--MESH_CONSOLE_SETTLE_MS=600",
            .. test.Mesh.Settings(), .. settings,
        ]);
        await test._app.StartAsync();
        test.Url = new Uri(test._app.Urls.First());
        return test;
    }

    public async ValueTask DisposeAsync()
    {
        if (_app is not null)
        {
            await _app.StopAsync();
            await _app.DisposeAsync();
        }

        await Mesh.DisposeAsync();
        Directory.Delete(_data, recursive: true);
    }
}
