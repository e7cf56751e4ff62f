using System.Text;
using RealTimeMesh.Components;
using Xunit;

namespace RealTimeMesh.Testing;

/// <summary>Writers that race, and large amounts.</summary>
public abstract partial class StateComplianceSuite
{
    private const int Racers = 16;

    [Fact]
    public async Task Of_parallel_first_writes_only_one_wins()
    {
        for (var round = 0; round < 5; round++)
        {
            var key = NewKey();
            await AssertOneWinsAsync(key, operation => Store.WriteAsync(operation, default));
        }
    }

    [Fact]
    public async Task Of_parallel_transactions_with_a_first_write_only_one_wins()
    {
        for (var round = 0; round < 5; round++)
        {
            var (key, other) = (NewKey(), NewKey());
            var winner = await AssertOneWinsAsync(key, operation => Store.TransactAsync([operation, operation with { Key = other, Concurrency = StateConcurrency.Unspecified }], default));
            Assert.Equal(winner, await ReadAsync(other));
        }
    }

    [Fact]
    public async Task A_first_write_of_a_key_that_exists_is_refused()
    {
        var key = NewKey();
        await SetAsync(key, "one");
        var write = new StateOperation(StateOperationKind.Upsert, key) { Value = "two"u8.ToArray(), Concurrency = StateConcurrency.FirstWrite };
        AssertConflict(key, await Store.WriteAsync(write, default));
        AssertConflict(key, await Store.TransactAsync([write], default), amongMany: true);
        Assert.Equal("one", await ReadAsync(key));
        var etag = (await Store.GetAsync(key, default))!.ETag;
        Assert.Equal(StateWrite.Applied, await Store.WriteAsync(write with { ETag = etag }, default));
    }

    [Fact]
    public async Task Transactions_that_collide_leave_all_keys_of_one_of_them()
    {
        var (guard, prefix) = (NewKey(), NewKey());
        await SetAsync(guard, "start");
        string[] keys = [.. Enumerable.Range(0, 20).Select(n => $"{prefix}/{n}")];
        for (var round = 0; round < 5; round++)
        {
            var etag = (await Store.GetAsync(guard, default))!.ETag;
            var outcomes = await Task.WhenAll(Enumerable.Range(0, Racers).Select(racer => Task.Run(() =>
            {
                var value = Encoding.UTF8.GetBytes($"{round}/{racer}");
                return Store.TransactAsync(
                    [
                        .. keys.Select(key => new StateOperation(StateOperationKind.Upsert, key) { Value = value }),
                        new StateOperation(StateOperationKind.Upsert, guard) { Value = value, ETag = etag },
                    ],
                    default);
            })));
            var winner = Assert.Single(Enumerable.Range(0, Racers), racer => outcomes[racer].Outcome == StateWriteOutcome.Applied);
            Assert.All(outcomes.Where(o => o.Outcome != StateWriteOutcome.Applied), o => AssertConflict(guard, o, amongMany: true));
            Assert.Equal([$"{round}/{winner}"], (await ReadManyAsync([.. keys, guard])).Distinct());
        }
    }

    [Fact]
    public async Task Ten_thousand_keys_are_read_in_their_order()
    {
        const int Count = 10_000;
        var prefix = NewKey();
        for (var start = 0; start < Count; start += 1000)
        {
            var write = Enumerable.Range(start, 1000).Select(n => new StateOperation(StateOperationKind.Upsert, $"{prefix}/{n}") { Value = Encoding.UTF8.GetBytes($"{n}") });
            Assert.Equal(StateWrite.Applied, await Store.TransactAsync([.. write], default));
        }

        var order = Enumerable.Range(0, Count).ToArray();
        new Random(11).Shuffle(order);
        Assert.Equal(order.Select(n => $"{n}"), await ReadManyAsync([.. order.Select(n => $"{prefix}/{n}")]));
    }

    [Fact]
    public async Task Large_binary_values_are_read_as_written()
    {
        string[] keys = [.. Enumerable.Range(0, 4).Select(_ => NewKey())];
        byte[][] values = [.. keys.Select((_, n) =>
        {
            var value = new byte[5 * 1024 * 1024 + n];
            new Random(n).NextBytes(value);
            return value;
        })];
        Assert.Equal(StateWrite.Applied, await Store.TransactAsync([.. keys.Select((key, n) => new StateOperation(StateOperationKind.Upsert, key) { Value = values[n] })], default));
        var items = await Store.BulkGetAsync(keys, default);
        for (var n = 0; n < keys.Length; n++)
            Assert.True(values[n].AsSpan().SequenceEqual(items[n]!.Value.Span), $"value {n}");
    }

    [Fact]
    public async Task A_cancelled_call_throws_and_changes_nothing()
    {
        var key = NewKey();
        var cancelled = new CancellationToken(canceled: true);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Store.WriteAsync(new StateOperation(StateOperationKind.Upsert, key) { Value = "x"u8.ToArray() }, cancelled));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Store.TransactAsync([new StateOperation(StateOperationKind.Upsert, key) { Value = "x"u8.ToArray() }], cancelled));
        Assert.Null(await Store.GetAsync(key, default));
    }

    private async Task<string?> AssertOneWinsAsync(string key, Func<StateOperation, Task<StateWrite>> write)
    {
        using var ready = new Barrier(Racers);
        var outcomes = await Task.WhenAll(Enumerable.Range(0, Racers).Select(racer => Task.Factory.StartNew(
            () =>
            {
                ready.SignalAndWait(TimeSpan.FromSeconds(30));
                return write(new StateOperation(StateOperationKind.Upsert, key) { Value = Encoding.UTF8.GetBytes($"{racer}"), Concurrency = StateConcurrency.FirstWrite });
            },
            CancellationToken.None,
            TaskCreationOptions.LongRunning,
            TaskScheduler.Default).Unwrap()));
        var winner = Assert.Single(Enumerable.Range(0, Racers), racer => outcomes[racer].Outcome == StateWriteOutcome.Applied);
        Assert.All(outcomes.Where(o => o.Outcome != StateWriteOutcome.Applied), o => AssertConflict(key, o, amongMany: true));
        Assert.Equal($"{winner}", await ReadAsync(key));
        return $"{winner}";
    }
}
