using RealTimeMesh.DeltaLake;
using Xunit;

namespace RealTimeMesh.Testing;

public abstract partial class TableStoreComplianceSuite
{
    /// <summary>More than a page of a listing has; smaller where the store's own tests are slow.</summary>
    protected virtual int ListedFiles => 60;

    /// <summary>A size that is put in several parts.</summary>
    protected virtual int LargeBytes => 23_000_000;

    [Fact]
    public async Task A_listing_is_ordered_begins_after_a_name_and_goes_over_all_pages()
    {
        var names = Enumerable.Range(0, ListedFiles).Select(i => $"{i * 7 % ListedFiles:D20}.json").ToList();
        await Parallel.ForEachAsync(names, Cancel, async (name, token) => await Store.PutIfAbsentAsync(Log(name), Bytes(5, 1), token));
        await Store.PutIfAbsentAsync(Log("_sidecars/inner.parquet"), Bytes(5, 1), Cancel);
        names.Sort(StringComparer.Ordinal);
        Assert.Equal(names, await NamesAsync(Log(), null));
        Assert.Equal(names[(ListedFiles - 10)..], await NamesAsync(Log(), names[ListedFiles - 11]));
        Assert.Equal(names[3..], await NamesAsync(Log(), names[2] + ".z"));
        Assert.Empty(await NamesAsync(Log(), names[^1]));
        Assert.Equal(["inner.parquet"], await NamesAsync(Log("_sidecars"), null));
    }

    [Fact]
    public async Task A_tree_lists_files_of_all_folders_with_sizes_and_times_and_no_neighbour()
    {
        string[] files = ["a.parquet", "day=1/b.parquet", "day=1/hour=2/c.parquet", "_delta_log/x.json"];
        for (var i = 0; i < files.Length; i++)
            await Store.PutIfAbsentAsync(TablePaths.Combine(Table, files[i]), stream => stream.WriteAsync(Bytes(10 + i, i)).AsTask(), durable: true, Cancel);
        await Store.PutIfAbsentAsync(TablePaths.Combine(Table + "2", "neighbour"), stream => stream.WriteAsync(Bytes(1, 1)).AsTask(), durable: true, Cancel);
        var found = await Store.ListTreeAsync(Table, Cancel).ToListAsync(Cancel);
        Assert.Equal(files.Select((file, i) => (TablePaths.Combine(Table, file), 10L + i)).Order(), found.Select(file => (file.Path.Replace('\\', '/'), file.Size)).Order());
        foreach (var file in found.Where(file => file.Path.EndsWith(".json", StringComparison.Ordinal)))
            Assert.Equal((await Store.DescribeAsync(file.Path, Cancel))!.Value.ModifiedAt / 1000, file.ModifiedAt / 1000);
    }

    [Fact]
    public async Task A_large_file_is_put_if_absent_and_read_from_anywhere()
    {
        var content = Bytes(LargeBytes, 4);
        var path = Log("00000000000000000010.checkpoint.parquet");
        Assert.True(await Store.PutIfAbsentAsync(path, async stream =>
        {
            for (var at = 0; at < content.Length; at += 1 << 16)
                await stream.WriteAsync(content.AsMemory(at, Math.Min(1 << 16, content.Length - at)), Cancel);
        }, durable: true, Cancel));
        Assert.False(await Store.PutIfAbsentAsync(path, stream => stream.WriteAsync(Bytes(LargeBytes, 5)).AsTask(), durable: true, Cancel));
        Assert.Equal(content.Length, (await Store.DescribeAsync(path, Cancel))!.Value.Size);
        await using var stream = await Store.OpenReadAsync(path, Cancel);
        Assert.Equal(content.Length, stream!.Length);
        var random = new Random(6);
        for (var i = 0; i < 20; i++)
        {
            var at = random.Next(content.Length - 40_000);
            stream.Position = at;
            var part = new byte[random.Next(1, 40_000)];
            await stream.ReadExactlyAsync(part, Cancel);
            Assert.True(content.AsSpan(at, part.Length).SequenceEqual(part));
        }

        stream.Seek(-8, SeekOrigin.End);
        var tail = new byte[8];
        await stream.ReadExactlyAsync(tail, Cancel);
        Assert.Equal(content[^8..], tail);
        Assert.Equal(0, await stream.ReadAsync(tail, Cancel));
        stream.Position = 0;
        using var copy = new MemoryStream();
        await stream.CopyToAsync(copy, Cancel);
        Assert.Equal(Hash(content), Hash(copy.GetBuffer().AsSpan(0, (int)copy.Length)));
    }

    [Fact]
    public async Task A_spool_that_fails_puts_nothing()
    {
        await Assert.ThrowsAsync<InvalidOperationException>(() => Store.PutIfAbsentAsync(Log("torn"), async stream =>
        {
            await stream.WriteAsync(Bytes(1000, 1), Cancel);
            throw new InvalidOperationException("the writer failed");
        }, durable: true, Cancel));
        Assert.False(await Store.ExistsAsync(Log("torn"), Cancel));
    }

    [Fact]
    public async Task Staged_files_are_in_the_table_when_they_are_published_and_gone_when_they_are_discarded()
    {
        string[] names = ["part-1.parquet", "day=10%3A30/part-2.parquet"];
        var large = Bytes(LargeBytes, 7);
        using (var stage = Store.Stage(Table))
        {
            Directory.CreateDirectory(Path.Combine(stage.Root, "day=10%3A30"));
            await File.WriteAllBytesAsync(Path.Combine(stage.Root, names[0]), large, Cancel);
            await File.WriteAllBytesAsync(Path.Combine(stage.Root, names[1]), Bytes(100, 8), Cancel);
            await stage.PublishAsync(names, Cancel);
        }

        using (var fetched = await Store.FetchAsync(Table, [new WantedFile(names[1], 100), new WantedFile("gone.parquet", 5), new WantedFile(names[0])], Cancel))
        {
            Assert.Equal(Bytes(100, 8), await File.ReadAllBytesAsync(fetched.Paths[0]!, Cancel));
            Assert.Null(fetched.Paths[1]);
            Assert.Equal(Hash(large), Hash(await File.ReadAllBytesAsync(fetched.Paths[2]!, Cancel)));
        }

        using (var stage = Store.Stage(Table))
            await stage.DiscardAsync(names, Cancel);
        Assert.False(await Store.ExistsAsync(TablePaths.Combine(Table, names[0]), Cancel));
        Assert.False(await Store.ExistsAsync(TablePaths.Combine(Table, names[1]), Cancel));
    }

    [Fact]
    public async Task A_file_that_another_put_is_fetched()
    {
        var content = Bytes(LargeBytes, 9);
        await Store.PutIfAbsentAsync(TablePaths.Combine(Table, "other.parquet"), stream => stream.WriteAsync(content).AsTask(), durable: true, Cancel);
        using var fetched = await Store.FetchAsync(Table, [new WantedFile("other.parquet", content.Length)], Cancel);
        Assert.Equal(Hash(content), Hash(await File.ReadAllBytesAsync(fetched.Paths[0]!, Cancel)));
    }
}
