using RealTimeMesh.Components;

namespace RealTimeMesh.Redis.Tests;

public sealed class ComponentFilesTests
{
    [Fact]
    public void The_files_for_a_real_Redis_name_known_settings_with_right_values()
    {
        var loaded = ComponentLoader.Load([Path.Combine(Root(), "components", "redis")]);
        Assert.Empty(loaded.Faults);
        Assert.Equal(["pubsub.redis", "state.redis"], loaded.Components.Select(c => c.Type).Order(StringComparer.Ordinal));
        Assert.Empty(new ComponentTypeRegistry([new RedisPubSubType(), new RedisStateType()]).Validate(loaded.Components));
    }

    private static string Root()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "RealTimeMesh.sln")))
                return folder.FullName;
        }

        throw new InvalidOperationException($"no RealTimeMesh.sln above {AppContext.BaseDirectory}");
    }
}
