using Microsoft.AspNetCore.Builder;
using RealTimeMesh.Contracts;
using RealTimeMesh.DeltaLake;
using RealTimeMesh.DuckDb;
using RealTimeMesh.Lakehouse;

namespace RealTimeMesh.Console.Tests;

/// <summary>The lakehouse itself, over a table of four versions: made, three times ten rows appended.</summary>
internal sealed class RealLake : IAsyncDisposable
{
    public const string Table = "silver.departures";
    public const string Orphan = "part-left-over.parquet";

    private readonly string _folder = Directory.CreateTempSubdirectory("console-lake-").FullName;
    private WebApplication? _app;

    public string TablePath => Path.Combine(_folder, "lake", "flights", "silver", "departures");

    public string Setting => $"--MESH_LAKEHOUSE_URL={_app!.Urls.First()}";

    public static async Task<RealLake> StartAsync(params string[] settings)
    {
        var lake = new RealLake();
        await lake.FillAsync();
        lake._app = LakehouseApp.Build(
        [
            "--urls=http://127.0.0.1:0", "--MESH_IN_PROCESS=true", $"--MESH_PIPELINES={ConsoleUnderTest.PipelinesPath}", $"--MESH_DATA={lake._folder}", "--DAPR_HTTP_PORT=1", "--DAPR_GRPC_PORT=1",
            "--Logging:LogLevel:Default=None", "--MESH_MAINTENANCE_MIN_FREE_MIB=0", .. settings,
        ]);
        await lake._app.StartAsync();
        return lake;
    }

    public DeltaTable Open() => DeltaTable.At(TablePath, new DeltaTableOptions { Engine = new DuckDbTableEngine(new DuckDbOptions { MemoryLimitMiB = 128, Threads = 1, SpillPath = Path.Combine(_folder, "spill") }) }, TimeProvider.System);

    public async ValueTask DisposeAsync()
    {
        if (_app is not null)
        {
            await _app.StopAsync();
            await _app.DisposeAsync();
        }

        Directory.Delete(_folder, recursive: true);
    }

    private async Task FillAsync()
    {
        Directory.CreateDirectory(TablePath);
        var table = Open();
        RowSchema schema = new([new("id", FieldType.Int64, true), new("place", FieldType.String, true)]);
        await table.BeginTransaction(null).SetMetadata(schema, [], null).SetProperties([new("delta.enableChangeDataFeed", "true")]).CommitAsync("CREATE TABLE", new Dictionary<string, string>(), default);
        for (var i = 0; i < 3; i++)
        {
            var rows = new ColumnBatch(schema);
            for (var k = 0; k < 10; k++)
            {
                ((Int64Column)rows.Columns[0]).Append((i * 10) + k);
                ((StringColumn)rows.Columns[1]).Append($"place {i}");
            }

            var snapshot = (await table.GetSnapshotAsync(null, default))!;
            var transaction = table.BeginTransaction(snapshot);
            foreach (var file in await table.WriteFilesAsync(snapshot, [rows], default))
                transaction.Add(file);
            await transaction.CommitAsync("WRITE", new Dictionary<string, string> { ["mode"] = "Append" }, default);
        }

        var orphan = Path.Combine(TablePath, Orphan);
        await File.WriteAllTextAsync(orphan, "left over");
        File.SetLastWriteTimeUtc(orphan, TimeProvider.System.GetUtcNow().UtcDateTime.AddDays(-30));
    }
}
