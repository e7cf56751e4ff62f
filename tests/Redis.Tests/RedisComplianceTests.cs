using System.Text;
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
        for (var n = 1; n <= 3; n++)
        {
            await Store.WriteAsync(new StateOperation(StateOperationKind.Upsert, ours) { Value = "x"u8.ToArray() }, default);
            Assert.Equal(new Dictionary<string, string> { ["data"] = "x", ["version"] = $"{n}" }, (await database.HashGetAllAsync(ours)).ToStringDictionary());
        }

        Assert.Equal("3", (await Store.GetAsync(ours, default))!.ETag);
        await database.HashSetAsync(theirs, "data", "y");
        await database.HashIncrementAsync(theirs, "version");
        var item = (await Store.GetAsync(theirs, default))!;
        Assert.Equal("1", item.ETag);
        Assert.Equal(StateWrite.Applied, await Store.WriteAsync(new StateOperation(StateOperationKind.Upsert, theirs) { Value = "z"u8.ToArray(), ETag = "1" }, default));
    }

    [Fact]
    public async Task A_key_made_by_a_first_write_is_marked_and_refuses_writes_that_name_no_version()
    {
        await using var connection = await ConnectionMultiplexer.ConnectAsync(Address);
        var key = NewKey();
        var first = new StateOperation(StateOperationKind.Upsert, key) { Value = "one"u8.ToArray(), Concurrency = StateConcurrency.FirstWrite };
        await Store.WriteAsync(first, default);
        Assert.Equal("0", await connection.GetDatabase().HashGetAsync(key, "first-write"));
        var blind = first with { Concurrency = StateConcurrency.Unspecified };
        Assert.Equal(StateWriteOutcome.ETagMismatch, (await Store.WriteAsync(blind, default)).Outcome);
        Assert.Equal(StateWriteOutcome.ETagMismatch, (await Store.WriteAsync(blind with { ETag = "1", Concurrency = StateConcurrency.LastWrite }, default)).Outcome);
        Assert.Equal(StateWrite.Applied, await Store.WriteAsync(blind with { ETag = "1" }, default));
        Assert.Equal(StateWrite.Applied, await Store.WriteAsync(new StateOperation(StateOperationKind.Delete, key), default));
        Assert.Equal(StateWrite.Applied, await Store.WriteAsync(blind, default));
    }

    [Fact]
    public async Task The_last_write_mode_asked_for_by_name_overlooks_the_ETag()
    {
        var key = NewKey();
        var write = new StateOperation(StateOperationKind.Upsert, key) { Value = "one"u8.ToArray() };
        await Store.WriteAsync(write, default);
        Assert.Equal(StateWriteOutcome.ETagMismatch, (await Store.WriteAsync(write with { ETag = "7" }, default)).Outcome);
        Assert.Equal(StateWrite.Applied, await Store.WriteAsync(write with { ETag = "7", Concurrency = StateConcurrency.LastWrite }, default));
        Assert.Equal(StateWrite.Applied, await Store.WriteAsync(write with { ETag = "0" }, default));
        Assert.Equal("3", (await Store.GetAsync(key, default))!.ETag);
        var delete = new StateOperation(StateOperationKind.Delete, key);
        Assert.Equal(StateWriteOutcome.ETagMismatch, (await Store.WriteAsync(delete with { ETag = "abc", Concurrency = StateConcurrency.LastWrite }, default)).Outcome);
        Assert.Equal(StateWrite.Applied, await Store.WriteAsync(delete with { ETag = "0" }, default));
    }

    [Fact]
    public async Task A_plain_text_is_read_without_version_and_overwritten()
    {
        await using var connection = await ConnectionMultiplexer.ConnectAsync(Address);
        var (key, list) = (NewKey(), NewKey());
        await connection.GetDatabase().StringSetAsync(key, "plain");
        await connection.GetDatabase().ListRightPushAsync(list, "x");
        var item = (await Store.GetAsync(key, default))!;
        Assert.Equal(("plain", ""), (Encoding.UTF8.GetString(item.Value.Span), item.ETag));
        foreach (var overwritten in new[] { key, list })
        {
            Assert.Equal(StateWrite.Applied, await Store.WriteAsync(new StateOperation(StateOperationKind.Upsert, overwritten) { Value = "new"u8.ToArray() }, default));
            Assert.Equal("1", (await Store.GetAsync(overwritten, default))!.ETag);
        }
    }

    [Fact]
    public async Task A_transaction_over_a_key_of_another_type_is_not_told_as_applied_without_it()
    {
        await using var connection = await ConnectionMultiplexer.ConnectAsync(Address);
        var list = NewKey();
        await connection.GetDatabase().ListRightPushAsync(list, "x");
        try
        {
            Assert.Equal(StateWrite.Applied, await Store.TransactAsync([new StateOperation(StateOperationKind.Upsert, list) { Value = "new"u8.ToArray() }], default));
            Assert.Equal("new", Encoding.UTF8.GetString((await Store.GetAsync(list, default))!.Value.Span));
        }
        catch (RedisStoreException e)
        {
            Assert.Contains("another type", e.Message, StringComparison.Ordinal);
        }
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
