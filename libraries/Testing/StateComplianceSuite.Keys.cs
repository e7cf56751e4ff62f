using RealTimeMesh.Components;
using Xunit;

namespace RealTimeMesh.Testing;

/// <summary>Keys by pattern and deletion by prefix, where the store has them.</summary>
public abstract partial class StateComplianceSuite
{
    [Fact]
    public void Capabilities_name_what_the_store_can_do()
    {
        var names = Store.Capabilities.Names;
        Assert.Equal(Store.Capabilities.ETag, names.Contains("ETAG"));
        Assert.Equal(Store.Capabilities.Transactional, names.Contains("TRANSACTIONAL"));
        Assert.Equal(Store.Capabilities.Ttl, names.Contains("TTL"));
        Assert.Equal(Store is IKeysLikeStore, names.Contains("KEYS_LIKE"));
        Assert.Equal(Store is IPrefixDeletingStore, names.Contains("DELETE_WITH_PREFIX"));
        // daprd names a store that can hold actors so.
        Assert.Equal(Store.Capabilities is { ETag: true, Transactional: true }, names.Contains("ACTOR"));
        Assert.Equal(names.Distinct(), names);
    }

    [Theory]
    [InlineData("%", "abc1|abc2|abc33|hello%%|hello_|hello_workflow|key||1|wor.kflow")]
    [InlineData("abc_", "abc1|abc2")]
    [InlineData("abc%", "abc1|abc2|abc33")]
    [InlineData("%||%", "key||1")]
    [InlineData("hello_", "hello_")]
    [InlineData(@"hello\_workflow", "hello_workflow")]
    [InlineData(@"hello\%\%", "hello%%")]
    [InlineData("wor.kflo_", "wor.kflow")]
    [InlineData("worxkflow", "")]
    [InlineData("abc", "")]
    public async Task Keys_are_found_by_pattern(string pattern, string expected)
    {
        var keys = KeysLike();
        var prefix = NewKey() + "/";
        foreach (var key in (string[])["abc1", "abc2", "abc33", "hello%%", "hello_", "hello_workflow", "key||1", "wor.kflow"])
            await SetAsync(prefix + key, "x");
        var page = await keys.KeysLikeAsync(new StateKeysQuery(prefix + pattern), default);
        Assert.Null(page.ContinuationToken);
        Assert.Equal(expected, string.Join('|', page.Keys.Select(k => k[prefix.Length..]).Order(StringComparer.Ordinal)));
    }

    [Fact]
    public async Task Keys_come_in_pages_without_gaps()
    {
        var keys = KeysLike();
        var prefix = NewKey();
        for (var n = 0; n < 12; n++)
            await SetAsync($"{prefix}/{n:D2}", "x");
        var found = new List<string>();
        string? token = null;
        foreach (var (size, expected) in new[] { (6, 6), (5, 5), (100, 1) })
        {
            var page = await keys.KeysLikeAsync(new StateKeysQuery(prefix + "/%") { PageSize = size, ContinuationToken = token }, default);
            Assert.Equal(expected, page.Keys.Count);
            found.AddRange(page.Keys);
            token = page.ContinuationToken;
            Assert.Equal(size == 100, token is null);
        }

        Assert.Equal(Enumerable.Range(0, 12).Select(n => $"{prefix}/{n:D2}"), found.Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Ended_keys_are_not_found_and_wrong_patterns_are_refused()
    {
        var keys = KeysLike();
        var prefix = NewKey();
        await Store.WriteAsync(Limited(prefix + "/1", 1), default);
        await SetAsync(prefix + "/2", "x");
        await PassAsync(TimeSpan.FromSeconds(2.2));
        Assert.Equal([prefix + "/2"], (await keys.KeysLikeAsync(new StateKeysQuery(prefix + "/%"), default)).Keys);
        var empty = await Assert.ThrowsAsync<StatePatternException>(() => keys.KeysLikeAsync(new StateKeysQuery(""), default));
        Assert.Equal("keys like pattern cannot be empty", empty.Message);
        await Assert.ThrowsAsync<StatePatternException>(() => keys.KeysLikeAsync(new StateKeysQuery("%") { ContinuationToken = "no token" }, default));
    }

    [Fact]
    public async Task Deletion_by_prefix_leaves_deeper_keys_and_others()
    {
        Assert.SkipUnless(Store is IPrefixDeletingStore, "this store does not delete by prefix");
        var store = (IPrefixDeletingStore)Store;
        var root = NewKey();
        string[] keys = [$"{root}||1", $"{root}||2", $"{root}||deeper||3", $"other-{root}||1", root];
        foreach (var key in keys)
            await SetAsync(key, "x");
        Assert.Equal(2, await store.DeleteWithPrefixAsync(root, default));
        Assert.Equal([null, null, "x", "x", "x"], await ReadManyAsync(keys));
        Assert.Equal(1, await store.DeleteWithPrefixAsync($"{root}||deeper||", default));
        foreach (var none in (string[])["", "||"])
            Assert.Contains("a prefix is required", (await Assert.ThrowsAsync<StatePatternException>(() => store.DeleteWithPrefixAsync(none, default))).Message, StringComparison.Ordinal);
    }

    private IKeysLikeStore KeysLike()
    {
        Assert.SkipUnless(Store is IKeysLikeStore, "this store does not list keys");
        return (IKeysLikeStore)Store;
    }
}
