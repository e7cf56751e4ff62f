namespace RealTimeMesh.ObjectStores.Tests.Azure;

/// <summary>The contract on Azurite, which is started once.</summary>
public sealed class AzureComplianceTests(AzuriteFixture azurite) : TableStoreComplianceSuite, IClassFixture<AzuriteFixture>
{
    private static int s_tables;
    private readonly TestFolder _cache = new();

    protected override Task<(ITableStore Store, string Table)> OpenStoreAsync()
    {
        Assert.SkipWhen(NpmServer.Absent(AzuriteServer.Program) is not null, NpmServer.Absent(AzuriteServer.Program) ?? "");
        return Task.FromResult<(ITableStore, string)>((OpenAnother(), FormattableString.Invariant($"az://lake/warehouse/t{Interlocked.Increment(ref s_tables)}-")));
    }

    protected override ITableStore OpenAnother() => ObjectTableStore.Open("az://lake/warehouse", azurite.Server!.Options(_cache.Path), TimeProvider.System);

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        _cache.Dispose();
    }
}
