using System.Text;
using RealTimeMesh.Components;
using Xunit;

namespace RealTimeMesh.Testing;

/// <summary>What every <see cref="IStateStore"/> with ETags, transactions and time to live must do. Each implementation derives a test class from it.</summary>
public abstract partial class StateComplianceSuite : IAsyncLifetime
{
    private IStateStore? _store;

    /// <summary>Starts a store; it may hold items of other tests, whose keys begin differently.</summary>
    protected abstract Task<IStateStore> StartStoreAsync();

    /// <summary>Lets that much time pass for the store.</summary>
    protected abstract Task PassAsync(TimeSpan time);

    protected IStateStore Store => _store ?? throw new InvalidOperationException("the suite has not been started");

    public virtual async ValueTask InitializeAsync() => _store = await StartStoreAsync();

    public virtual async ValueTask DisposeAsync()
    {
        if (_store is not null)
            await _store.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    [Fact]
    public async Task A_value_is_read_as_written_and_gone_after_its_deletion()
    {
        var key = NewKey();
        Assert.Null(await Store.GetAsync(key, default));
        Assert.Equal(StateWrite.Applied, await SetAsync(key, "one"));
        Assert.Equal("one", await ReadAsync(key));
        Assert.Equal(StateWrite.Applied, await Store.WriteAsync(new StateOperation(StateOperationKind.Delete, key), default));
        Assert.Null(await Store.GetAsync(key, default));
        Assert.Equal(StateWrite.Applied, await Store.WriteAsync(new StateOperation(StateOperationKind.Delete, key), default));
    }

    [Fact]
    public async Task Keys_may_be_of_any_script_and_values_of_any_bytes()
    {
        var bytes = Enumerable.Range(0, 256).Select(b => (byte)b).ToArray();
        foreach (var key in new[] { NewKey() + "||größe ✈ 'quoted' \"x\"", NewKey() + "\n\t{}", NewKey() + new string('k', 1000) })
        {
            await Store.WriteAsync(new StateOperation(StateOperationKind.Upsert, key) { Value = bytes }, default);
            Assert.Equal(bytes, (await Store.GetAsync(key, default))!.Value.ToArray());
        }

        var empty = NewKey();
        await Store.WriteAsync(new StateOperation(StateOperationKind.Upsert, empty), default);
        Assert.True((await Store.GetAsync(empty, default))!.Value.IsEmpty);
        var large = new byte[2 * 1024 * 1024];
        new Random(3).NextBytes(large);
        await Store.WriteAsync(new StateOperation(StateOperationKind.Upsert, empty) { Value = large }, default);
        var read = await Store.GetAsync(empty, default);
        Assert.True(large.AsSpan().SequenceEqual(read!.Value.Span));
    }

    [Fact]
    public async Task A_write_with_the_seen_version_succeeds_once()
    {
        var key = NewKey();
        await SetAsync(key, "one");
        var etag = (await Store.GetAsync(key, default))!.ETag;
        Assert.Equal(StateWrite.Applied, await SetAsync(key, "two", etag));
        AssertConflict(key, await SetAsync(key, "three", etag));
        Assert.Equal("two", await ReadAsync(key));
        Assert.NotEqual(etag, (await Store.GetAsync(key, default))!.ETag);
    }

    [Fact]
    public async Task A_deletion_with_an_old_version_changes_nothing()
    {
        var key = NewKey();
        await SetAsync(key, "one");
        var etag = (await Store.GetAsync(key, default))!.ETag;
        await SetAsync(key, "two");
        var delete = new StateOperation(StateOperationKind.Delete, key) { ETag = etag };
        Assert.Equal(StateWriteOutcome.ETagMismatch, (await Store.WriteAsync(delete, default)).Outcome);
        Assert.Equal("two", await ReadAsync(key));
        var current = (await Store.GetAsync(key, default))!.ETag;
        Assert.Equal(StateWrite.Applied, await Store.WriteAsync(delete with { ETag = current }, default));
    }

    [Fact]
    public async Task A_version_of_a_key_that_does_not_exist_is_a_mismatch_unless_the_store_says_otherwise()
    {
        var (key, gone) = (NewKey(), NewKey());
        var delete = new StateOperation(StateOperationKind.Delete, gone) { ETag = "1" };
        if (Store.Capabilities.MissingKeysMatchAnyETag)
        {
            Assert.Equal(StateWrite.Applied, await SetAsync(key, "one", "1"));
            Assert.Equal("one", await ReadAsync(key));
            Assert.Equal(StateWrite.Applied, await Store.WriteAsync(delete, default));
            return;
        }

        Assert.Equal(StateWriteOutcome.ETagMismatch, (await SetAsync(key, "one", "1")).Outcome);
        Assert.Null(await Store.GetAsync(key, default));
        Assert.Equal(StateWriteOutcome.ETagMismatch, (await Store.WriteAsync(delete, default)).Outcome);
    }

    [Fact]
    public async Task The_first_write_wins_and_later_first_writes_are_refused()
    {
        var key = NewKey();
        var write = new StateOperation(StateOperationKind.Upsert, key) { Value = "one"u8.ToArray(), Concurrency = StateConcurrency.FirstWrite };
        Assert.Equal(StateWrite.Applied, await Store.WriteAsync(write, default));
        AssertConflict(key, await Store.WriteAsync(write with { Value = "two"u8.ToArray() }, default));
        Assert.Equal("one", await ReadAsync(key));
    }

    [Fact]
    public async Task Concurrent_writers_with_versions_lose_no_update()
    {
        var key = NewKey();
        await SetAsync(key, "0");
        await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(async () =>
        {
            for (var done = 0; done < 10;)
            {
                var seen = (await Store.GetAsync(key, default))!;
                var next = int.Parse(Encoding.UTF8.GetString(seen.Value.Span)) + 1;
                if ((await SetAsync(key, $"{next}", seen.ETag)).Outcome == StateWriteOutcome.Applied)
                    done++;
            }
        })));
        Assert.Equal("80", await ReadAsync(key));
    }

    [Fact]
    public async Task A_transaction_applies_all_or_nothing()
    {
        var (guard, other, gone) = (NewKey(), NewKey(), NewKey());
        await SetAsync(guard, "1");
        await SetAsync(gone, "x");
        var etag = (await Store.GetAsync(guard, default))!.ETag;
        StateOperation[] operations =
        [
            new(StateOperationKind.Upsert, other) { Value = "y"u8.ToArray() },
            new(StateOperationKind.Delete, gone),
            new(StateOperationKind.Upsert, guard) { Value = "2"u8.ToArray(), ETag = etag },
        ];
        Assert.Equal(StateWrite.Applied, await Store.TransactAsync(operations, default));
        Assert.Equal(["2", "y", null], await ReadManyAsync(guard, other, gone));

        // The same again has an old version now, as a zombie's write would.
        operations[0] = operations[0] with { Value = "z"u8.ToArray() };
        AssertConflict(guard, await Store.TransactAsync(operations, default), amongMany: true);
        Assert.Equal(["2", "y", null], await ReadManyAsync(guard, other, gone));
        Assert.Equal(StateWrite.Applied, await Store.TransactAsync([], default));
    }

    [Fact]
    public async Task Concurrent_transactions_guarded_by_one_version_apply_exactly_once_each()
    {
        var (guard, sum) = (NewKey(), NewKey());
        await SetAsync(guard, "0");
        await Task.WhenAll(Enumerable.Range(0, 6).Select(_ => Task.Run(async () =>
        {
            for (var done = 0; done < 10;)
            {
                var seen = (await Store.GetAsync(guard, default))!;
                var next = Encoding.UTF8.GetBytes($"{int.Parse(Encoding.UTF8.GetString(seen.Value.Span)) + 1}");
                var outcome = await Store.TransactAsync(
                    [
                        new StateOperation(StateOperationKind.Upsert, sum) { Value = next },
                        new StateOperation(StateOperationKind.Upsert, guard) { Value = next, ETag = seen.ETag },
                    ],
                    default);
                if (outcome.Outcome == StateWriteOutcome.Applied)
                    done++;
            }
        })));
        Assert.Equal(["60", "60"], await ReadManyAsync(guard, sum));
    }

    [Fact]
    public async Task A_thousand_operations_fit_in_a_transaction()
    {
        var prefix = NewKey();
        var operations = Enumerable.Range(0, 1000).Select(n => new StateOperation(StateOperationKind.Upsert, $"{prefix}/{n}") { Value = Encoding.UTF8.GetBytes($"value {n}") }).ToArray();
        Assert.Equal(StateWrite.Applied, await Store.TransactAsync(operations, default));
        Assert.Equal(Enumerable.Range(0, 1000).Select(n => $"value {n}"), await ReadManyAsync([.. operations.Select(o => o.Key)]));
    }

    [Fact]
    public async Task Many_keys_are_read_in_their_order_with_gaps_and_repeats()
    {
        var (a, b, missing) = (NewKey(), NewKey(), NewKey());
        await SetAsync(a, "a");
        await SetAsync(b, "b");
        Assert.Equal(["b", null, "a", "b"], await ReadManyAsync(b, missing, a, b));
        Assert.Empty(await Store.BulkGetAsync([], default));
    }

    /// <summary>A conflict that names its key, unless it is one among many and the store cannot tell.</summary>
    private void AssertConflict(string key, StateWrite write, bool amongMany = false) => Assert.True(
        write.Outcome == StateWriteOutcome.ETagMismatch && (write.Key == key || (amongMany && !Store.Capabilities.NamesConflictingKey && write.Key is null)),
        $"found {write}; expected a mismatch of {key}");

    protected static string NewKey() => $"suite||{Guid.CreateVersion7():N}";

    private Task<StateWrite> SetAsync(string key, string value, string? etag = null) =>
        Store.WriteAsync(new StateOperation(StateOperationKind.Upsert, key) { Value = Encoding.UTF8.GetBytes(value), ETag = etag }, default);

    private async Task<string?> ReadAsync(string key) => (await ReadManyAsync(key))[0];

    private async Task<string?[]> ReadManyAsync(params string[] keys) =>
        [.. (await Store.BulkGetAsync(keys, default)).Select(i => i is null ? null : Encoding.UTF8.GetString(i.Value.Span))];
}
