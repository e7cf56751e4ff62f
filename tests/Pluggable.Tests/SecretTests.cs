using RealTimeMesh.Components;
using RealTimeMesh.Pluggable.Testing;

namespace RealTimeMesh.Pluggable.Tests;

public sealed class SecretTests : IAsyncDisposable
{
    private readonly Started _started = new();

    public ValueTask DisposeAsync() => _started.DisposeAsync();

    [Fact]
    public async Task Secrets_of_a_pluggable_store_are_read_singly_and_all_together()
    {
        var plug = new TestSecretStore { Secrets = new Dictionary<string, IReadOnlyDictionary<string, string>> { ["db"] = new Dictionary<string, string> { ["user"] = "u", ["pass"] = "p" }, ["one"] = new Dictionary<string, string> { ["one"] = "1" } } };
        await using var server = await PluggableComponentServer.StartAsync(secrets: plug);
        var store = await _started.StartAsync<ISecretStore>(server, "secretstores", settings: ("vault", "v"));
        Assert.Equal(["MULTIPLE_KEY_VALUES_PER_SECRET"], store.Features);
        Assert.Equal("v", Assert.Single(plug.Initialized)["vault"]);
        Assert.Equal(new Dictionary<string, string> { ["user"] = "u", ["pass"] = "p" }, await store.GetAsync("db", new Dictionary<string, string> { ["namespace"] = "ns" }, default));
        Assert.Equal("ns", Assert.Single(plug.Requests)["namespace"]);
        var all = await store.GetAllAsync(new Dictionary<string, string>(), default);
        Assert.Equal(["db", "one"], all.Keys.Order(StringComparer.Ordinal));
        Assert.Equal("p", all["db"]["pass"]);
        var missing = await Assert.ThrowsAsync<ComponentCallException>(() => store.GetAsync("absent", new Dictionary<string, string>(), default));
        Assert.Equal("rpc error: code = NotFound desc = no secret absent", missing.Message);
    }
}
