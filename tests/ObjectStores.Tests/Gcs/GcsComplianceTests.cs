namespace RealTimeMesh.ObjectStores.Tests.Gcs;

/// <summary>The contract on a server that answers as the documentation of Google Cloud Storage says.</summary>
public sealed class GcsComplianceTests : TableStoreComplianceSuite
{
    private readonly TestFolder _cache = new();
    private GcsTestServer? _server;

    protected override async Task<(ITableStore Store, string Table)> OpenStoreAsync()
    {
        _server = await GcsTestServer.StartAsync();
        return (OpenAnother(), "gs://lake/warehouse/t");
    }

    protected override ITableStore OpenAnother() => ObjectTableStore.Open("gs://lake/warehouse", _server!.Options(_cache.Path), TimeProvider.System);

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        await _server!.DisposeAsync();
        _cache.Dispose();
    }
}
