using System.Text.Json;
using RealTimeMesh.Contracts;
using RealTimeMesh.DeltaLake;
using RealTimeMesh.ObjectStores;
using RealTimeMesh.ObjectStores.Tests;
using RealTimeMesh.ObjectStores.Tests.S3;

namespace RealTimeMesh.EndToEnd.Tests;

/// <summary>The <c>lake</c> commands on a table that lives on an object store.</summary>
public sealed class LakeRemoteTests : IAsyncLifetime
{
    private const string Url = "s3://lake/warehouse/numbers";
    private readonly string _folder = Directory.CreateTempSubdirectory("lake-remote-").FullName;
    private S3TestServer _server = null!;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private Dictionary<string, string> Variables => new()
    {
        ["AWS_ENDPOINT_URL_S3"] = _server.Url,
        ["AWS_ACCESS_KEY_ID"] = S3TestServer.AccessKey,
        ["AWS_SECRET_ACCESS_KEY"] = S3TestServer.SecretKey,
        ["MESH_LAKE_CACHE"] = _folder,
    };

    public async ValueTask InitializeAsync()
    {
        _server = await S3TestServer.StartAsync();
        using var store = ObjectTableStore.Open(Url, _server.Options(Path.Combine(_folder, "writer")), TimeProvider.System);
        var schema = new RowSchema([new Field("n", FieldType.Int64, true)]);
        var table = DeltaTable.At(Url, new DeltaTableOptions { Store = store }, TimeProvider.System);
        await table.BeginTransaction(null).SetMetadata(schema, [], null).CommitAsync("CREATE TABLE", new Dictionary<string, string>(), Cancel);
        for (var i = 0; i < 4; i++)
        {
            var rows = new ColumnBatch(schema);
            for (var n = 0; n < 10; n++)
                ((Int64Column)rows.Columns[0]).Append((i * 10) + n);
            var transaction = table.BeginTransaction(await table.GetSnapshotAsync(null, Cancel));
            foreach (var file in await table.WriteFilesAsync(schema, [], [rows], Cancel))
                transaction.Add(file);
            await transaction.CommitAsync("WRITE", new Dictionary<string, string>(), Cancel);
        }
    }

    [Fact]
    public async Task Tables_are_listed_queried_travelled_and_maintained_by_their_uri()
    {
        Assert.Equal("numbers", (await RunAsync("ls", "s3://lake/warehouse"))[0].GetProperty("table").GetString());
        Assert.Equal(780, (await RunAsync("query", Url, "--sql", "select sum(n) as total from t"))[0].GetProperty("total").GetInt32());
        Assert.Equal(190, (await RunAsync("query", Url, "--version", "2", "--sql", "select sum(n) as total from t"))[0].GetProperty("total").GetInt32());
        Assert.Equal(5, (await RunAsync("history", Url)).Count);
        Assert.Equal(5, (await RunAsync("optimize", Url))[^1].GetProperty("version").GetInt32());
        Assert.Equal(40, (await RunAsync("describe", Url))[0].GetProperty("rows").GetInt32());
        Assert.Equal(6, (await RunAsync("restore", Url, "--version", "1"))[^1].GetProperty("version").GetInt32());
        Assert.Equal(45, (await RunAsync("query", Url, "--sql", "select sum(n) as total from t"))[0].GetProperty("total").GetInt32());
        await RunAsync("vacuum", Url, "--dry-run");
    }

    [Fact]
    public async Task A_predicate_decides_what_is_fetched()
    {
        _server.Faults.Requests.Clear();
        var (code, output, errors) = await LakeProcess.RunAsync(Variables, "query", Url, "--where", "n = 25", "--format", "ndjson");
        Assert.Equal((0, "{\"n\":25}"), (code, output.Trim()));
        Assert.Contains("1 of 4 files read", errors, StringComparison.Ordinal);
        Assert.Single(_server.Faults.Requests, request => request.EndsWith(".parquet", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("s3://nowhere/t", "create it or correct its name")]
    [InlineData("s3://lake/nothing", "there is no table here")]
    [InlineData("ftp://lake/t", "expected s3://bucket/path")]
    [InlineData("az://lake/t", "AZURE_STORAGE_ACCOUNT")]
    public async Task A_uri_that_cannot_be_read_is_an_error_with_its_cure(string uri, string cure)
    {
        var (code, _, errors) = await LakeProcess.RunAsync(Variables, "query", uri);
        Assert.Equal(1, code);
        Assert.Contains(cure, errors, StringComparison.Ordinal);
    }

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    private async Task<List<JsonElement>> RunAsync(params string[] arguments)
    {
        var (code, output, errors) = await LakeProcess.RunAsync(Variables, [.. arguments, "--format", "ndjson"]);
        Assert.True(code == 0, errors);
        return [.. output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonDocument.Parse(line).RootElement)];
    }
}
