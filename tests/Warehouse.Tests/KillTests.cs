using System.Diagnostics;
using System.Globalization;
using DuckDB.NET.Data;
using RealTimeMesh.Contracts;
using RealTimeMesh.Snowflake;
using RealTimeMesh.Testing;

namespace RealTimeMesh.Warehouse.Tests;

/// <summary>The warehouse as its own process, killed without warning.</summary>
public sealed class KillTests
{
    private const int Rows = 20_000;

    private static readonly RowSchema Schema = new([new Field("id", FieldType.Int64, false), new Field("version", FieldType.Int64, false)]);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Every_version_is_loaded_once_whenever_the_warehouse_is_killed()
    {
        var root = Path.Combine(Path.GetTempPath(), $"mesh-kill-{Environment.ProcessId}");
        Directory.CreateDirectory(root);
        var address = new Uri($"http://127.0.0.1:{FreePorts.Next()}");
        using var client = new SnowflakeClient(new SnowflakeOptions { Endpoint = address, MaxAttempts = 200, RetryDelay = TimeSpan.FromMilliseconds(20) }, TimeProvider.System);
        var loader = new WarehouseLoader(client, TimeProvider.System);
        var random = new Random(7);
        var process = Start(root, address);
        try
        {
            for (var version = 0; version < 6; version++)
            {
                var request = Stage(root, version);
                var load = loader.LoadAsync(request, Cancel);
                await Task.Delay(TimeSpan.FromMilliseconds(random.Next(20, 250)), TimeProvider.System, Cancel);
                process.Kill();
                await process.WaitForExitAsync(Cancel);
                process.Dispose();
                process = Start(root, address);
                try
                {
                    await load;
                }
                catch (SnowflakeException)
                {
                    // A handle or a table of the killed run is gone: a later run starts the load anew.
                    await loader.LoadAsync(request, Cancel);
                }

                var counts = (await client.ExecuteAsync("select count(*), min(version), max(version) from gold.t", Cancel)).Rows[0];
                var expected = version.ToString(CultureInfo.InvariantCulture);
                Assert.Equal([Rows.ToString(CultureInfo.InvariantCulture), expected, expected], counts);
            }

            Assert.Equal(["6", "6"], (await client.ExecuteAsync("select count(*), count(distinct load_id) from mesh.loads", Cancel)).Rows[0]);
        }
        finally
        {
            process.Kill();
            await process.WaitForExitAsync(CancellationToken.None);
            process.Dispose();
            Directory.Delete(root, recursive: true);
        }
    }

    private static Process Start(string root, Uri address)
    {
        var start = new ProcessStartInfo("dotnet") { RedirectStandardOutput = false };
        foreach (var argument in new[] { Path.Combine(AppContext.BaseDirectory, "RealTimeMesh.Warehouse.dll"), $"--MESH_DATA={root}", $"--urls={address}" })
            start.ArgumentList.Add(argument);
        return Process.Start(start)!;
    }

    private static LoadRequest Stage(string root, int version)
    {
        var folder = Path.Combine(root, "stage", version.ToString(CultureInfo.InvariantCulture));
        Directory.CreateDirectory(folder);
        var sql = string.Create(CultureInfo.InvariantCulture, $"SELECT i::BIGINT AS id, {version}::BIGINT AS version FROM range({Rows}) r(i)");
        using var connection = new DuckDBConnection("DataSource=:memory:");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = $"COPY ({sql}) TO '{folder}/part-0.parquet' (FORMAT PARQUET); {RowHash.DuckDbMacros}";
        command.ExecuteNonQuery();
        command.CommandText = RowHash.Query(Schema, $"({sql})");
        using var reader = command.ExecuteReader();
        reader.Read();
        return new LoadRequest
        {
            Source = "t.gold.t", Version = version, Target = "GOLD.T", Keys = ["id"], Schema = Schema,
            StageUrl = new Uri(Path.Combine(root, "stage") + "/").AbsoluteUri, StagePath = version.ToString(CultureInfo.InvariantCulture),
            Rows = Rows, ContentHash = reader.GetString(1),
        };
    }
}
