using System.Globalization;
using System.Net;
using DuckDB.NET.Data;
using RealTimeMesh.Contracts;
using RealTimeMesh.Snowflake;

namespace RealTimeMesh.Warehouse.Tests;

public sealed class LoaderTests
{
    private static readonly RowSchema Schema = new(
    [
        new Field("airport", FieldType.String, true),
        new Field("day", FieldType.Date, true),
        new Field("flights", FieldType.Int64, true),
        new Field("avg_delay", FieldType.Float64, true),
        new Field("last_at", FieldType.Timestamp, true),
        new Field("cost", FieldType.Decimal, true) { Precision = 12, Scale = 2 },
        new Field("raw", FieldType.Bytes, true),
    ]);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Load_makes_the_target_equal_to_the_version_and_records_it_once()
    {
        await using var host = await WarehouseHost.StartAsync();
        using var client = host.Client();
        var loader = new WarehouseLoader(client, TimeProvider.System);
        var first = await loader.LoadAsync(Stage(host, 3, Rows(("AAA", 1, 10), ("BBB", 1, 20), (null, 1, 5))), Cancel);
        Assert.True(first.Loaded);
        var second = await loader.LoadAsync(Stage(host, 4, Rows(("AAA", 1, 11), ("CCC", 2, 7), (null, 1, 6))), Cancel);
        Assert.True(second.Loaded);
        Assert.False((await loader.LoadAsync(Stage(host, 4, Rows(("AAA", 1, 11))), Cancel)).Loaded);
        Assert.False((await loader.LoadAsync(Stage(host, 3, Rows(("AAA", 1, 10))), Cancel)).Loaded);

        var rows = await client.ExecuteAsync("select airport, flights from gold.airport_daily order by 1 nulls last", Cancel);
        Assert.Equal(["AAA=11", "CCC=7", "=6"], rows.Rows.Select(row => $"{row[0]}={row[1]}"));
        var loads = await client.ExecuteAsync("select load_id, version, row_count from mesh.loads order by version", Cancel);
        Assert.Equal(["t.gold.airport_daily@3|3|3", "t.gold.airport_daily@4|4|3"], loads.Rows.Select(row => string.Join('|', row)));
        Assert.Equal(4, await loader.LoadedVersionAsync("t.gold.airport_daily", "GOLD.AIRPORT_DAILY", Cancel));
        var tables = await client.ExecuteAsync("show tables in schema gold", Cancel);
        Assert.Equal("AIRPORT_DAILY", Assert.Single(tables.Rows)[0]);
    }

    [Fact]
    public async Task Load_that_cannot_be_proven_is_not_recorded()
    {
        await using var host = await WarehouseHost.StartAsync();
        using var client = host.Client();
        var loader = new WarehouseLoader(client, TimeProvider.System);
        var request = Stage(host, 1, Rows(("AAA", 1, 10)));
        var fault = await Assert.ThrowsAsync<RealTimeMeshException>(() => loader.LoadAsync(request with { ContentHash = "1" }, Cancel));
        Assert.Contains("expected 1 rows with hash 1", fault.Message, StringComparison.Ordinal);
        Assert.Equal(-1, await loader.LoadedVersionAsync(request.Source, request.Target, Cancel));
        Assert.True((await loader.LoadAsync(request, Cancel)).Loaded);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    [InlineData(6)]
    public async Task Loader_that_dies_after_any_request_loads_once_when_it_runs_again(int requests)
    {
        await using var host = await WarehouseHost.StartAsync();
        var request = Stage(host, 1, Rows(("AAA", 1, 10), ("BBB", 1, 20)));
        using (var dying = host.Client(options => options with { MaxAttempts = 1 }, new DyingHandler(requests)))
            await Assert.ThrowsAnyAsync<Exception>(() => new WarehouseLoader(dying, TimeProvider.System).LoadAsync(request, Cancel));
        await host.RestartAsync();

        using var client = host.Client();
        await new WarehouseLoader(client, TimeProvider.System).LoadAsync(request, Cancel);
        Assert.Equal("2", (await client.ExecuteAsync("select count(*) from gold.airport_daily", Cancel)).Rows[0][0]);
        Assert.Equal("1", (await client.ExecuteAsync("select count(*) from mesh.loads", Cancel)).Rows[0][0]);
    }

    [Fact]
    public async Task Client_repeats_a_request_whose_answer_was_lost_without_running_it_twice()
    {
        await using var host = await WarehouseHost.StartAsync();
        await host.RunAsync("create table t (a int)");
        using var client = host.Client(handler: new LosingHandler());
        await client.ExecuteAsync("insert into t values (1)", Cancel);
        Assert.Equal("1", (await host.RunAsync("select count(*) from t")).GetProperty("data")[0][0].GetString());
    }

    [Fact]
    public async Task Load_with_an_unknown_key_is_refused()
    {
        await using var host = await WarehouseHost.StartAsync();
        using var client = host.Client();
        var request = Stage(host, 1, Rows(("AAA", 1, 10))) with { Keys = ["nope"] };
        Assert.Contains("nope", (await Assert.ThrowsAsync<RealTimeMeshException>(() => new WarehouseLoader(client, TimeProvider.System).LoadAsync(request, Cancel))).Message, StringComparison.Ordinal);
    }

    private static string Rows(params (string? Airport, int Day, int Flights)[] rows) =>
        string.Join(" UNION ALL ", rows.Select(row => string.Create(CultureInfo.InvariantCulture,
            $"SELECT {(row.Airport is null ? "NULL" : $"'{row.Airport}'")}::VARCHAR AS airport, DATE '2001-01-01' + {row.Day} AS day, {row.Flights}::BIGINT AS flights, {row.Flights} / 3.0::DOUBLE AS avg_delay, make_timestamp({row.Flights} * 1000001::BIGINT)::TIMESTAMPTZ AS last_at, {row.Flights}.25::DECIMAL(12,2) AS cost, 'ab'::BLOB AS raw")));

    private static LoadRequest Stage(WarehouseHost host, long version, string sql)
    {
        host.Stage($"t/{version}/part-0.parquet", sql);
        using var connection = new DuckDBConnection("DataSource=:memory:");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = $"SET TimeZone='UTC'; {RowHash.DuckDbMacros}; {RowHash.Query(Schema, $"({sql})")}";
        using var reader = command.ExecuteReader();
        reader.Read();
        return new LoadRequest
        {
            Source = "t.gold.airport_daily",
            Version = version,
            Target = "GOLD.AIRPORT_DAILY",
            Keys = ["airport", "day"],
            Schema = Schema,
            StageUrl = host.StageUrl,
            StagePath = $"t/{version}",
            Rows = long.Parse(reader.GetString(0), CultureInfo.InvariantCulture),
            ContentHash = reader.GetString(1),
        };
    }

    /// <summary>Lets some statements through, then fails: the process is gone.</summary>
    private sealed class DyingHandler(int requests) : DelegatingHandler(new SocketsHttpHandler())
    {
        private int _left = requests;

        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            // The last statement still reaches the server; its answer no longer reaches us.
            if (request.Method == HttpMethod.Post && _left-- <= 1)
            {
                if (_left == 0)
                    (await base.SendAsync(request, cancellationToken)).Dispose();
                throw new HttpRequestException("the loader died");
            }

            return await base.SendAsync(request, cancellationToken);
        }
    }

    /// <summary>Loses the first answer and answers 503 to the second attempt.</summary>
    private sealed class LosingHandler() : DelegatingHandler(new SocketsHttpHandler())
    {
        private int _count;

        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            _count++;
            if (_count == 2)
                return new HttpResponseMessage(HttpStatusCode.ServiceUnavailable);
            var response = await base.SendAsync(request, cancellationToken);
            if (_count > 1)
                return response;
            response.Dispose();
            throw new HttpRequestException("the answer got lost");
        }
    }
}
