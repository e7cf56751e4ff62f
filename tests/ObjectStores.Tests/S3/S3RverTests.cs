namespace RealTimeMesh.ObjectStores.Tests.S3;

/// <summary>A server of another maker, which checks signatures and answers by the protocol, but knows no conditional puts.</summary>
public sealed class S3RverTests : IAsyncLifetime
{
    private const string Program = "s3rver";
    private readonly TestFolder _folder = new();
    private NpmServer? _server;
    private ObjectTableStore _store = null!;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        Assert.SkipWhen(NpmServer.Absent(Program) is not null, NpmServer.Absent(Program) ?? "");
        (_server, var address) = await NpmServer.StartAsync(Program, ["--port", "0", "--address", "127.0.0.1", "--directory", Path.Combine(_folder.Path, "data"), "--configure-bucket", "lake"], "listening on ");
        _store = ObjectTableStore.Open("s3://lake", new ObjectStoreOptions
        {
            CacheFolder = Path.Combine(_folder.Path, "cache"),
            PartMiB = 5,
            FirstDelay = TimeSpan.FromMilliseconds(5),
            S3 = new S3Options { Endpoint = $"http://{address}", AccessKey = "S3RVER", SecretKey = "S3RVER" },
        }, TimeProvider.System);
    }

    [Fact]
    public async Task Objects_are_put_listed_read_in_ranges_and_deleted()
    {
        for (var i = 0; i < 5; i++)
            await _store.ReplaceAsync($"s3://lake/t/_delta_log/{i:D20}.json", new byte[10 + i], Cancel);
        var listed = await _store.ListAsync("s3://lake/t/_delta_log", $"{1:D20}.json", Cancel).ToListAsync(Cancel);
        Assert.Equal([12L, 13, 14], listed.Select(file => file.Size));
        var large = new byte[12_000_000];
        new Random(1).NextBytes(large);
        using (var stage = _store.Stage("s3://lake/t"))
        {
            await File.WriteAllBytesAsync(Path.Combine(stage.Root, "part.parquet"), large, Cancel);
            await stage.PublishAsync(["part.parquet"], Cancel);
        }

        await using (var stream = await _store.OpenReadAsync("s3://lake/t/part.parquet", Cancel))
        {
            stream!.Position = 11_000_000;
            var part = new byte[1000];
            await stream.ReadExactlyAsync(part, Cancel);
            Assert.Equal(large[11_000_000..11_001_000], part);
        }

        await _store.DeleteAsync("s3://lake/t/part.parquet", Cancel);
        Assert.Null(await _store.DescribeAsync("s3://lake/t/part.parquet", Cancel));
    }

    [Fact]
    public async Task A_store_that_ignores_the_condition_is_refused_before_the_first_commit()
    {
        var table = DeltaTable.At("s3://lake/t", new DeltaTableOptions { Store = _store }, TimeProvider.System);
        var transaction = table.BeginTransaction(null).SetMetadata(new StructType([new SchemaField("id", PrimitiveType.Long, true)]), [], null);
        var fault = await Assert.ThrowsAsync<ObjectStoreException>(() => transaction.CommitAsync("CREATE TABLE", new Dictionary<string, string>(), Cancel));
        Assert.Contains("ignores the condition of a put", fault.Message, StringComparison.Ordinal);
        Assert.Empty(await _store.ListTreeAsync("s3://lake/t", Cancel).ToListAsync(Cancel));
    }

    public async ValueTask DisposeAsync()
    {
        _store?.Dispose();
        if (_server is not null)
            await _server.DisposeAsync();
        _folder.Dispose();
    }
}
