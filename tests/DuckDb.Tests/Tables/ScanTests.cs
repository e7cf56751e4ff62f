using RealTimeMesh.DeltaLake;
using static RealTimeMesh.DuckDb.Tests.Tables.HandMadeTable;

namespace RealTimeMesh.DuckDb.Tests.Tables;

public sealed class ScanTests : IDisposable
{
    private readonly HandMadeTable _table = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Files_older_than_the_schema_are_cast_and_lack_columns_also_in_nested_types()
    {
        await _table.WriteAsync("old.parquet", "SELECT 1::TINYINT AS a, {'x': 1::INT, 'gone': 5} AS s, [{'p': 1::SMALLINT}, NULL] AS l, MAP {'k': {'v': DATE '2020-01-02'}} AS m, 1.5::DECIMAL(5,2) AS d, DATE '2024-01-02' AS at, 'more' AS extra, 'insert' AS _change_type");
        await _table.WriteAsync("new.parquet", "SELECT 2::BIGINT AS a, {'x': 1.5::DOUBLE, 'y': {'z': 'q'}} AS s, [{'p': 7::BIGINT, 'q': 'r'}] AS l, MAP {'k': {'v': TIMESTAMP '2020-01-01 12:00:00', 'w': 3}} AS m, 2.5::DECIMAL(20,5) AS d, TIMESTAMP '2024-01-02 03:04:05.000006' AS at, 9 AS n");
        _table.Commit([.. Create(
            Struct(Field("a", "long"), Field("s", Struct(Field("x", "double"), Field("y", Struct(Field("z", "string"))))), Field("l", Array(Struct(Field("p", "long"), Field("q", "string")))), Field("m", Map("string", Struct(Field("v", "timestamp_ntz"), Field("w", "integer")))), Field("d", "decimal(20,5)"), Field("at", "timestamp_ntz"), Field("n", "integer"), Field("nothing", Struct(Field("b", "binary")))),
            features: ["typeWidening", "timestampNtz"]), Add("old.parquet"), Add("new.parquet")]);
        Assert.Equal(
        [
            """{"a":1,"s":{"x":1.0,"y":null},"l":[{"p":1,"q":null},null],"m":{"k":{"v":"2020-01-02T00:00:00.000000","w":null}},"d":"1.50000","at":"2024-01-02T00:00:00.000000","n":null,"nothing":null}""",
            """{"a":2,"s":{"x":1.5,"y":{"z":"q"}},"l":[{"p":7,"q":"r"}],"m":{"k":{"v":"2020-01-01T12:00:00.000000","w":3}},"d":"2.50000","at":"2024-01-02T03:04:05.000006","n":9,"nothing":null}""",
        ],
        await _table.RowsAsync());
    }

    [Fact]
    public async Task Columns_mapped_by_name_are_found_in_structs_lists_and_maps()
    {
        await _table.WriteAsync("1.parquet", "SELECT 1 AS c1, {'c3': 2, 'c4': {'c5': 'x'}} AS c2, [{'c7': 3}] AS c6, MAP {{'c9': 4}: [{'c10': 5}]} AS c8 UNION ALL SELECT NULL, NULL, NULL, NULL UNION ALL SELECT 6, {'c3': NULL, 'c4': NULL}, [NULL], MAP {}");
        _table.Commit([.. Create(
            Struct(
                Field("id and more", "integer", 1, "c1"),
                Field("s", Struct(Field("n", "integer", 3, "c3"), Field("t", Struct(Field("u", "string", 5, "c5")), 4, "c4"), Field("later", "long", 11, "c11")), 2, "c2"),
                Field("l", Array(Struct(Field("e", "integer", 7, "c7"))), 6, "c6"),
                Field("m", Map(Struct(Field("k", "integer", 9, "c9")), Array(Struct(Field("v", "integer", 10, "c10")))), 8, "c8")),
            features: ["columnMapping"], properties: new() { ["delta.columnMapping.mode"] = "name" }), Add("1.parquet")]);
        Assert.Equal(
        [
            """{"id and more":1,"s":{"n":2,"t":{"u":"x"},"later":null},"l":[{"e":3}],"m":{"{\"k\":4}":[{"v":5}]}}""",
            """{"id and more":6,"s":{"n":null,"t":null,"later":null},"l":[null],"m":{}}""",
            """{"id and more":null,"s":null,"l":null,"m":null}""",
        ],
        await _table.RowsAsync());
    }

    [Fact]
    public async Task Columns_mapped_by_id_are_found_whatever_a_file_calls_them()
    {
        await _table.WriteAsync("1.parquet", "SELECT 1 AS a, {'x': 2} AS s, [{'y': 3}] AS l", ", FIELD_IDS {a: 1, s: {__duckdb_field_id: 2, x: 3}, l: {__duckdb_field_id: 4, element: {__duckdb_field_id: 6, y: 5}}}");
        await _table.WriteAsync("2.parquet", "SELECT 10 AS other, {'a': 20} AS a, [{'x': 30}] AS x", ", FIELD_IDS {other: 1, a: {__duckdb_field_id: 2, a: 3}, x: {__duckdb_field_id: 4, element: {__duckdb_field_id: 6, x: 5}}}");
        await _table.WriteAsync("3.parquet", "SELECT {'a': 200} AS c1", ", FIELD_IDS {c1: {__duckdb_field_id: 2, a: 3}}");
        string[] start = Create(
            Struct(Field("id", "integer", 1, "c1"), Field("s", Struct(Field("n", "integer", 3, "c3")), 2, "c2"), Field("l", Array(Struct(Field("e", "integer", 5, "c5"))), 4, "c4")),
            features: ["columnMapping"], properties: new() { ["delta.columnMapping.mode"] = "id" });
        _table.Commit([.. start, Add("1.parquet"), Add("2.parquet"), Add("3.parquet")]);
        Assert.Equal(["""{"id":1,"s":{"n":2},"l":[{"e":3}]}""", """{"id":10,"s":{"n":20},"l":[{"e":30}]}""", """{"id":null,"s":{"n":200},"l":null}"""], await _table.RowsAsync());

        await _table.WriteAsync("4.parquet", "SELECT 1 AS c1");
        _table.Commit(Add("4.parquet"));
        var fault = await Assert.ThrowsAsync<DuckDbFaultException>(() => _table.RowsAsync());
        Assert.Contains("no field ids", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Physical_names_left_behind_by_a_mapping_that_is_off_mean_nothing()
    {
        await _table.WriteAsync("1.parquet", "SELECT 1 AS a");
        _table.Commit([.. Create(Struct(Field("a", "integer", 1, "c1"))), Add("1.parquet")]);
        Assert.Equal(["""{"a":1}"""], await _table.RowsAsync());
    }

    [Fact]
    public async Task Void_columns_are_null_wherever_they_stand()
    {
        await _table.WriteAsync("1.parquet", "SELECT 1 AS a, {'x': 2} AS s");
        _table.Commit([.. Create(Struct(Field("a", "integer"), Field("v", "void"), Field("s", Struct(Field("x", "integer"), Field("w", "void"))), Field("l", Array("void")))), Add("1.parquet")]);
        Assert.Equal(["""{"a":1,"v":null,"s":{"x":2,"w":null},"l":null}"""], await _table.RowsAsync());
    }

    [Fact]
    public async Task Timestamps_of_every_unit_and_numbers_of_every_kind_are_read()
    {
        await _table.WriteAsync("1.parquet", "SELECT TIMESTAMP_MS '2024-01-02 03:04:05.678' AS ms, TIMESTAMP_NS '2024-01-02 03:04:05.123456789' AS ns, TIMESTAMPTZ '2024-01-02 03:04:05.123456+00' AS us, 'NaN'::DOUBLE AS nan, '-Infinity'::FLOAT AS inf, -0.0::DOUBLE AS zero, 0.1::FLOAT AS f, 1e300 AS big, 'ab\\xFF'::BLOB AS b, 12345678901234567890123456789.123456789::DECIMAL(38,9) AS d");
        _table.Commit([.. Create(Struct(Field("ms", "timestamp"), Field("ns", "timestamp"), Field("us", "timestamp_ntz"), Field("nan", "double"), Field("inf", "float"), Field("zero", "double"), Field("f", "float"), Field("big", "double"), Field("b", "binary"), Field("d", "decimal(38,9)")), features: ["timestampNtz"]), Add("1.parquet")]);
        Assert.Equal(["""{"ms":"2024-01-02T03:04:05.678000Z","ns":"2024-01-02T03:04:05.123456Z","us":"2024-01-02T03:04:05.123456","nan":"NaN","inf":"-Infinity","zero":-0.0,"f":0.10000000149011612,"big":1E+300,"b":"6162FF","d":"12345678901234567890123456789.123456789"}"""], await _table.RowsAsync());
    }

    [Fact]
    public async Task Text_that_a_file_does_not_call_text_is_text()
    {
        await _table.WriteAsync("1.parquet", "SELECT encode('é\\x') AS a, [encode('ü')] AS l");
        _table.Commit([.. Create(Struct(Field("a", "string"), Field("l", Array("string")))), Add("1.parquet")]);
        Assert.Equal(["""{"a":"é\\x","l":["ü"]}"""], await _table.RowsAsync());
    }

    [Fact]
    public async Task A_data_file_that_is_gone_is_named()
    {
        _table.Commit([.. Create(Struct(Field("a", "string"))), Add("p=1/gone.parquet")]);
        Assert.Contains("data file 'p=1/gone.parquet' is gone", (await Assert.ThrowsAsync<DeltaException>(() => _table.RowsAsync())).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Rows_tell_their_file_and_position()
    {
        await _table.WriteAsync("1.parquet", "SELECT i::INT AS i FROM range(3) r(i)");
        await _table.WriteAsync("2.parquet", "SELECT (10 + i)::INT AS i FROM range(3) r(i)");
        _table.Commit([.. Create(Struct(Field("i", "integer"), Field("p", "string")), ["p"], ["deletionVectors"]), Add("1.parquet", new() { ["p"] = "x" }), Add("2.parquet", new() { ["p"] = "y" }, DeletionVectorDescriptor.Inline([1]))]);
        var snapshot = (await _table.Table.GetSnapshotAsync(null, Cancel))!;
        using var session = DuckDbSession.Open(new DuckDbOptions());
        var scan = await session.PrepareScanAsync(_table.Folder, snapshot, snapshot.Files, Cancel, withRowNumbers: true);
        var rows = await session.RowsAsync($"SELECT i, p, __file, __row FROM ({scan.Sql}) ORDER BY i", Cancel);
        Assert.Equal(["0 x 1.parquet 0", "1 x 1.parquet 1", "2 x 1.parquet 2", "10 y 2.parquet 0", "12 y 2.parquet 2"],
            rows.Select(row => $"{row[0]} {row[1]} {snapshot.Files[scan.Files[(int)(long)row[2]!]].Path} {row[3]}"));
    }

    [Fact]
    public async Task Only_the_columns_rows_and_matches_asked_for_are_given()
    {
        await _table.WriteAsync("1.parquet", "SELECT i::INT AS i, i::VARCHAR AS t FROM range(100) r(i)");
        _table.Commit([.. Create(Struct(Field("i", "integer"), Field("t", "string"))), Add("1.parquet")]);
        Assert.Equal(["""{"t":"98","i":98}""", """{"t":"99","i":99}"""], await _table.RowsAsync(new ReadOptions { Columns = ["T", "i"], Where = "i >= 98" }));
        Assert.Equal(7, (await _table.RowsAsync(new ReadOptions { Limit = 7 })).Count);
        var fault = await Assert.ThrowsAsync<DeltaException>(() => _table.RowsAsync(new ReadOptions { Columns = ["x"] }));
        Assert.Contains("no column 'x'", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_table_without_files_has_its_columns()
    {
        _table.Commit(Create(Struct(Field("i", "integer"), Field("s", Struct(Field("a", "string"))))));
        Assert.Empty(await _table.RowsAsync());
        var snapshot = (await _table.Table.GetSnapshotAsync(null, Cancel))!;
        using var session = DuckDbSession.Open(new DuckDbOptions());
        await session.RegisterSnapshotAsync("lake.empty", _table.Folder, snapshot, null, Cancel);
        Assert.Equal(["i INTEGER", "s STRUCT(a VARCHAR)"], (await session.DescribeAsync("SELECT * FROM lake.empty", Cancel)).Select(column => $"{column.Name} {column.Type}"));
    }

    public void Dispose() => _table.Dispose();
}
