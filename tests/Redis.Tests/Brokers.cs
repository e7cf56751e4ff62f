using RealTimeMesh.Components;
using RealTimeMesh.Redis.Streams;

namespace RealTimeMesh.Redis.Tests;

internal static class Brokers
{
    public static async Task<IPubSubBroker> StartAsync(string host, TimeProvider time, params (string Name, string Value)[] settings)
    {
        var type = new RedisPubSubType();
        var metadata = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase) { ["redisHost"] = host };
        foreach (var (name, value) in settings)
            metadata[name] = value;
        var spec = new ComponentSpec { Name = "pubsub", Type = "pubsub.redis", Metadata = metadata };
        Assert.Empty(new ComponentTypeRegistry([type]).Validate([spec]));
        return (IPubSubBroker)await type.StartAsync(spec, new ComponentContext("app", "", time), CancellationToken.None);
    }
}
