using System.Security.Cryptography;
using RealTimeMesh.DeltaLake;
using Xunit;

namespace RealTimeMesh.Testing;

/// <summary>What every <see cref="ITableStore"/> must do. Each implementation derives a test class from it.</summary>
public abstract partial class TableStoreComplianceSuite : IAsyncLifetime
{
    private ITableStore? _store;
    private string? _table;

    /// <summary>Opens a store and names a table in it that does not exist yet.</summary>
    protected abstract Task<(ITableStore Store, string Table)> OpenStoreAsync();

    /// <summary>Another store of the same tables, as another process has it.</summary>
    protected abstract ITableStore OpenAnother();

    protected ITableStore Store => _store ?? throw new InvalidOperationException("the suite has not been started");

    protected string Table => _table ?? throw new InvalidOperationException("the suite has not been started");

    protected static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public virtual async ValueTask InitializeAsync()
    {
        (_store, _table) = await OpenStoreAsync();
        await Store.PrepareCommitAsync(Table, isNew: true, [], Cancel);
    }

    public virtual ValueTask DisposeAsync()
    {
        (_store as IDisposable)?.Dispose();
        GC.SuppressFinalize(this);
        return ValueTask.CompletedTask;
    }

    [Fact]
    public async Task A_file_is_read_as_it_was_put_and_found_at_once()
    {
        var content = Bytes(3000, 1);
        Assert.True(await Store.PutIfAbsentAsync(Log("00000000000000000000.json"), content, Cancel));
        var read = await Store.ReadAsync(Log("00000000000000000000.json"), Cancel);
        Assert.Equal(content, read!.Value.Content.ToArray());
        Assert.True(await Store.ExistsAsync(Log("00000000000000000000.json"), Cancel));
        var described = await Store.DescribeAsync(Log("00000000000000000000.json"), Cancel);
        Assert.Equal((content.Length, read.Value.ModifiedAt), described!.Value);
        Assert.InRange(DateTimeOffset.FromUnixTimeMilliseconds(read.Value.ModifiedAt), TimeProvider.System.GetUtcNow().AddHours(-1), TimeProvider.System.GetUtcNow().AddHours(1));
    }

    [Fact]
    public async Task What_is_not_there_is_a_value_and_no_fault()
    {
        Assert.Null(await Store.ReadAsync(Log("absent.json"), Cancel));
        Assert.Null(await Store.DescribeAsync(Log("absent.json"), Cancel));
        Assert.Null(await Store.OpenReadAsync(Log("absent.json"), Cancel));
        Assert.False(await Store.ExistsAsync(Log("absent.json"), Cancel));
        Assert.Empty(await NamesAsync(TablePaths.Combine(Table, "nowhere"), null));
        Assert.Empty(await Store.ListTreeAsync(TablePaths.Combine(Table, "nowhere"), Cancel).ToListAsync(Cancel));
        await Store.DeleteAsync(Log("absent.json"), Cancel);
        await Store.DeleteAsync(TablePaths.Combine(Table, "nowhere/absent.json"), Cancel);
    }

    [Fact]
    public async Task A_put_if_absent_never_replaces()
    {
        Assert.True(await Store.PutIfAbsentAsync(Log("1.json"), Bytes(10, 1), Cancel));
        Assert.False(await Store.PutIfAbsentAsync(Log("1.json"), Bytes(10, 2), Cancel));
        Assert.False(await Store.PutIfAbsentAsync(Log("1.json"), stream => stream.WriteAsync(Bytes(10, 3)).AsTask(), durable: true, Cancel));
        Assert.Equal(Bytes(10, 1), await ContentAsync(Log("1.json")));
    }

    [Fact]
    public async Task Exactly_one_of_many_racing_writers_wins_each_name()
    {
        const int Writers = 8;
        var stores = Enumerable.Range(0, Writers).Select(_ => OpenAnother()).ToList();
        try
        {
            for (var round = 0; round < 10; round++)
            {
                var path = Log($"{round:D20}.json");
                var won = await Task.WhenAll(stores.Select((store, i) => Task.Run(() => store.PutIfAbsentAsync(path, Bytes(200, i), Cancel))));
                var winner = Assert.Single(Enumerable.Range(0, Writers), i => won[i]);
                Assert.Equal(Bytes(200, winner), await ContentAsync(path));
            }
        }
        finally
        {
            stores.ForEach(store => (store as IDisposable)?.Dispose());
        }
    }

    [Fact]
    public async Task A_replaced_file_is_read_anew()
    {
        await Store.ReplaceAsync(Log("_last_checkpoint"), Bytes(100, 1), Cancel);
        await Store.ReplaceAsync(Log("_last_checkpoint"), Bytes(50, 2), Cancel);
        Assert.Equal(Bytes(50, 2), await ContentAsync(Log("_last_checkpoint")));
        await Store.DeleteAsync(Log("_last_checkpoint"), Cancel);
        Assert.Null(await Store.ReadAsync(Log("_last_checkpoint"), Cancel));
    }

    [Fact]
    public async Task An_empty_file_is_a_file()
    {
        Assert.True(await Store.PutIfAbsentAsync(Log("empty"), ReadOnlyMemory<byte>.Empty, Cancel));
        Assert.Empty(await ContentAsync(Log("empty")));
        Assert.Equal(0, (await Store.DescribeAsync(Log("empty"), Cancel))!.Value.Size);
        await using var stream = await Store.OpenReadAsync(Log("empty"), Cancel);
        Assert.Equal(0, await stream!.ReadAsync(new byte[1], Cancel));
    }

    [Fact]
    public async Task Names_of_any_script_are_kept()
    {
        string[] names = ["größe ✈ 'quoted'.json", "at=10%3A30 + x&y=z.parquet", "a#b?c;d,e.json", "[x]{y}~(z)!@$.json"];
        foreach (var name in names)
            Assert.True(await Store.PutIfAbsentAsync(Log(name), Bytes(20, name.Length), Cancel), name);
        foreach (var name in names)
            Assert.Equal(Bytes(20, name.Length), await ContentAsync(Log(name)));
        Assert.Equal(names.Order(StringComparer.Ordinal), await NamesAsync(Log(), null));
        foreach (var name in names)
            await Store.DeleteAsync(Log(name), Cancel);
        Assert.Empty(await NamesAsync(Log(), null));
    }

    [Fact]
    public async Task A_cancelled_call_ends()
    {
        using var stop = new CancellationTokenSource();
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Store.PutIfAbsentAsync(Log("never.json"), Bytes(10, 1), stop.Token));
        Assert.False(await Store.ExistsAsync(Log("never.json"), Cancel));
    }

    protected string Log(string? name = null) => name is null ? TablePaths.Combine(Table, "_delta_log") : TablePaths.Combine(TablePaths.Combine(Table, "_delta_log"), name);

    protected static byte[] Bytes(int count, int seed)
    {
        var content = new byte[count];
        new Random(seed).NextBytes(content);
        return content;
    }

    protected static string Hash(ReadOnlySpan<byte> content) => Convert.ToHexString(SHA256.HashData(content));

    protected async Task<byte[]> ContentAsync(string path) => (await Store.ReadAsync(path, Cancel))!.Value.Content.ToArray();

    protected async Task<List<string>> NamesAsync(string folder, string? after) =>
        await Store.ListAsync(folder, after, Cancel).Select(file => file.Path[(folder.Length + 1)..]).ToListAsync(Cancel);
}
