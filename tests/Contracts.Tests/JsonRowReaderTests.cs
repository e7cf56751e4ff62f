using System.Text;
using RealTimeMesh.Contracts;

namespace RealTimeMesh.Contracts.Tests;

public sealed class JsonRowReaderTests
{
    private const string Millis = """{"type":"long","logicalType":"timestamp-millis"}""";
    private const string Micros = """{"type":"long","logicalType":"timestamp-micros"}""";
    private const string Date = """{"type":"int","logicalType":"date"}""";
    private const string Money = """{"type":"bytes","logicalType":"decimal","precision":6,"scale":2}""";
    private const string Wide = """{"type":"bytes","logicalType":"decimal","precision":28,"scale":10}""";
    private const string Uuid = """{"type":"string","logicalType":"uuid"}""";
    private const string Side = """{"type":"enum","name":"Side","symbols":["BUY","SELL"]}""";

    [Theory]
    [InlineData("\"boolean\"", "true", true)]
    [InlineData("\"int\"", "-2147483648", -2147483648L)]
    [InlineData("\"int\"", "12.0", 12L)]
    [InlineData("\"long\"", "9223372036854775807", long.MaxValue)]
    [InlineData("\"long\"", "1e3", 1000L)]
    [InlineData("\"double\"", "0.1", 0.1)]
    [InlineData("\"double\"", "12", 12.0)]
    [InlineData("\"float\"", "0.1", (double)0.1f)]
    [InlineData("\"string\"", "\"caf\\u00e9 \\ud83d\\udeeb\"", "café 🛫")]
    [InlineData("\"string\"", "\"\"", "")]
    [InlineData(Side, "\"SELL\"", "SELL")]
    [InlineData(Uuid, "\"0f8fad5b-d9cb-469f-a165-70867728950e\"", "0f8fad5b-d9cb-469f-a165-70867728950e")]
    [InlineData("[\"null\",\"int\"]", "null", null)]
    [InlineData(Date, "\"1970-01-02\"", 1L)]
    [InlineData(Date, "\"0001-01-01\"", -719162L)]
    [InlineData(Date, "\"9999-12-31\"", 2932896L)]
    [InlineData(Date, "\"2000-02-29\"", 11016L)]
    [InlineData(Micros, "\"1970-01-01T00:00:01.5Z\"", 1_500_000L)]
    [InlineData(Micros, "\"1970-01-01T00:00:01.000001\"", 1_000_001L)]
    [InlineData(Micros, "\"1970-01-01T00:00:01.000001000Z\"", 1_000_001L)]
    [InlineData(Micros, "\"1970-01-01 01:00+01:00\"", 0L)]
    [InlineData(Micros, "\"1970-01-01T00:00:00-0130\"", 5_400_000_000L)]
    [InlineData(Micros, "\"1970-01-02\"", 86_400_000_000L)]
    [InlineData(Micros, "17", 17L)]
    [InlineData(Millis, "17", 17_000L)]
    [InlineData(Millis, "\"1969-12-31T23:59:59.999Z\"", -1000L)]
    public void Value_is_read_when_it_is_of_the_fields_type(string type, string json, object? expected)
    {
        var contract = SampleContracts.OneField(type);
        var batch = new ColumnBatch(contract.Rows);

        Assert.True(new JsonRowReader(contract.Rows).TryRead(Encoding.UTF8.GetBytes($$"""{"f":{{json}}}"""), batch, out var fault), fault.ToString());

        Assert.Equal(expected, batch.Columns[0].GetValue(0));
    }

    [Theory]
    [InlineData("\"boolean\"", "1")]
    [InlineData("\"boolean\"", "\"true\"")]
    [InlineData("\"int\"", "2147483648")]
    [InlineData("\"int\"", "1.5")]
    [InlineData("\"int\"", "\"12\"")]
    [InlineData("\"int\"", "true")]
    [InlineData("\"int\"", "{}")]
    [InlineData("\"int\"", "[1]")]
    [InlineData("\"long\"", "9223372036854775808")]
    [InlineData("\"long\"", "1e300")]
    [InlineData("\"double\"", "1e999")]
    [InlineData("\"double\"", "\"NaN\"")]
    [InlineData("\"float\"", "1e39")]
    [InlineData("\"string\"", "5")]
    [InlineData(Side, "\"HOLD\"")]
    [InlineData(Uuid, "\"0f8fad5bd9cb469fa16570867728950e\"")]
    [InlineData("\"bytes\"", "\"not base64!\"")]
    [InlineData("{\"type\":\"fixed\",\"name\":\"F\",\"size\":2}", "\"AQID\"")]
    [InlineData(Date, "\"2001-02-29\"")]
    [InlineData(Date, "\"0000-01-01\"")]
    [InlineData(Date, "\"2001-1-1\"")]
    [InlineData(Date, "12")]
    [InlineData(Micros, "\"yesterday\"")]
    [InlineData(Micros, "\"2001-01-01T24:00:00Z\"")]
    [InlineData(Micros, "\"2001-01-01T00:60:00Z\"")]
    [InlineData(Micros, "\"2001-01-01T00:00:00+99:00\"")]
    [InlineData(Micros, "\"2001-01-01T00:00:00.\"")]
    [InlineData(Micros, "\"2001-01-01T00:00:00.1234567Z\"")]
    [InlineData(Micros, "\"2001-01-01T00:00:00 Z\"")]
    [InlineData(Micros, "1.5")]
    [InlineData(Micros, "9223372036854775807")]
    [InlineData(Micros, "\"0001-01-01T00:00:00+01:00\"")]
    [InlineData(Millis, "9223372036854775807")]
    [InlineData(Millis, "\"2001-01-01T00:00:00.0001Z\"")]
    [InlineData(Money, "1.234")]
    [InlineData(Money, "12345.67")]
    [InlineData(Money, "\"ten\"")]
    [InlineData(Wide, "0.00000000000000000000000000000000001")]
    [InlineData(Wide, "123456789012345678901234567890")]
    [InlineData(Wide, "1.2345e-29")]
    public void Value_is_refused_with_field_found_and_expected_when_it_is_not(string type, string json)
    {
        var contract = SampleContracts.OneField(type);
        var batch = new ColumnBatch(contract.Rows);

        Assert.False(new JsonRowReader(contract.Rows).TryRead(Encoding.UTF8.GetBytes($$"""{"f":{{json}}}"""), batch, out var fault));

        Assert.Equal(("f", RowRules.Type), (fault.Field, fault.Rule));
        Assert.NotEmpty(fault.Found);
        Assert.NotEmpty(fault.Expected);
        Assert.Equal(0, batch.Count);
    }

    [Theory]
    [InlineData("1.2", "1.20")]
    [InlineData("\"-9999.99\"", "-9999.99")]
    [InlineData("1e2", "100.00")]
    [InlineData("5", "5.00")]
    [InlineData("0.100", "0.10")]
    public void Decimal_is_taken_exactly_from_the_token(string json, string expected)
    {
        var contract = SampleContracts.OneField(Money);
        var batch = new ColumnBatch(contract.Rows);

        Assert.True(new JsonRowReader(contract.Rows).TryRead(Encoding.UTF8.GetBytes($$"""{"f":{{json}}}"""), batch, out var fault), fault.ToString());

        Assert.Equal(expected, ((decimal)batch.Columns[0].GetValue(0)!).ToString(System.Globalization.CultureInfo.InvariantCulture));
    }

    [Fact]
    public void Row_takes_aliases_ignores_unknown_fields_and_fills_defaults_in_any_order()
    {
        var contract = AvroContract.Parse(SampleContracts.Departure);
        var batch = new ColumnBatch(contract.Rows);
        var reader = new JsonRowReader(contract.Rows);

        Assert.True(reader.TryRead("""{"destination":"LAX","extra":{"deep":[1,{"f":2}]},"from":"JFK","distance":2475,"scheduled":"2001-01-01T00:00Z"} """u8, batch, out var fault), fault.ToString());

        Assert.Equal([978_307_200_000_000L, null, 2475L, "JFK", "LAX"], batch.Columns.Select(column => column.GetValue(0)));
    }

    [Theory]
    [InlineData("""{"scheduled":0,"distance":1,"origin":"A"}""", "missing", "destination")]
    [InlineData("""{"scheduled":0,"distance":null,"origin":"A","destination":"B"}""", "missing", "distance")]
    [InlineData("""{"scheduled":0,"distance":1,"Origin":"A","destination":"B"}""", "missing", "origin")]
    [InlineData("""{"scheduled":0,"distance":1,"origin":"A","from":"C","destination":"B"}""", "json", "origin")]
    [InlineData("""{"scheduled":0,"distance":1,"distance":2}""", "json", "distance")]
    [InlineData("""{"scheduled":0,"distance":1,"origin":"\ud800","destination":"B"}""", "encoding", "origin")]
    [InlineData("""{"scheduled":0,"distance":1,"origin":"A","destination":"B"}}""", "json", "")]
    [InlineData("""{"scheduled":0,"distance":1,"origin":"A","destination":"B"} {}""", "json", "")]
    [InlineData("""{"scheduled":0,"distance":1""", "json", "")]
    [InlineData("""{"scheduled":0,}""", "json", "")]
    [InlineData("[]", "json", "")]
    [InlineData("null", "json", "")]
    [InlineData("", "json", "")]
    [InlineData("   ", "json", "")]
    [InlineData("hello", "json", "")]
    public void Broken_row_is_refused_by_its_rule_and_appends_nothing(string json, string rule, string field)
    {
        var contract = AvroContract.Parse(SampleContracts.Departure);
        var batch = new ColumnBatch(contract.Rows);
        var reader = new JsonRowReader(contract.Rows);
        Assert.True(reader.TryRead("""{"scheduled":0,"delay":4,"distance":1,"origin":"A","destination":"B"}"""u8, batch, out _));

        Assert.False(reader.TryRead(Encoding.UTF8.GetBytes(json), batch, out var fault));

        Assert.Equal((rule, field), (fault.Rule, fault.Field));
        Assert.All(batch.Columns, column => Assert.Equal(1, column.Count));
    }

    [Fact]
    public void Row_that_is_not_utf8_or_too_large_is_refused_as_a_whole()
    {
        var contract = SampleContracts.OneField("\"string\"");
        var batch = new ColumnBatch(contract.Rows);
        var reader = new JsonRowReader(contract.Rows) { MaxBytes = 20 };

        Assert.False(reader.TryRead([.. "{\"f\":\"caf"u8, 0xE9, .. "\"}"u8], batch, out var encoding));
        Assert.False(reader.TryRead("{\"f\":\"0123456789abcdef\"}"u8, batch, out var size));

        Assert.Equal((RowRules.Encoding, "byte 0xe9 at offset 9"), (encoding.Rule, encoding.Found));
        Assert.Equal((RowRules.Size, "24 bytes"), (size.Rule, size.Found));
    }

    [Fact]
    public void Reader_never_throws_on_mutated_rows_and_keeps_columns_even()
    {
        var contract = AvroContract.Parse(SampleContracts.Everything);
        var batch = new ColumnBatch(contract.Rows);
        var reader = new JsonRowReader(contract.Rows);
        var good = """{"flag":true,"small":1,"big":-2,"single":1.5,"wide":2.5e3,"raw":"AQ==","text":"é\n","side":"BUY","hash":"AQIDBA==","day":"2001-01-01","millis":5,"micros":"2001-01-01T00:00:00Z","price":1.5,"amount":"2.25","id":"0f8fad5b-d9cb-469f-a165-70867728950e"}"""u8;
        Assert.True(reader.TryRead(good, batch, out var first), first.ToString());
        var random = new Random(5);
        for (var i = 0; i < 20_000; i++)
        {
            var bytes = good.ToArray();
            for (var flips = random.Next(1, 4); flips > 0; flips--)
                bytes[random.Next(bytes.Length)] = random.Next(3) == 0 ? (byte)random.Next(256) : good[random.Next(good.Length)];

            var before = batch.Count;
            var read = reader.TryRead(bytes, batch, out var fault);
            Assert.Equal(read, fault.Rule is null);
            Assert.All(batch.Columns, column => Assert.Equal(before + (read ? 1 : 0), column.Count));
        }
    }

    [Fact]
    public void Every_row_that_is_read_can_be_encoded()
    {
        var contract = AvroContract.Parse(SampleContracts.Everything);
        var batch = new ColumnBatch(contract.Rows);
        var reader = new JsonRowReader(contract.Rows);
        var json = """{"flag":true,"small":-1,"single":3.4e38,"raw":"","side":"SELL","hash":"AQIDBA==","day":"9999-12-31","millis":"9999-12-31T23:59:59.999Z","price":-99999999999999.9999,"amount":99999999999999999999999999.99,"id":"0f8fad5b-d9cb-469f-a165-70867728950e","big":null,"text":null,"micros":null}"""u8;
        Assert.True(reader.TryRead(json, batch, out var fault), fault.ToString());
        var buffer = new System.Buffers.ArrayBufferWriter<byte>();
        contract.Encode(batch, 0, buffer);

        Assert.True(contract.TryDecode(buffer.WrittenSpan, batch, out var error), error);

        Assert.All(batch.Columns, column => Assert.Equal(column.GetValue(0), column.GetValue(1)));
    }
}
