using System.Text.Json;
using RealTimeMesh.Contracts;
using RealTimeMesh.DeltaLake;

namespace RealTimeMesh.EndToEnd.Tests;

public sealed class LakeMaintenanceTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("lake-").FullName;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Optimize_vacuum_and_restore_tell_first_and_do_then()
    {
        await FillAsync(5);
        Assert.Equal(5, (await RunAsync("optimize", "--dry-run")).GetProperty("files").GetInt32());
        Assert.Equal(6, (await RunAsync("optimize", "--zorder", "n")).GetProperty("version").GetInt32());
        var optimized = await DescribeAsync();
        Assert.Equal((1, 50), (optimized.GetProperty("files").GetInt32(), optimized.GetProperty("rows").GetInt32()));

        Assert.Equal(0, (await RunAsync("vacuum")).GetProperty("files").GetInt32());
        var (code, _, errors) = await LakeProcess.RunAsync("vacuum", _folder, "--retention", "0s");
        Assert.Equal(1, code);
        Assert.Contains("expected 7 days or more", errors, StringComparison.Ordinal);
        Assert.Equal(5, (await RunAsync("vacuum", "--retention", "0s", "--allow-short-retention", "--dry-run")).GetProperty("files").GetInt32());
        Assert.Equal(6, Directory.GetFiles(_folder, "*.parquet").Length);

        var preview = await RunAsync("restore", "--version", "2", "--dry-run");
        Assert.Equal((50, 20), (preview.GetProperty("rowsBefore").GetInt32(), preview.GetProperty("rowsAfter").GetInt32()));
        Assert.Equal(7, (await RunAsync("restore", "--version", "2", "--reason", "too much")).GetProperty("version").GetInt32());
        Assert.Equal(20, (await DescribeAsync()).GetProperty("rows").GetInt32());

        Assert.Equal(4, (await RunAsync("vacuum", "--retention", "0s", "--allow-short-retention")).GetProperty("files").GetInt32());
        (code, _, errors) = await LakeProcess.RunAsync("restore", _folder, "--version", "5");
        Assert.Equal(1, code);
        Assert.Contains("are gone", errors, StringComparison.Ordinal);
        Assert.Equal(20, (await DescribeAsync()).GetProperty("rows").GetInt32());
    }

    [Theory]
    [InlineData("there is no table here", "vacuum")]
    [InlineData("there is no table here", "optimize")]
    [InlineData("expected one of them", "restore")]
    [InlineData("there is no table here", "restore", "--version", "1")]
    [InlineData("found '7 days'", "vacuum", "--retention", "7 days")]
    public async Task A_command_that_cannot_be_done_says_why_and_fails(string reason, string command, params string[] arguments)
    {
        var (code, _, errors) = await LakeProcess.RunAsync([command, _folder, .. arguments]);
        Assert.Equal(1, code);
        Assert.Contains(reason, errors, StringComparison.Ordinal);
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private async Task<JsonElement> RunAsync(string command, params string[] arguments)
    {
        var (code, output, errors) = await LakeProcess.RunAsync([command, _folder, .. arguments, "--format", "ndjson"]);
        Assert.True(code == 0, errors);
        return JsonDocument.Parse(output.Split('\n', StringSplitOptions.RemoveEmptyEntries)[^1]).RootElement;
    }

    private Task<JsonElement> DescribeAsync() => RunAsync("describe");

    private async Task FillAsync(int appends)
    {
        var schema = new RowSchema([new Field("n", FieldType.Int64, true)]);
        var table = DeltaTable.At(_folder, new DeltaTableOptions(), TimeProvider.System);
        await table.BeginTransaction(null).SetMetadata(schema, [], null).CommitAsync("CREATE TABLE", new Dictionary<string, string>(), Cancel);
        for (var i = 0; i < appends; i++)
        {
            var rows = new ColumnBatch(schema);
            for (var n = 0; n < 10; n++)
                ((Int64Column)rows.Columns[0]).Append((n * 10) + i);
            var transaction = table.BeginTransaction(await table.GetSnapshotAsync(null, Cancel));
            foreach (var file in await table.WriteFilesAsync(schema, [], [rows], Cancel))
                transaction.Add(file);
            await transaction.CommitAsync("WRITE", new Dictionary<string, string>(), Cancel);
        }
    }
}
