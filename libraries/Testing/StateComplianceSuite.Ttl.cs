using RealTimeMesh.Components;
using Xunit;

namespace RealTimeMesh.Testing;

/// <summary>Time to live.</summary>
public abstract partial class StateComplianceSuite
{
    [Fact]
    public async Task A_value_with_time_to_live_says_when_it_ends_and_ends_then()
    {
        var key = NewKey();
        await Store.WriteAsync(Limited(key, 2), default);
        var bulk = await Store.BulkGetAsync([key], default);
        Assert.NotNull((await Store.GetAsync(key, default))!.ExpiresAt);
        Assert.NotNull(bulk[0]!.ExpiresAt);
        await PassAsync(TimeSpan.FromSeconds(3.2));
        Assert.Null(await Store.GetAsync(key, default));
        Assert.Null((await Store.BulkGetAsync([key], default))[0]);
    }

    [Fact]
    public async Task An_ended_value_is_none_to_first_writes_and_versions()
    {
        var (first, versioned) = (NewKey(), NewKey());
        await Store.WriteAsync(Limited(first, 1), default);
        await Store.WriteAsync(Limited(versioned, 1), default);
        var etag = (await Store.GetAsync(versioned, default))!.ETag;
        await PassAsync(TimeSpan.FromSeconds(2.2));
        Assert.Equal(StateWrite.Applied, await Store.WriteAsync(Limited(first, 60) with { Concurrency = StateConcurrency.FirstWrite }, default));
        Assert.Equal("x", await ReadAsync(first));
        if (!Store.Capabilities.MissingKeysMatchAnyETag)
            Assert.Equal(StateWriteOutcome.ETagMismatch, (await SetAsync(versioned, "y", etag)).Outcome);
    }

    [Fact]
    public async Task A_write_without_time_to_live_takes_the_limit_away_unless_the_store_keeps_it()
    {
        var (single, many) = (NewKey(), NewKey());
        foreach (var key in new[] { single, many })
            await Store.WriteAsync(Limited(key, 60), default);
        await SetAsync(single, "y");
        await Store.TransactAsync([new StateOperation(StateOperationKind.Upsert, many) { Value = "y"u8.ToArray() }], default);
        Assert.Equal(Store.Capabilities.WritesKeepTtl, (await Store.GetAsync(single, default))!.ExpiresAt is not null);
        Assert.Equal(Store.Capabilities.WritesKeepTtl, (await Store.GetAsync(many, default))!.ExpiresAt is not null);
    }

    [Fact]
    public async Task A_time_to_live_of_zero_takes_the_limit_away()
    {
        var (single, many) = (NewKey(), NewKey());
        foreach (var key in new[] { single, many })
            await Store.WriteAsync(Limited(key, 60), default);
        await Store.WriteAsync(Limited(single, 0), default);
        await Store.TransactAsync([Limited(many, 0)], default);
        Assert.Null((await Store.GetAsync(single, default))!.ExpiresAt);
        Assert.Null((await Store.GetAsync(many, default))!.ExpiresAt);
    }

    private static StateOperation Limited(string key, int seconds) =>
        new(StateOperationKind.Upsert, key) { Value = "x"u8.ToArray(), Ttl = TimeSpan.FromSeconds(seconds) };
}
