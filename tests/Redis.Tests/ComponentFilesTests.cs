using RealTimeMesh.Components;
using RealTimeMesh.Testing;

namespace RealTimeMesh.Redis.Tests;

public sealed class ComponentFilesTests
{
    [Fact]
    public void The_files_for_a_real_Redis_name_known_settings_with_right_values()
    {
        var loaded = ComponentLoader.Load([Repository.PathOf("components", "redis")]);
        Assert.Empty(loaded.Faults);
        Assert.Equal(["pubsub.redis", "state.redis"], loaded.Components.Select(c => c.Type).Order(StringComparer.Ordinal));
        Assert.Empty(new ComponentTypeRegistry([new RedisPubSubType(), new RedisStateType()]).Validate(loaded.Components));
    }
}
