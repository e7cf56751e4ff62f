using System.Collections.Concurrent;
using RealTimeMesh.Sidecar.PubSub;

namespace RealTimeMesh.Sidecar.Tests.PubSub;

public sealed class EventIdsTests
{
    [Fact]
    public void Ids_made_by_many_threads_differ_and_are_random_UUIDs()
    {
        var ids = new ConcurrentDictionary<Guid, bool>();

        Parallel.For(0, 8, _ =>
        {
            for (var i = 0; i < 1_000; i++)
                Assert.True(ids.TryAdd(EventIds.Next(), true));
        });

        Assert.All(ids.Keys, id => Assert.Equal((4, 0b10), (id.Version, id.Variant >> 2)));
    }
}
