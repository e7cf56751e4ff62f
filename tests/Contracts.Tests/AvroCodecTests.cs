using System.Buffers;
using RealTimeMesh.Contracts;

namespace RealTimeMesh.Contracts.Tests;

public sealed class AvroCodecTests(ITestOutputHelper output)
{
    [Fact]
    public void Contract_reads_back_every_row_it_writes()
    {
        var seed = Environment.TickCount;
        output.WriteLine($"seed {seed}");
        var random = new Random(seed);
        var contract = AvroContract.Parse(SampleContracts.Everything);
        var rows = new ColumnBatch(contract.Rows);
        var back = new ColumnBatch(contract.Rows);
        var buffer = new ArrayBufferWriter<byte>();
        for (var row = 0; row < 3_000; row++)
        {
            SampleContracts.AppendRandom(rows, random);
            buffer.ResetWrittenCount();
            contract.Encode(rows, row, buffer);
            Assert.True(contract.TryDecode(buffer.WrittenSpan, back, out var error), $"seed {seed}, row {row}: {error}");
        }

        Assert.Equal(rows.Count, back.Count);
        for (var c = 0; c < rows.Columns.Count; c++)
        {
            for (var row = 0; row < rows.Count; row++)
                Assert.Equal(rows.Columns[c].GetValue(row), back.Columns[c].GetValue(row));
        }
    }

    [Fact]
    public void Decoder_refuses_every_truncation_of_a_row_and_appends_nothing()
    {
        var random = new Random(7);
        var contract = AvroContract.Parse(SampleContracts.Everything);
        var rows = new ColumnBatch(contract.Rows);
        var back = new ColumnBatch(contract.Rows);
        SampleContracts.AppendRandom(rows, random);
        var buffer = new ArrayBufferWriter<byte>();
        contract.Encode(rows, 0, buffer);
        for (var length = 0; length < buffer.WrittenCount; length++)
        {
            Assert.False(contract.TryDecode(buffer.WrittenSpan[..length], back, out var error));
            Assert.NotNull(error);
            Assert.All(back.Columns, column => Assert.Equal(0, column.Count));
        }
    }

    [Fact]
    public void Decoder_survives_random_and_mutated_bytes()
    {
        var seed = Environment.TickCount;
        output.WriteLine($"seed {seed}");
        var random = new Random(seed);
        var contract = AvroContract.Parse(SampleContracts.Everything);
        var rows = new ColumnBatch(contract.Rows);
        SampleContracts.AppendRandom(rows, random);
        var buffer = new ArrayBufferWriter<byte>();
        contract.Encode(rows, 0, buffer);
        var back = new ColumnBatch(contract.Rows);
        for (var i = 0; i < 20_000; i++)
        {
            var bytes = buffer.WrittenSpan.ToArray();
            for (var flips = random.Next(1, 4); flips > 0; flips--)
                bytes[random.Next(bytes.Length)] = (byte)random.Next(256);

            var before = back.Count;
            var read = contract.TryDecode(bytes, back, out _);
            Assert.All(back.Columns, column => Assert.Equal(before + (read ? 1 : 0), column.Count));
        }
    }

    [Theory]
    [InlineData("\"string\"", "01", "negative length")]
    [InlineData("\"string\"", "FEFFFFFFFFFFFFFFFF01", "beyond the end")]
    [InlineData("\"string\"", "02FF", "not UTF-8")]
    [InlineData("\"string\"", "0261 00", "1 bytes behind the last field")]
    [InlineData("\"long\"", "FFFFFFFFFFFFFFFFFFFF01", "more than 64 bits")]
    [InlineData("\"long\"", "FFFFFFFFFFFFFFFFFF02", "more than 64 bits")]
    [InlineData("\"int\"", "FFFFFFFF7F", "more than 32 bits")]
    [InlineData("\"boolean\"", "02", "boolean byte 2")]
    [InlineData("\"double\"", "00000000", "ends early")]
    [InlineData("[\"null\",\"int\"]", "04", "union branch 2")]
    [InlineData("[\"null\",\"int\"]", "01", "union branch -1")]
    [InlineData("{\"type\":\"enum\",\"name\":\"E\",\"symbols\":[\"A\"]}", "02", "enum position 1")]
    [InlineData("{\"type\":\"int\",\"logicalType\":\"date\"}", "FEFFFFFF0F", "beyond years")]
    [InlineData("{\"type\":\"long\",\"logicalType\":\"timestamp-millis\"}", "FEFFFFFFFFFFFFFFFF01", "beyond years")]
    [InlineData("{\"type\":\"bytes\",\"logicalType\":\"decimal\",\"precision\":2}", "0264", "no decimal(2,0)")]
    [InlineData("{\"type\":\"bytes\",\"logicalType\":\"decimal\",\"precision\":2}", "00", "no decimal(2,0)")]
    public void Decoder_says_what_is_wrong_when_bytes_are_hostile(string type, string hex, string expected)
    {
        var contract = SampleContracts.OneField(type);
        var batch = new ColumnBatch(contract.Rows);

        Assert.False(contract.TryDecode(Convert.FromHexString(hex.Replace(" ", "", StringComparison.Ordinal)), batch, out var error));

        Assert.Contains(expected, error, StringComparison.Ordinal);
        Assert.Equal(0, batch.Count);
    }

    [Fact]
    public void Decoder_shares_the_string_of_repeated_short_texts()
    {
        var contract = SampleContracts.OneField("\"string\"");
        var batch = new ColumnBatch(contract.Rows);
        byte[] payload = [6, (byte)'J', (byte)'F', (byte)'K'];
        for (var i = 0; i < 100; i++)
            Assert.True(contract.TryDecode(payload, batch, out _));

        var texts = (StringColumn)batch.Columns[0];
        Assert.Equal("JFK", texts[99]);
        Assert.Same(texts[98], texts[99]);
    }

    [Fact]
    public void Encoder_refuses_values_that_are_not_of_the_contract_and_writes_nothing()
    {
        var contract = AvroContract.Parse(SampleContracts.Departure);
        var batch = new ColumnBatch(contract.Rows);
        var buffer = new ArrayBufferWriter<byte>();
        ((Int64Column)batch.Columns[0]).Append(1_500);
        ((Int64Column)batch.Columns[1]).Append(1);
        ((Int64Column)batch.Columns[2]).Append(1);
        ((StringColumn)batch.Columns[3]).Append("JFK");
        ((StringColumn)batch.Columns[4]).AppendNull();

        var fault = Assert.Throws<ContractException>(() => contract.Encode(batch, 0, buffer));

        Assert.Contains("'scheduled'", fault.Message, StringComparison.Ordinal);
        Assert.Contains("1500 microseconds", fault.Message, StringComparison.Ordinal);
        Assert.Equal(0, buffer.WrittenCount);
    }

    [Fact]
    public void Codec_leaves_columns_behind_the_contract_to_the_caller()
    {
        var contract = AvroContract.Parse(SampleContracts.Departure);
        var wide = new ColumnBatch(new RowSchema([.. contract.Rows.Fields, new Field("_id", FieldType.String, false)]));
        var reader = new JsonRowReader(contract.Rows);
        Assert.True(reader.TryRead("""{"scheduled":0,"distance":5,"origin":"A","destination":"B"}"""u8, wide, out _));
        ((StringColumn)wide.Find("_id")!).Append("e1");
        var buffer = new ArrayBufferWriter<byte>();
        contract.Encode(wide, 0, buffer);

        Assert.True(contract.TryDecode(buffer.WrittenSpan, wide, out _));

        Assert.Equal(1, wide.Count);
        ((StringColumn)wide.Find("_id")!).Append("e2");
        Assert.Equal(2, wide.Count);
        Assert.Equal("B", wide.Find("destination")!.GetValue(1));
    }
}
