using Microsoft.Extensions.Time.Testing;
using RealTimeMesh.Components;
using RealTimeMesh.Pluggable.Testing;
using RealTimeMesh.Testing;

namespace RealTimeMesh.Pluggable.Tests;

/// <summary>The contract of state stores over a socket, with the in-memory store behind it.</summary>
public sealed class StateComplianceTests : StateComplianceSuite
{
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2001, 1, 1, 0, 0, 0, TimeSpan.Zero));
    private readonly Started _started = new();
    private PluggableComponentServer? _server;

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        await _started.DisposeAsync();
        if (_server is not null)
            await _server.DisposeAsync();
    }

    protected override async Task<IStateStore> StartStoreAsync()
    {
        var memory = (IStateStore)await new InMemoryStateType().StartAsync(new ComponentSpec { Name = "s", Type = "state.in-memory" }, new ComponentContext("app", "", _time), default);
        _server = await PluggableComponentServer.StartAsync(state: new TestStateStore(memory) { Features = ["ETAG", "TRANSACTIONAL", "TTL", "ACTOR"] });
        return await _started.StartAsync<IStateStore>(_server, "state");
    }

    protected override Task PassAsync(TimeSpan time)
    {
        _time.Advance(time);
        return Task.CompletedTask;
    }
}
