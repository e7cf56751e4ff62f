using RealTimeMesh.Components;

namespace RealTimeMesh.Redis.Tests;

internal static class Stores
{
    public static async Task<IStateStore> StartAsync(string host, params (string Name, string Value)[] settings)
    {
        var type = new RedisStateType();
        var metadata = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase) { ["redisHost"] = host };
        foreach (var (name, value) in settings)
            metadata[name] = value;
        var spec = new ComponentSpec { Name = "state", Type = "state.redis", Metadata = metadata };
        Assert.Empty(new ComponentTypeRegistry([type]).Validate([spec]));
        return (IStateStore)await type.StartAsync(spec, new ComponentContext("app", "", TimeProvider.System), CancellationToken.None);
    }
}
