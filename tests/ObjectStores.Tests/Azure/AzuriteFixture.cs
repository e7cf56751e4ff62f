namespace RealTimeMesh.ObjectStores.Tests.Azure;

/// <summary>One Azurite for the tests of a class; none where it is not installed.</summary>
public sealed class AzuriteFixture : IAsyncLifetime
{
    internal AzuriteServer? Server { get; private set; }

    public async ValueTask InitializeAsync() => Server = NpmServer.Absent(AzuriteServer.Program) is null ? await AzuriteServer.StartAsync() : null;

    public ValueTask DisposeAsync() => Server?.DisposeAsync() ?? ValueTask.CompletedTask;
}
