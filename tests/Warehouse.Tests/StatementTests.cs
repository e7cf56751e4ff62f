using System.Globalization;
using System.Net;
using System.Text.Json;

namespace RealTimeMesh.Warehouse.Tests;

public sealed class StatementTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Values_are_texts_in_the_encodings_of_the_API()
    {
        await using var host = await WarehouseHost.StartAsync();
        var body = await host.RunAsync("""
            select 42 as n, 1.50::number(10,2) as d, 2.5::float as f, true as b, '2001-01-02'::date as day,
                   '2001-01-01 01:02:03.5'::timestamp_ntz as ts, cast('1969-12-31 23:59:59' as timestamp_ntz) as before, null as nothing, 'it''s \'x\'' as t, sum(7) as s, to_varchar(3) as v
            """);
        var types = body.GetProperty("resultSetMetaData").GetProperty("rowType").EnumerateArray().Select(column => column.GetProperty("name").GetString() + ":" + column.GetProperty("type").GetString());
        Assert.Equal(["N:fixed", "D:fixed", "F:real", "B:boolean", "DAY:date", "TS:timestamp_ntz", "BEFORE:timestamp_ntz", "NOTHING:fixed", "T:text", "S:fixed", "V:text"], types);
        Assert.Equal(["42", "1.50", "2.5", "true", "11324", "978310923.500000000", "-1.000000000", null, "it's 'x'", "7", "3"], body.GetProperty("data")[0].EnumerateArray().Select(value => value.GetString()));
        Assert.Equal("090001", body.GetProperty("code").GetString());
        Assert.Equal("jsonv2", body.GetProperty("resultSetMetaData").GetProperty("format").GetString());
        Assert.Equal(2, body.GetProperty("resultSetMetaData").GetProperty("rowType")[1].GetProperty("scale").GetInt32());
    }

    [Fact]
    public async Task Results_are_paged_into_partitions()
    {
        await using var host = await WarehouseHost.StartAsync("--MESH_WAREHOUSE_PAGE_ROWS=100");
        var body = await host.RunAsync("select i from range(250) r(i) order by i");
        Assert.Equal([100, 100, 50], body.GetProperty("resultSetMetaData").GetProperty("partitionInfo").EnumerateArray().Select(part => part.GetProperty("rowCount").GetInt32()));
        Assert.Equal(100, body.GetProperty("data").GetArrayLength());
        using var client = host.Client();
        var all = await client.ExecuteAsync("select i from range(250) r(i) order by i", Cancel);
        Assert.Equal(Enumerable.Range(0, 250).Select(i => i.ToString(CultureInfo.InvariantCulture)), all.Rows.Select(row => row[0]));
        using var missing = await host.Http.GetAsync($"/api/v2/statements/{body.GetProperty("statementHandle").GetString()}?partition=3", Cancel);
        Assert.Equal(HttpStatusCode.BadRequest, missing.StatusCode);
    }

    [Theory]
    [InlineData("selec 1", "000002", "0A000")]
    [InlineData("select from where", "001003", "42000")]
    [InlineData("select * from nope.nothing", "002003", "42S02")]
    [InlineData("select no_such from (select 1 as a)", "000904", "42000")]
    [InlineData("select 'x'::int", "100038", "22018")]
    [InlineData("", "000900", "42601")]
    [InlineData("select 1; select 2", "000008", "0A000")]
    [InlineData("attach 'x.db'", "000002", "0A000")]
    [InlineData("create table t (a geography)", "001003", "42000")]
    [InlineData("select 'no end", "001003", "42000")]
    public async Task Refused_statement_is_422_with_code_and_state(string statement, string code, string state)
    {
        await using var host = await WarehouseHost.StartAsync();
        using var response = await host.PostAsync(new { statement });
        var body = await WarehouseHost.BodyAsync(response);
        Assert.Equal(HttpStatusCode.UnprocessableEntity, response.StatusCode);
        Assert.Equal((code, state), (body.GetProperty("code").GetString(), body.GetProperty("sqlState").GetString()));
        Assert.NotEmpty(body.GetProperty("message").GetString()!);
    }

    [Fact]
    public async Task Query_cannot_read_files_outside_of_the_stage_roots()
    {
        await using var host = await WarehouseHost.StartAsync();
        using var response = await host.PostAsync(new { statement = "select * from read_csv('/etc/passwd')" });
        Assert.Equal("003001", (await WarehouseHost.BodyAsync(response)).GetProperty("code").GetString());
        using var stage = await host.PostAsync(new { statement = "create stage s url = 'file:///etc/'" });
        Assert.Equal("003001", (await WarehouseHost.BodyAsync(stage)).GetProperty("code").GetString());
    }

    [Fact]
    public async Task Async_statement_answers_202_until_it_is_done_and_can_be_cancelled()
    {
        await using var host = await WarehouseHost.StartAsync();
        using var response = await host.PostAsync(new { statement = "select count(*) from range(1000000000000) r(i) where i * i % 7 = 3" }, "?async=true");
        var body = await WarehouseHost.BodyAsync(response);
        Assert.Equal((HttpStatusCode.Accepted, "333334"), (response.StatusCode, body.GetProperty("code").GetString()));
        var url = body.GetProperty("statementStatusUrl").GetString()!;
        using var running = await host.Http.GetAsync(url, Cancel);
        Assert.Equal(HttpStatusCode.Accepted, running.StatusCode);
        using var cancelled = await host.Http.PostAsync($"{url}/cancel", null, Cancel);
        Assert.Equal(HttpStatusCode.OK, cancelled.StatusCode);
        while (true)
        {
            using var status = await host.Http.GetAsync(url, Cancel);
            if (status.StatusCode == HttpStatusCode.Accepted)
                continue;
            Assert.Equal("000604", (await WarehouseHost.BodyAsync(status)).GetProperty("code").GetString());
            break;
        }
    }

    [Fact]
    public async Task Statement_beyond_its_timeout_is_cancelled_with_408()
    {
        await using var host = await WarehouseHost.StartAsync();
        using var response = await host.PostAsync(new { statement = "select count(*) from range(1000000000000) r(i) where i * i % 7 = 3", timeout = 1 });
        Assert.Equal((HttpStatusCode.RequestTimeout, "000630"), (response.StatusCode, (await WarehouseHost.BodyAsync(response)).GetProperty("code").GetString()));
    }

    [Fact]
    public async Task Repeated_request_id_gives_the_first_run()
    {
        await using var host = await WarehouseHost.StartAsync();
        await host.RunAsync("create table t (a int)");
        using var first = await host.PostAsync(new { statement = "insert into t values (1)" }, "?requestId=6f1f4ce4-8a51-4fd2-a8ba-5e8d5a0a5a01");
        using var second = await host.PostAsync(new { statement = "insert into t values (1)" }, "?requestId=6f1f4ce4-8a51-4fd2-a8ba-5e8d5a0a5a01&retry=true");
        Assert.Equal((await WarehouseHost.BodyAsync(first)).GetProperty("statementHandle").GetString(), (await WarehouseHost.BodyAsync(second)).GetProperty("statementHandle").GetString());
        Assert.Equal("1", (await host.RunAsync("select count(*) from t")).GetProperty("data")[0][0].GetString());
    }

    [Fact]
    public async Task Statements_of_one_request_share_a_transaction_and_each_has_a_handle()
    {
        await using var host = await WarehouseHost.StartAsync();
        await host.RunAsync("create schema if not exists gold; create table gold.t (a number, b varchar(20) not null, primary key (a)) comment = 'x'", 2);
        var body = await host.RunAsync("begin; insert into gold.t values (1, 'x'), (2, 'y'); select count(*) from gold.t; commit", 4);
        var handles = body.GetProperty("statementHandles").EnumerateArray().Select(handle => handle.GetString()).ToList();
        Assert.Equal(4, handles.Count);
        using var third = await host.Http.GetAsync($"/api/v2/statements/{handles[2]}", Cancel);
        Assert.Equal("2", (await WarehouseHost.BodyAsync(third)).GetProperty("data")[0][0].GetString());

        using var broken = await host.PostAsync(new { statement = "begin; delete from gold.t; select * from missing; commit", parameters = new Dictionary<string, string> { ["MULTI_STATEMENT_COUNT"] = "0" } });
        Assert.Equal(HttpStatusCode.UnprocessableEntity, broken.StatusCode);
        Assert.Equal("2", (await host.RunAsync("select count(*) from gold.t")).GetProperty("data")[0][0].GetString());
    }

    [Fact]
    public async Task Merge_tells_inserted_and_updated_rows()
    {
        await using var host = await WarehouseHost.StartAsync();
        await host.RunAsync("create table t (a int, b string); insert into t values (1, 'x')", 2);
        var body = await host.RunAsync("merge into t using (select 1 as a, 'z' as b union all select 2, 'q') s on t.a = s.a when matched then update set b = s.b when not matched then insert (a, b) values (s.a, s.b)");
        Assert.Equal(["1", "1"], body.GetProperty("data")[0].EnumerateArray().Take(2).Select(value => value.GetString()));
        Assert.Equal(1, body.GetProperty("stats").GetProperty("numRowsUpdated").GetInt64());
    }

    [Fact]
    public async Task Bindings_fill_the_question_marks()
    {
        await using var host = await WarehouseHost.StartAsync();
        using var response = await host.PostAsync(new
        {
            statement = "select ?::number + 1 as n, upper(?) as t, ? as r, ? as d",
            bindings = new Dictionary<string, object>
            {
                ["1"] = new { type = "FIXED", value = "41" },
                ["2"] = new { type = "TEXT", value = "abc" },
                ["3"] = new { type = "REAL", value = "1.5" },
                ["4"] = new { type = "DATE", value = "978393600000" },
            },
        });
        var body = await WarehouseHost.BodyAsync(response);
        Assert.Equal(["42", "ABC", "1.5", "11324"], body.GetProperty("data")[0].EnumerateArray().Select(value => value.GetString()));
    }

    [Fact]
    public async Task Copy_loads_staged_files_by_column_name()
    {
        await using var host = await WarehouseHost.StartAsync();
        host.Stage("x/1/a.parquet", "select 1 as id, 'a' as name, timestamptz '2001-01-01 00:00:00+00' as at, 9 as extra");
        host.Stage("x/1/b.parquet", "select 2 as id, 'b' as name");
        host.Stage("x/2/c.parquet", "select 3 as id, 'c' as name");
        await host.RunAsync($"create stage files url = '{host.StageUrl}'; create table t (ID int, NAME varchar, AT timestamp_ntz, MISSING float)", 2);
        var body = await host.RunAsync("copy into t from @files/x/1/ file_format = (type = parquet) match_by_column_name = case_insensitive");
        Assert.Equal(["a.parquet", "b.parquet"], body.GetProperty("data").EnumerateArray().Select(row => row[0].GetString()));
        var rows = await host.RunAsync("select * from t order by id");
        Assert.Equal(["1", "a", "978307200.000000000", null], rows.GetProperty("data")[0].EnumerateArray().Select(value => value.GetString()));
        Assert.Equal(2, rows.GetProperty("data").GetArrayLength());
        using var outside = await host.PostAsync(new { statement = "copy into t from @files/../../ file_format = (type = parquet) match_by_column_name = case_insensitive" });
        Assert.Equal(HttpStatusCode.UnprocessableEntity, outside.StatusCode);
    }

    [Fact]
    public async Task Show_and_describe_list_what_is_there()
    {
        await using var host = await WarehouseHost.StartAsync();
        await host.RunAsync("create schema gold; create table gold.daily (airport varchar, flights number(10,0))", 2);
        var tables = await host.RunAsync("show tables in schema gold");
        Assert.Equal("DAILY", tables.GetProperty("data")[0][0].GetString());
        var columns = await host.RunAsync("describe table gold.daily");
        Assert.Equal(["AIRPORT", "FLIGHTS"], columns.GetProperty("data").EnumerateArray().Select(row => row[0].GetString()));
    }

    [Fact]
    public async Task Data_survives_a_restart()
    {
        await using var host = await WarehouseHost.StartAsync();
        await host.RunAsync("create table t (a int); insert into t values (1), (2)", 2);
        await host.RestartAsync();
        Assert.Equal("2", (await host.RunAsync("select count(*) from t")).GetProperty("data")[0][0].GetString());
    }

    [Fact]
    public async Task Unknown_handle_is_404_and_a_broken_body_400()
    {
        await using var host = await WarehouseHost.StartAsync();
        using var unknown = await host.Http.GetAsync("/api/v2/statements/nope", Cancel);
        Assert.Equal(HttpStatusCode.NotFound, unknown.StatusCode);
        using var broken = await host.Http.PostAsync("/api/v2/statements", new StringContent("{", null, "application/json"), Cancel);
        Assert.Equal(HttpStatusCode.BadRequest, broken.StatusCode);
        using var health = await host.Http.GetAsync("/healthz", Cancel);
        Assert.Equal(HttpStatusCode.OK, health.StatusCode);
    }

    [Fact]
    public async Task Concurrent_writers_take_turns()
    {
        await using var host = await WarehouseHost.StartAsync();
        await host.RunAsync("create table t (a int); insert into t values (0)", 2);
        await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => host.RunAsync("begin; update t set a = a + 1; commit", 3)));
        Assert.Equal("20", (await host.RunAsync("select a from t")).GetProperty("data")[0][0].GetString());
    }
}
