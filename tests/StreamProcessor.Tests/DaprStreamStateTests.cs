using System.Text;
using RealTimeMesh.Streaming;

namespace RealTimeMesh.StreamProcessor.Tests;

public class DaprStreamStateTests
{
    private readonly CancellationToken _stop = TestContext.Current.CancellationToken;

    [Fact]
    public async Task Guards_hold_and_a_lost_race_changes_nothing()
    {
        await using var mesh = await Mesh.StartAsync();
        var state = new DaprStreamState(mesh.Dapr, "statestore", null);
        Assert.Equal([null, null], await state.GetAsync(["a", "b"], _stop));
        Assert.Null((await state.GetAsync(["a"], _stop))[0]);

        Assert.Equal(StateCommit.Applied, await state.CommitAsync([Put("a", "1", StateGuard.Absent)], _stop));
        Assert.Equal(StateCommit.Conflict, await state.CommitAsync([Put("b", "2"), Put("a", "2", StateGuard.Absent)], _stop));
        var stored = await state.GetAsync(["b", "a"], _stop);
        Assert.Null(stored[0]);
        Assert.Equal("1", Encoding.UTF8.GetString(stored[1]!.Value.Span));

        var tag = stored[1]!.ETag;
        Assert.Equal(StateCommit.Applied, await state.CommitAsync([Put("a", "3", StateGuard.Unchanged, tag)], _stop));
        Assert.Equal(StateCommit.Conflict, await state.CommitAsync([Put("b", "4"), Put("a", "4", StateGuard.Unchanged, tag)], _stop));
        Assert.Equal(StateCommit.Applied, await state.CommitAsync([new StateChange("a", default) { Delete = true }], _stop));
        Assert.Equal([null, null], await state.GetAsync(["a", "b"], _stop));
    }

    private static StateChange Put(string key, string value, StateGuard guard = StateGuard.None, string? etag = null) =>
        new(key, Encoding.UTF8.GetBytes(value)) { Guard = guard, ETag = etag };
}
