using System.Buffers;
using System.Text;
using RealTimeMesh.DeltaLake;

namespace RealTimeMesh.DuckDb.Tests.Tables;

public sealed class JsonRowTests
{
    [Theory]
    [InlineData("DATE '2024-02-29'", "\"2024-02-29\"")]
    [InlineData("DATE '0001-01-01'", "\"0001-01-01\"")]
    [InlineData("DATE '10000-03-01'", "\"10000-03-01\"")]
    [InlineData("TIMESTAMPTZ '1969-12-31 23:59:59.999999+00'", "\"1969-12-31T23:59:59.999999Z\"")]
    [InlineData("TIMESTAMP '2024-12-31 01:02:03.000045'", "\"2024-12-31T01:02:03.000045\"")]
    [InlineData("TIMESTAMP_NS '1969-12-31 23:59:59.999999999'", "\"1969-12-31T23:59:59.999999\"")]
    [InlineData("TIMESTAMP_S '2024-12-31 01:02:03'", "\"2024-12-31T01:02:03.000000\"")]
    [InlineData("-0.05::DECIMAL(10,2)", "\"-0.05\"")]
    [InlineData("0::DECIMAL(38,38)", "\"0.00000000000000000000000000000000000000\"")]
    [InlineData("-99999999999999999999999999999999999999::DECIMAL(38,0)", "\"-99999999999999999999999999999999999999\"")]
    [InlineData("12.5::DECIMAL(4,1)", "\"12.5\"")]
    [InlineData("1e15", "1000000000000000.0")]
    [InlineData("1e22", "1E+22")]
    [InlineData("0.1::FLOAT", "0.10000000149011612")]
    [InlineData("'NaN'::FLOAT", "\"NaN\"")]
    [InlineData("'quote \" slash \\ ☃ ' || chr(1)", "\"quote \\\" slash \\\\ ☃ \\u0001\"")]
    [InlineData("'\\x00\\xFF'::BLOB", "\"00FF\"")]
    [InlineData("MAP {1: NULL, 2: [1, NULL]}", "{\"1\":null,\"2\":[1,null]}")]
    [InlineData("MAP {DATE '2024-01-01': 1.5::DECIMAL(3,1)}", "{\"2024-01-01\":\"1.5\"}")]
    [InlineData("{'a': NULL::INT, 'b': {'c': true}}", "{\"a\":null,\"b\":{\"c\":true}}")]
    [InlineData("NULL", "null")]
    public async Task A_value_is_written_as_the_conventions_say(string sql, string json)
    {
        var cancel = TestContext.Current.CancellationToken;
        using var session = DuckDbSession.Open(new DuckDbOptions());
        using var rows = await session.OpenArrowAsync($"SELECT {sql} AS v", cancel);
        var output = new ArrayBufferWriter<byte>();
        await foreach (var batch in rows.ReadAsync(cancel))
        {
            using (batch)
                new JsonRows(batch.Schema).Write(batch, output);
        }

        Assert.Equal($"{{\"v\":{json}}}\n", Encoding.UTF8.GetString(output.WrittenSpan));
    }
}
