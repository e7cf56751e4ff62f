using System.Net.Http.Json;
using System.Text.Json;
using DuckDB.NET.Data;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using RealTimeMesh.Snowflake;

namespace RealTimeMesh.Warehouse.Tests;

/// <summary>A running warehouse over a temporary folder; it can be stopped and started again on the same data.</summary>
internal sealed class WarehouseHost : IAsyncDisposable
{
    private static long _counter;
    private readonly string[] _extra;
    private readonly bool _owner;
    private WebApplication _app;

    private WarehouseHost(string root, bool owner, WebApplication app, string[] extra)
    {
        (Root, _owner, _app, _extra) = (root, owner, app, extra);
        Http = new HttpClient { BaseAddress = Address };
    }

    public string Root { get; }

    public string StagePath => Path.Combine(Root, "stage");

    public string StageUrl => new Uri(StagePath + "/").AbsoluteUri;

    public HttpClient Http { get; private set; }

    public Uri Address => new(_app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First());

    public static async Task<WarehouseHost> StartAsync(params string[] extra)
    {
        var root = Path.Combine(Path.GetTempPath(), $"mesh-warehouse-{Environment.ProcessId}-{Interlocked.Increment(ref _counter)}");
        Directory.CreateDirectory(Path.Combine(root, "stage"));
        return new WarehouseHost(root, true, await RunAsync(root, extra), extra);
    }

    public async Task RestartAsync()
    {
        Http.Dispose();
        await _app.StopAsync();
        await _app.DisposeAsync();
        _app = await RunAsync(Root, _extra);
        Http = new HttpClient { BaseAddress = Address };
    }

    public SnowflakeClient Client(Func<SnowflakeOptions, SnowflakeOptions>? change = null, HttpMessageHandler? handler = null)
    {
        var options = new SnowflakeOptions { Endpoint = Address, RetryDelay = TimeSpan.FromMilliseconds(1), PollInterval = TimeSpan.FromMilliseconds(5) };
        return new SnowflakeClient(change?.Invoke(options) ?? options, TimeProvider.System, handler);
    }

    public Task<HttpResponseMessage> PostAsync(object body, string query = "") =>
        Http.PostAsJsonAsync($"/api/v2/statements{query}", body, TestContext.Current.CancellationToken);

    public async Task<JsonElement> RunAsync(string statement, int count = 1)
    {
        using var response = await PostAsync(new { statement, parameters = new Dictionary<string, string> { ["MULTI_STATEMENT_COUNT"] = count.ToString() } });
        var body = await BodyAsync(response);
        Assert.True(response.IsSuccessStatusCode, body.ToString());
        return body;
    }

    public static async Task<JsonElement> BodyAsync(HttpResponseMessage response) =>
        await response.Content.ReadFromJsonAsync<JsonElement>(TestContext.Current.CancellationToken);

    /// <summary>Writes a Parquet file into the stage.</summary>
    public void Stage(string path, string sql)
    {
        var file = Path.Combine(StagePath, path);
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        using var connection = new DuckDBConnection("DataSource=:memory:");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = $"SET TimeZone='UTC'; COPY ({sql}) TO '{file}' (FORMAT PARQUET)";
        command.ExecuteNonQuery();
    }

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        await _app.StopAsync();
        await _app.DisposeAsync();
        if (_owner)
            Directory.Delete(Root, recursive: true);
    }

    private static async Task<WebApplication> RunAsync(string root, string[] extra)
    {
        var app = WarehouseApp.Build([$"--MESH_DATA={root}", "--urls=http://127.0.0.1:0", .. extra]);
        await app.StartAsync();
        return app;
    }
}
