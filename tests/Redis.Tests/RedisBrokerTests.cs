using RealTimeMesh.Components;
using RealTimeMesh.Testing;

namespace RealTimeMesh.Redis.Tests;

public sealed class RedisBrokerTests(RedisServerFixture redis) : BrokerComplianceSuite, IClassFixture<RedisServerFixture>
{
    protected override bool StampsWithInjectedTime => false;

    protected override async Task<IPubSubBroker> StartBrokerAsync(int partitions, TimeProvider time)
    {
        Assert.SkipWhen(redis.Absent is not null, redis.Absent ?? "");
        await redis.FlushAsync();
        return await Brokers.StartAsync(redis.Address, time, ("redisPassword", RedisServerFixture.Password), ("concurrency", $"{partitions}"));
    }
}
