using RealTimeMesh.Components;

namespace RealTimeMesh.Redis.Tests;

public sealed class RedisSettingsTests
{
    [Fact]
    public async Task A_host_without_server_is_told_at_the_start()
    {
        var error = await Assert.ThrowsAsync<RedisStoreException>(() => Stores.StartAsync("127.0.0.1:1", ("dialTimeout", "1s"), ("maxRetries", "1")));
        Assert.Contains("127.0.0.1:1", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Settings_that_cannot_be_honoured_are_faults()
    {
        var spec = new ComponentSpec
        {
            Name = "s",
            Type = "state.redis",
            Metadata = new Dictionary<string, string> { ["redisHost"] = "", ["useEntraID"] = "true", ["queryIndexes"] = "[]", ["redisDB"] = "x", ["readTimeout"] = "soon", ["unknown"] = "1" },
        };
        var faults = new ComponentTypeRegistry([new RedisStateType()]).Validate([spec]);
        Assert.Equal(["queryIndexes", "readTimeout", "redisDB", "redisHost", "unknown", "useEntraID"], faults.Select(f => f.Element.Split(": ")[1]).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Settings_of_daprds_component_are_taken_over()
    {
        var settings = RedisSettings.From(new ComponentSpec
        {
            Name = "s",
            Type = "state.redis",
            Metadata = new Dictionary<string, string>
            {
                ["redisHost"] = "a, b:7000", ["redisDB"] = "3", ["enableTLS"] = "true", ["redisUsername"] = "u", ["redisPassword"] = "p",
                ["ttlInSeconds"] = "60", ["dialTimeout"] = "2s", ["readTimeout"] = "1m",
            },
        });
        var connection = settings.Connection;
        Assert.Equal(["Unspecified/a:6379", "Unspecified/b:7000"], connection.EndPoints.Select(e => $"{e}"));
        Assert.Equal((3, true, "u", "p", 2000, 60_000), (connection.DefaultDatabase, connection.Ssl, connection.User, connection.Password, connection.ConnectTimeout, connection.AsyncTimeout));
    }
}
