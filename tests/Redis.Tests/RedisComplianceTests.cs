using RealTimeMesh.Components;
using RealTimeMesh.Testing;
using StackExchange.Redis;

namespace RealTimeMesh.Redis.Tests;

public sealed class GarnetStateTests(GarnetFixture garnet) : RedisLikeStateTests, IClassFixture<GarnetFixture>
{
    protected override string Address => garnet.Server.Address;

    protected override Task<IStateStore> StartStoreAsync() => Stores.StartAsync(Address);
}

public sealed class RedisServerStateTests(RedisServerFixture redis) : RedisLikeStateTests, IClassFixture<RedisServerFixture>
{
    protected override string Address => redis.Address + ",password=secret";

    protected override Task<IStateStore> StartStoreAsync()
    {
        Assert.SkipWhen(redis.Absent is not null, redis.Absent ?? "");
        return Stores.StartAsync(redis.Address, ("redisPassword", "secret"));
    }

    [Fact]
    public async Task A_wrong_password_is_told_at_the_start()
    {
        var error = await Assert.ThrowsAsync<RedisStoreException>(() => Stores.StartAsync(redis.Address, ("redisPassword", "wrong"), ("dialTimeout", "2s"), ("maxRetries", "1")));
        Assert.Contains("password", error.Message, StringComparison.Ordinal);
    }
}

/// <summary>The suite, and what daprd's layout asks for.</summary>
public abstract class RedisLikeStateTests : StateComplianceSuite
{
    protected abstract string Address { get; }

    // The server's own clock runs; there is none to inject.
    protected override Task PassAsync(TimeSpan time) => Task.Delay(time, TimeProvider.System);

    [Fact]
    public async Task Values_lie_in_daprds_layout_and_those_written_by_daprd_are_read()
    {
        await using var connection = await ConnectionMultiplexer.ConnectAsync(Address);
        var database = connection.GetDatabase();
        var (ours, theirs) = (NewKey(), NewKey());
        await Store.WriteAsync(new StateOperation(StateOperationKind.Upsert, ours) { Value = "x"u8.ToArray() }, default);
        var fields = (await database.HashGetAllAsync(ours)).ToStringDictionary();
        Assert.Equal("x", fields["data"]);
        Assert.Equal((await Store.GetAsync(ours, default))!.ETag, $"{long.Parse(fields["version"])}");

        await database.HashSetAsync(theirs, "data", "y");
        await database.HashIncrementAsync(theirs, "version");
        var item = (await Store.GetAsync(theirs, default))!;
        Assert.Equal("1", item.ETag);
        Assert.Equal(StateWrite.Applied, await Store.WriteAsync(new StateOperation(StateOperationKind.Upsert, theirs) { Value = "z"u8.ToArray(), ETag = "1" }, default));
    }

    [Fact]
    public async Task An_ETag_that_is_no_number_is_invalid_and_changes_nothing()
    {
        var key = NewKey();
        var outcome = await Store.TransactAsync(
            [new StateOperation(StateOperationKind.Upsert, NewKey()), new StateOperation(StateOperationKind.Upsert, key) { ETag = "abc" }], default);
        Assert.Equal(new StateWrite(StateWriteOutcome.ETagInvalid, key), outcome);
    }

    [Fact]
    public async Task A_key_of_another_type_is_a_clear_error()
    {
        await using var connection = await ConnectionMultiplexer.ConnectAsync(Address);
        var key = NewKey();
        await connection.GetDatabase().ListRightPushAsync(key, "x");
        var error = await Assert.ThrowsAsync<RedisStoreException>(() => Store.GetAsync(key, default));
        Assert.Contains("another type", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_large_transaction_of_large_values_is_applied()
    {
        var (prefix, value) = (NewKey(), new byte[20_000]);
        new Random(5).NextBytes(value);
        StateOperation[] operations = [.. Enumerable.Range(0, 1000).Select(n => new StateOperation(StateOperationKind.Upsert, $"{prefix}{n}") { Value = value })];
        Assert.Equal(StateWrite.Applied, await Store.TransactAsync(operations, default));
        var items = await Store.BulkGetAsync([.. operations.Select(o => o.Key)], default);
        Assert.All(items, item => Assert.True(value.AsSpan().SequenceEqual(item!.Value.Span)));
    }
}
