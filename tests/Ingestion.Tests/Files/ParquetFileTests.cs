using System.Globalization;
using System.Text.Json;
using DuckDB.NET.Data;
using ParquetSharp;
using ParquetSharp.IO;
using RealTimeMesh.Contracts;
using RealTimeMesh.Pipelines;
using Column = ParquetSharp.Column;

namespace RealTimeMesh.Ingestion.Tests.Files;

/// <summary>Parquet files as other engines write them.</summary>
public sealed class ParquetFileTests : FileTestBase
{
    private const int Rows = 3_000;
    private const string Visits = "SELECT 'P' || (i % 7) AS place, i::int AS seconds, i / 2.0::double AS score, TIMESTAMPTZ '2026-01-01 00:00:00+00' + to_seconds(i) AS at FROM range(3000) t(i)";

    private const string Micros = """{"type":"long","logicalType":"timestamp-micros"}""";
    private const string Day = """{"type":"int","logicalType":"date"}""";
    private const string Text = "\"string\"";
    private const string Money = """{"type":"bytes","logicalType":"decimal","precision":28,"scale":4}""";

    [Theory]
    [InlineData("uncompressed", "V1")]
    [InlineData("snappy", "V1")]
    [InlineData("gzip", "V1")]
    [InlineData("zstd", "V1")]
    [InlineData("lz4", "V1")]
    [InlineData("lz4_raw", "V1")]
    [InlineData("brotli", "V1")]
    public async Task Files_of_DuckDB_are_read_whatever_their_codec_and_encodings(string codec, string version)
    {
        Write("a.parquet", Visits, $"CODEC '{codec}', PARQUET_VERSION {version}, ROW_GROUP_SIZE 2048");
        var log = new MemoryLog();
        var source = await RunAsync(new SourceDefinition { Name = "in", File = At("a.parquet"), Format = FileFormats.Parquet }, log);
        Assert.True(source.GetProperty("done").GetBoolean(), source.ToString());
        Assert.Equal(Enumerable.Range(0, Rows), VisitFiles.Numbers(log.Read(Samples.Topic)));
    }

    [Fact]
    public async Task Times_packed_as_differences_are_refused_by_name()
    {
        Write("a.parquet", Visits, "CODEC 'zstd', PARQUET_VERSION V2");
        var source = await RunAsync(new SourceDefinition { Name = "in", File = At("a.parquet"), Format = FileFormats.Parquet }, new MemoryLog());
        Assert.Contains("row group 0, column 'at': found bytes that cannot be read", source.GetProperty("error").GetString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("1::tinyint", "\"int\"", "1")]
    [InlineData("255::utinyint", "\"int\"", "255")]
    [InlineData("(-32768)::smallint", "\"long\"", "-32768")]
    [InlineData("65535::usmallint", "\"int\"", "65535")]
    [InlineData("4294967295::uinteger", "\"long\"", "4294967295")]
    [InlineData("9223372036854775807::bigint", "\"long\"", "9223372036854775807")]
    [InlineData("9223372036854775807::ubigint", "\"long\"", "9223372036854775807")]
    [InlineData("18446744073709551615::ubigint", "\"long\"", null)]
    [InlineData("0.25::float", "\"float\"", "0.25")]
    [InlineData("'nan'::double", "\"double\"", null)]
    [InlineData("1.25::decimal(4,2)", Money, "1.2500")]
    [InlineData("(-123456.789)::decimal(9,3)", Money, "-123456.7890")]
    [InlineData("12345678901234.5678::decimal(18,4)", Money, "12345678901234.5678")]
    [InlineData("(-123456789012345678901234.5678)::decimal(38,4)", Money, "-123456789012345678901234.5678")]
    [InlineData("1.23456::decimal(10,5)", Money, null)]
    [InlineData("'ü€😀'", Text, "ü€😀")]
    [InlineData("''", Text, "")]
    [InlineData("'\\x00\\xFF'::blob", "\"bytes\"", "00FF")]
    [InlineData("true", "\"boolean\"", "True")]
    [InlineData("DATE '2024-02-29'", Day, "19782")]
    [InlineData("DATE '1890-02-28'", Day, "-29161")]
    [InlineData("TIMESTAMP '2024-02-29 12:34:56.789012'", Micros, "1709210096789012")]
    [InlineData("TIMESTAMP_MS '2024-02-29 12:34:56.789'", Micros, "1709210096789000")]
    [InlineData("TIMESTAMP_S '2024-02-29 12:34:56'", Micros, "1709210096000000")]
    [InlineData("TIMESTAMP_NS '2024-02-29 12:34:56.789012'", Micros, "1709210096789012")]
    [InlineData("TIMESTAMPTZ '2024-02-29 12:34:56.789012+05:30'", Micros, "1709190296789012")]
    [InlineData("TIME '23:59:59.5'", Text, null)]
    [InlineData("TIME '23:59:59.5'", "\"long\"", "86399500000")]
    [InlineData("UUID '0F8FAD5B-D9CB-469F-A165-70867728950E'", """{"type":"string","logicalType":"uuid"}""", "0f8fad5b-d9cb-469f-a165-70867728950e")]
    [InlineData("'fine'::ENUM('fine', 'bad')", Text, "fine")]
    [InlineData("'{\"a\": 1}'::json", Text, "{\"a\": 1}")]
    [InlineData("NULL::int", "\"int\"", "null")]
    public async Task A_value_enters_as_it_is_or_its_row_is_rejected(string sql, string avro, string? expected)
    {
        var contract = Contract(avro);
        Write("a.parquet", $"SELECT 'p' AS place, TIMESTAMPTZ '2026-01-01 00:00:00+00' AS at, {sql} AS v", "CODEC 'zstd'");
        var log = new MemoryLog();
        var source = await ReadAsync("a.parquet", contract, log);
        Assert.True(source.GetProperty("done").GetBoolean(), source.ToString());
        if (expected is null)
            Assert.Equal(("type", "v"), (Assert.Single(log.Read(DeadLetters)).Rule, log.Read(DeadLetters)[0].Json.GetProperty("reason").GetProperty("field").GetString()));
        else
            Assert.True(Values(log, contract) is [var value] && value == expected, string.Join(Environment.NewLine, [.. Values(log, contract), .. log.Read(DeadLetters).Select(letter => letter.Json.ToString())]));
    }

    [Theory]
    [InlineData("[1, 2]", "v", "found a list")]
    [InlineData("{'a': 1, 'b': 'x'}", "v", "found a struct")]
    [InlineData("MAP {'a': 1}", "v", "found a map")]
    [InlineData("[{'a': [1]}]", "v", "found a list")]
    [InlineData("INTERVAL 1 DAY", "v", "column 'v'")]
    public async Task A_column_that_no_flat_row_holds_is_refused_by_name_where_the_contract_names_it_and_passed_over_elsewhere(string sql, string name, string expected)
    {
        Write("a.parquet", $"SELECT 'p' AS place, TIMESTAMPTZ '2026-01-01 00:00:00+00' AS at, {sql} AS {name}", "CODEC 'snappy'");
        var log = new MemoryLog();
        var refused = await ReadAsync("a.parquet", Contract(Text), log);
        Assert.Contains("a.parquet': column 'v'", refused.GetProperty("error").GetString(), StringComparison.Ordinal);
        Assert.Contains(expected, refused.GetProperty("error").GetString(), StringComparison.Ordinal);
        Write("b.parquet", $"SELECT 'p' AS place, TIMESTAMPTZ '2026-01-01 00:00:00+00' AS at, {sql} AS other", "CODEC 'snappy'");
        Assert.True((await ReadAsync("b.parquet", Contract(Text), log)).GetProperty("done").GetBoolean());
        Assert.Equal("null", Assert.Single(Values(log, Contract(Text))));
    }

    [Theory]
    [InlineData(Compression.Uncompressed)]
    [InlineData(Compression.Snappy)]
    [InlineData(Compression.Gzip)]
    [InlineData(Compression.Lz4)]
    [InlineData(Compression.Zstd)]
    public async Task Times_of_96_bits_are_times_to_the_microsecond(Compression codec)
    {
        // As Spark and Hive wrote all times: nanoseconds of a Julian day.
        var times = new[] { "2024-02-29T12:34:56.789012Z", "1969-12-31T23:59:59.999999Z", "1900-01-01T00:00:00Z", "2262-04-12T00:00:00Z" }.Select(time => DateTimeOffset.Parse(time, CultureInfo.InvariantCulture)).ToArray();
        using (var properties = new WriterPropertiesBuilder().Compression(codec).Build())
        using (var writer = new ParquetFileWriter(At("a.parquet"), [new Column<string>("place"), new Column<Int96>("at"), new Column<int>("v")], properties))
        {
            using var group = writer.AppendRowGroup();
            using (var column = group.NextColumn().LogicalWriter<string>())
                column.WriteBatch([.. times.Select((_, i) => $"p{i}")]);
            using (var column = group.NextColumn().LogicalWriter<Int96>())
                column.WriteBatch([.. times.Select(Julian)]);
            using (var column = group.NextColumn().LogicalWriter<int>())
                column.WriteBatch([.. times.Select((_, i) => i)]);
            writer.Close();
        }

        var contract = Contract("\"int\"");
        var log = new MemoryLog();
        var source = await ReadAsync("a.parquet", contract, log);
        Assert.True(source.GetProperty("done").GetBoolean(), source.ToString());
        Assert.Empty(log.Read(DeadLetters));
        Assert.Equal(times.Select(time => (time - DateTimeOffset.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond), Values(log, contract, 1).Select(long.Parse));
    }

    private static Int96 Julian(DateTimeOffset time)
    {
        var (day, rest) = Math.DivRem(time.UtcTicks, TimeSpan.TicksPerDay);
        var nanoseconds = rest * 100;
        // Day 0 of .NET is Julian day 1,721,426.
        return new Int96((int)(nanoseconds & 0xffffffff), (int)(nanoseconds >> 32), (int)(day + 1_721_426));
    }

    private static AvroContract Contract(string avro) => AvroContract.Parse(
        $$"""{"type":"record","name":"Thing","namespace":"test","fields":[{"name":"place","type":"string"},{"name":"at","type":{{Micros}}},{"name":"v","type":["null",{{avro}}],"default":null}]}""");

    private static List<string> Values(MemoryLog log, AvroContract contract, int field = 2)
    {
        List<string> values = [];
        foreach (var item in log.Read(Samples.Topic))
        {
            var batch = new ColumnBatch(contract.Rows);
            Assert.True(ConfluentFrame.TryRead(item.Payload, out _, out var payload));
            Assert.True(contract.TryDecode(payload, batch, out var error), error);
            values.Add(batch.Columns[field].GetValue(0) switch
            {
                byte[] bytes => Convert.ToHexString(bytes),
                null => "null",
                var value => string.Create(CultureInfo.InvariantCulture, $"{value}"),
            });
        }

        return values;
    }

    private async Task<JsonElement> ReadAsync(string name, AvroContract contract, MemoryLog log)
    {
        await using var app = await TestIngestion.StartAsync(Samples.Stream(new SourceDefinition { Name = "in", File = At(name), Format = FileFormats.Parquet }) with { Contract = contract }, log);
        return await app.SettledSourceAsync();
    }

    private void Write(string name, string query, string options)
    {
        using var connection = new DuckDBConnection("DataSource=:memory:");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = $"SET TimeZone = 'UTC'; COPY ({query}) TO '{At(name)}' (FORMAT parquet, {options})";
        command.ExecuteNonQuery();
    }
}
