namespace RealTimeMesh.Sidecar.Tests.BlackBox.Publish;

/// <summary>A sidecar over an in-memory pub/sub <c>mypubsub</c>, and an app that subscribes to its topic <c>t</c>; one for all tests of a class.</summary>
public sealed class PublishingSidecar : IAsyncLifetime
{
    internal Daprd Daprd { get; private set; } = null!;

    internal TestApp App { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        App = await TestApp.StartAsync("""[{"pubsubname":"mypubsub","topic":"t","route":"/t"}]""");
        Daprd = await Daprd.StartAsync(new DaprdSetup { AppPort = App.Port, Resources = [Manifests.InMemoryPubSub("mypubsub")] });
    }

    public async ValueTask DisposeAsync()
    {
        await Daprd.DisposeAsync();
        await App.DisposeAsync();
    }
}
