using RealTimeMesh.Garnet;

namespace RealTimeMesh.Redis.Tests;

/// <summary>A Garnet server for a class of tests.</summary>
public sealed class GarnetFixture : IAsyncLifetime
{
    private readonly string _folder = Directory.CreateTempSubdirectory("garnet-").FullName;
    private GarnetStandIn? _server;

    public GarnetStandIn Server => _server!;

    public async ValueTask InitializeAsync() => _server = await GarnetStandIn.StartAsync(new GarnetOptions { DataPath = _folder });

    public async ValueTask DisposeAsync()
    {
        if (_server is not null)
            await _server.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }
}
