using RealTimeMesh.ObjectStores.Cache;
using RealTimeMesh.ObjectStores.Tests.S3;

namespace RealTimeMesh.ObjectStores.Tests.Cache;

public sealed class CacheTests : IAsyncLifetime
{
    private const int MiB = 1 << 20;
    private readonly TestFolder _folder = new();
    private S3TestServer _server = null!;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private int Downloads => _server.Faults.Requests.Count(request => request.StartsWith("GET t/", StringComparison.Ordinal));

    public async ValueTask InitializeAsync() => _server = await S3TestServer.StartAsync();

    [Fact]
    public async Task A_file_is_fetched_once_for_all_stores_that_share_a_folder()
    {
        Put("a", MiB);
        using var first = Open();
        using var second = Open();
        await FetchAsync(first, "a");
        await FetchAsync(second, "a");
        Assert.Equal(1, Downloads);
    }

    [Fact]
    public async Task A_bucket_of_the_same_name_at_another_endpoint_has_files_of_its_own()
    {
        Put("a", MiB);
        await using var other = await S3TestServer.StartAsync();
        other.Objects.Put("t/a", new byte[MiB], ifAbsent: true);
        using var first = Open();
        using var second = ObjectTableStore.Open("s3://lake", other.Options(_folder.Path), TimeProvider.System);
        await FetchAsync(first, "a");
        using var fetched = await second.FetchAsync("s3://lake/t", [new WantedFile("a", MiB)], Cancel);
        Assert.Equal(new byte[MiB], await File.ReadAllBytesAsync(fetched.Paths[0]!, Cancel));
    }

    [Fact]
    public async Task Scans_that_want_one_file_at_once_fetch_it_once()
    {
        Put("a", MiB);
        _server.Faults.Latency = TimeSpan.FromMilliseconds(50);
        using var store = Open();
        await Task.WhenAll(Enumerable.Range(0, 6).Select(_ => FetchAsync(store, "a")));
        Assert.Equal(1, Downloads);
    }

    [Fact]
    public async Task What_was_used_longest_ago_goes_first_when_the_cache_is_full()
    {
        foreach (var name in new[] { "a", "b", "c", "d" })
            Put(name, MiB);
        using var store = Open(cacheMiB: 3);
        foreach (var name in new[] { "a", "b", "c", "a", "d" })
            await FetchAsync(store, name);
        Assert.InRange(CachedBytes(), 1, 3 * MiB);
        await FetchAsync(store, "a");
        Assert.Equal(4, Downloads);
        await FetchAsync(store, "b");
        Assert.Equal(5, Downloads);
    }

    [Fact]
    public async Task A_file_in_use_stays_readable_whatever_the_cache_deletes()
    {
        var content = Put("a", 2 * MiB);
        Put("b", 2 * MiB);
        using var reader = Open(cacheMiB: 2);
        using var other = Open(cacheMiB: 2);
        using var held = await reader.FetchAsync("s3://lake/t", [new WantedFile("a", 2 * MiB)], Cancel);
        await FetchAsync(other, "b");
        foreach (var file in Directory.EnumerateFiles(Path.Combine(_folder.Path, "files"), "*", SearchOption.AllDirectories))
            File.Delete(file);
        Assert.Equal(content, await File.ReadAllBytesAsync(held.Paths[0]!, Cancel));
    }

    [Fact]
    public async Task A_scan_of_more_than_the_cache_holds_is_refused_with_the_setting_named()
    {
        Put("a", 3 * MiB);
        using var store = Open(cacheMiB: 2);
        var fault = await Assert.ThrowsAsync<ObjectStoreException>(() => FetchAsync(store, "a"));
        Assert.Contains("MESH_LAKE_CACHE_MIB", fault.Message, StringComparison.Ordinal);
        Assert.Equal(0, Downloads);
    }

    [Fact]
    public async Task A_torn_copy_is_fetched_anew()
    {
        var content = Put("a", MiB);
        using var store = Open();
        await FetchAsync(store, "a");
        var entry = Assert.Single(Directory.EnumerateFiles(Path.Combine(_folder.Path, "files"), "*", SearchOption.AllDirectories));
        await File.WriteAllBytesAsync(entry, content[..1000], Cancel);
        using var fetched = await store.FetchAsync("s3://lake/t", [new WantedFile("a", MiB)], Cancel);
        Assert.Equal(content, await File.ReadAllBytesAsync(fetched.Paths[0]!, Cancel));
    }

    [Fact]
    public async Task An_object_of_another_size_than_the_log_says_is_refused()
    {
        Put("a", MiB);
        using var store = Open();
        var fault = await Assert.ThrowsAsync<ObjectStoreException>(() => store.FetchAsync("s3://lake/t", [new WantedFile("a", 77)], Cancel));
        Assert.Contains("has 1048576 bytes; expected 77 by the log", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void What_dead_processes_left_is_deleted_and_what_living_ones_use_stays()
    {
        var parent = Path.Combine(_folder.Path, "leases");
        using var living = Workspace.Create(parent);
        var dead = Path.Combine(parent, "dead");
        Directory.CreateDirectory(dead);
        File.WriteAllText(Path.Combine(dead, "file"), "x");
        File.WriteAllText(dead + ".lock", "");
        using var store = Open();
        Assert.False(Directory.Exists(dead));
        Assert.True(Directory.Exists(living.Folder));
    }

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        _folder.Dispose();
    }

    private static async Task FetchAsync(ObjectTableStore store, string name)
    {
        using var fetched = await store.FetchAsync("s3://lake/t", [new WantedFile(name)], Cancel);
        Assert.True(File.Exists(fetched.Paths[0]));
    }

    private byte[] Put(string name, int size)
    {
        var content = new byte[size];
        new Random(name[0]).NextBytes(content);
        _server.Objects.Put($"t/{name}", content, ifAbsent: true);
        return content;
    }

    private long CachedBytes() => Directory.EnumerateFiles(Path.Combine(_folder.Path, "files"), "*", SearchOption.AllDirectories).Sum(file => new FileInfo(file).Length);

    private ObjectTableStore Open(int cacheMiB = 100) => ObjectTableStore.Open("s3://lake", _server.Options(_folder.Path) with { CacheMiB = cacheMiB }, TimeProvider.System);
}
