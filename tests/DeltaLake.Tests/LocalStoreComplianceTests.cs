using RealTimeMesh.Testing;

namespace RealTimeMesh.DeltaLake.Tests;

public sealed class LocalStoreComplianceTests : TableStoreComplianceSuite
{
    private readonly string _folder = Directory.CreateTempSubdirectory("delta-store-").FullName;

    protected override Task<(ITableStore Store, string Table)> OpenStoreAsync() => Task.FromResult<(ITableStore, string)>((new LocalTableStore(), Path.Combine(_folder, "t")));

    protected override ITableStore OpenAnother() => new LocalTableStore();

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }
}
