using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using RealTimeMesh.Contracts;
using RealTimeMesh.DeltaLake;
using RealTimeMesh.Warehouse;

namespace RealTimeMesh.SparkJobs.Tests;

/// <summary>The job service and the warehouse over a temporary data folder, with a pipeline of its own.</summary>
internal sealed class JobsHost : IAsyncDisposable
{
    private static readonly RowSchema Bronze = new(
    [
        new Field("origin", FieldType.String, false),
        new Field("delay", FieldType.Int32, true),
        new Field("scheduled", FieldType.Timestamp, false),
        new Field("_id", FieldType.String, false),
        new Field("_offset", FieldType.Int64, false),
    ]);

    private static long _counter;
    private readonly DeltaTable _bronze;
    private long _offset;

    private JobsHost(string root, WebApplication warehouse)
    {
        Root = root;
        Warehouse = warehouse;
        _bronze = DeltaTable.At(Path.Combine(root, "data/lake/trips/bronze/departures"), new DeltaTableOptions(), TimeProvider.System);
    }

    public string Root { get; }

    public WebApplication Warehouse { get; }

    public WebApplication? Jobs { get; private set; }

    public HttpClient Http { get; private set; } = new();

    public static async Task<JobsHost> StartAsync(string? goldSql = null, bool withJobs = true)
    {
        var root = Path.Combine(Path.GetTempPath(), $"mesh-jobs-{Environment.ProcessId}-{Interlocked.Increment(ref _counter)}");
        var pipeline = Path.Combine(root, "pipelines/trips");
        Directory.CreateDirectory(Path.Combine(pipeline, "sql"));
        await File.WriteAllTextAsync(Path.Combine(pipeline, "departure.avsc"), """
            {"type": "record", "name": "Departure", "namespace": "trips", "fields": [
              {"name": "origin", "type": "string"},
              {"name": "delay", "type": ["null", "int"], "default": null},
              {"name": "scheduled", "type": {"type": "long", "logicalType": "timestamp-micros"}}]}
            """);
        await File.WriteAllTextAsync(Path.Combine(pipeline, "airports.csv"), "iata,city\nAAA,Alpha\nBBB,Beta\n");
        await File.WriteAllTextAsync(Path.Combine(pipeline, "sql/silver.sql"), "-- Cleaned.\nselect d._id as flight_id, d.origin, a.city, d.delay, cast(d.scheduled as date) as day\nfrom bronze.departures d left join airports a on a.iata = d.origin\n");
        await File.WriteAllTextAsync(Path.Combine(pipeline, "sql/gold.sql"), goldSql ?? "select origin as airport, day, count(*) as flights, sum(delay) as delay, avg(delay) as avg_delay from silver.departures group by origin, day");
        await File.WriteAllTextAsync(Path.Combine(pipeline, "pipeline.yaml"), """
            pipeline: trips
            streams:
              departures:
                contract: departure.avsc
                key: origin
                time: { field: scheduled, outOfOrder: 10m, idleAfter: 30s }
            references:
              airports: { file: airports.csv, key: iata }
            tables:
              bronze.departures: { append: departures }
              silver.departures: { sql: sql/silver.sql, merge: [flight_id], changes: bronze.departures }
              gold.daily: { sql: sql/gold.sql, merge: [airport, day], changes: silver.departures }
            warehouse:
              gold.daily: { to: GOLD.DAILY, load: merge, keys: [airport, day] }
            """);
        var warehouse = WarehouseApp.Build([$"--MESH_DATA={Path.Combine(root, "data")}", "--urls=http://127.0.0.1:0"]);
        await warehouse.StartAsync();
        var host = new JobsHost(root, warehouse);
        if (withJobs)
            await host.StartJobsAsync();
        return host;
    }

    public async Task StartJobsAsync()
    {
        Jobs = SparkJobsApp.Build(
        [
            $"--MESH_DATA={Path.Combine(Root, "data")}", $"--MESH_PIPELINES={Path.Combine(Root, "pipelines")}", $"--WAREHOUSE_URL={AddressOf(Warehouse)}",
            "--MESH_BUILD_INTERVAL_MS=10", "--MESH_BUILD_POLL_MS=600000", "--urls=http://127.0.0.1:0",
        ]);
        await Jobs.StartAsync();
        Http = new HttpClient { BaseAddress = AddressOf(Jobs) };
    }

    public async Task StopJobsAsync()
    {
        Http.Dispose();
        await Jobs!.StopAsync();
        await Jobs.DisposeAsync();
        Jobs = null;
    }

    public async Task AppendAsync(params (string Id, string Origin, int? Delay)[] rows)
    {
        var cancel = TestContext.Current.CancellationToken;
        var batch = new ColumnBatch(Bronze);
        foreach (var (id, origin, delay) in rows)
        {
            ((StringColumn)batch.Columns[0]).Append(origin);
            if (delay is null)
                batch.Columns[1].AppendNull();
            else
                ((Int64Column)batch.Columns[1]).Append(delay.Value);
            ((Int64Column)batch.Columns[2]).Append(978_307_200_000_000 + (_offset * 3_600_000_000));
            ((StringColumn)batch.Columns[3]).Append(id);
            ((Int64Column)batch.Columns[4]).Append(_offset++);
        }

        var snapshot = await _bronze.GetSnapshotAsync(null, cancel);
        var transaction = _bronze.BeginTransaction(snapshot);
        if (snapshot is null)
            transaction.SetMetadata(Bronze, [], "bronze.departures");
        foreach (var file in await _bronze.WriteFilesAsync(Bronze, [], [batch], cancel))
            transaction.Add(file);
        Assert.IsType<CommitResult.Committed>(await transaction.CommitAsync("WRITE", new Dictionary<string, string>(), cancel));
    }

    public async Task<(int Status, JsonElement Body)> DrainAsync()
    {
        using var response = await Http.PostAsync("/v1/builds/drain?pipeline=trips", null, TestContext.Current.CancellationToken);
        return ((int)response.StatusCode, await response.Content.ReadFromJsonAsync<JsonElement>(TestContext.Current.CancellationToken));
    }

    public Task<JsonElement> GetAsync(string path) => Http.GetFromJsonAsync<JsonElement>(path, TestContext.Current.CancellationToken);

    public async Task<IReadOnlyList<string>> WarehouseRowsAsync(string sql)
    {
        using var client = new Snowflake.SnowflakeClient(new Snowflake.SnowflakeOptions { Endpoint = AddressOf(Warehouse) }, TimeProvider.System);
        return [.. (await client.ExecuteAsync(sql, TestContext.Current.CancellationToken)).Rows.Select(row => string.Join('|', row))];
    }

    public async ValueTask DisposeAsync()
    {
        if (Jobs is not null)
            await StopJobsAsync();
        await Warehouse.StopAsync();
        await Warehouse.DisposeAsync();
        Directory.Delete(Root, recursive: true);
    }

    private static Uri AddressOf(WebApplication app) => new(app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First());
}
