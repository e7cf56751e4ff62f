namespace RealTimeMesh.ObjectStores.Tests.S3;

/// <summary>The contract on a server that answers as S3's documentation says.</summary>
public sealed class S3ComplianceTests : TableStoreComplianceSuite
{
    private readonly TestFolder _cache = new();
    private S3TestServer? _server;

    protected override async Task<(ITableStore Store, string Table)> OpenStoreAsync()
    {
        _server = await S3TestServer.StartAsync();
        return (OpenAnother(), "s3://lake/warehouse/t");
    }

    protected override ITableStore OpenAnother() => ObjectTableStore.Open("s3://lake/warehouse", _server!.Options(_cache.Path), TimeProvider.System);

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        await _server!.DisposeAsync();
        _cache.Dispose();
    }
}

/// <summary>The contract on the same server while every tenth request fails in one way or another.</summary>
public sealed class FaultyS3ComplianceTests : TableStoreComplianceSuite
{
    private readonly TestFolder _cache = new();
    private S3TestServer? _server;

    protected override async Task<(ITableStore Store, string Table)> OpenStoreAsync()
    {
        _server = await S3TestServer.StartAsync();
        return (OpenAnother(), "s3://lake/t");
    }

    public override async ValueTask InitializeAsync()
    {
        await base.InitializeAsync();
        // Not lost answers: a put whose answer is lost is answered with false, and it is the caller who looks.
        var random = new Random(3);
        _server!.Faults.Of = _ =>
        {
            lock (random)
                return random.Next(30) switch { 0 => Tests.Fault.Busy, 1 => Tests.Fault.Conflict, 2 => Tests.Fault.Dropped, _ => Tests.Fault.None };
        };
    }

    protected override ITableStore OpenAnother() => ObjectTableStore.Open("s3://lake", _server!.Options(_cache.Path), TimeProvider.System);

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        await _server!.DisposeAsync();
        _cache.Dispose();
    }
}
