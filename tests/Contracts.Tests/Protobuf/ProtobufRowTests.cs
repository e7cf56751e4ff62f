using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using RealTimeMesh.Contracts.Tests.Messages;

namespace RealTimeMesh.Contracts.Tests.Protobuf;

/// <summary>Messages are written by the code that Google's compiler generates.</summary>
public sealed class ProtobufRowTests
{
    private static readonly AvroContract Contract = AvroContract.Parse("""
        {"type":"record","name":"Sale","namespace":"shop","fields":[
          {"name":"shopId","type":"string"},
          {"name":"small","type":"int"},
          {"name":"large","type":"long"},
          {"name":"unsigned","type":"long"},
          {"name":"fixed","type":"long"},
          {"name":"price","type":"double"},
          {"name":"ratio","type":"float"},
          {"name":"paid","type":"boolean"},
          {"name":"raw","type":"bytes"},
          {"name":"kind","type":["null",{"type":"enum","name":"Kind","symbols":["WEB","STORE"]}]},
          {"name":"at","type":["null",{"type":"long","logicalType":"timestamp-micros"}]},
          {"name":"score","type":["null","long"]},
          {"name":"maybe","type":"int","default":7},
          {"name":"amount","type":["null",{"type":"bytes","logicalType":"decimal","precision":10,"scale":2}]},
          {"name":"card","type":["null","string"]},
          {"name":"cash","type":["null","string"]},
          {"name":"note","type":["null","string"]}]}
        """);

    private static ProtobufSchema Schema { get; } = ProtobufSchema.Load(Path.Combine(AppContext.BaseDirectory, "Protos", "rows.proto"));

    private static ProtobufRowReader Reader { get; } = Schema.Compile("shop.v1.Sale", Contract.Rows);

    private static Sale Full() => new()
    {
        ShopId = "S1", Small = -3, Large = -4_000_000_000, Unsigned = 9, Fixed = 4_000_000_000, Price = 1.5, Ratio = 0.25f, Paid = true,
        Raw = ByteString.CopyFrom(1, 2), Kind = Kind.Store, At = Timestamp.FromDateTime(new DateTime(2026, 1, 1, 0, 0, 0, DateTimeKind.Utc)), Score = 5, Maybe = 0,
        Amount = "12.30", Cash = "yes", Note = "",
        Parts = { new Sale.Types.Part { Sku = "x", Count = 2 } }, Labels = { ["a"] = "b" },
    };

    [Fact]
    public void A_message_of_every_type_becomes_a_row() =>
        Assert.Equal("S1|-3|-4000000000|9|4000000000|1.5|0.25|True|0102|STORE|1767225600000000|5|0|12.30|null|yes|", Row(Full().ToByteArray()));

    [Fact]
    public void Fields_that_nobody_wrote_are_zero_or_missing_as_the_schema_tells() =>
        Assert.Equal("|0|0|0|0|0|0|False||null|null|null|7|null|null|null|null", Row([]));

    [Fact]
    public void Of_a_field_that_comes_twice_the_last_counts_and_of_a_oneof_too()
    {
        var twice = new Sale { Small = 1, Cash = "a" }.ToByteArray().Concat(new Sale { Small = 2, Card = "b" }.ToByteArray()).ToArray();
        Assert.StartsWith("|2|", Row(twice));
        Assert.EndsWith("|b|null|null", Row(twice));
    }

    [Theory]
    [InlineData("20ffffffffffffffffff01", "unsigned", "type", "18446744073709551615")]
    [InlineData("5a0408011001", "at", "type", "1 seconds and 1 nanoseconds")]
    [InlineData("5063", "kind", "type", "enum number 99")]
    [InlineData("7203616263", "amount", "type", "abc")]
    [InlineData("0a02c328", "shopId", "encoding", "Unicode")]
    [InlineData("31000000000000f07f", "price", "type", "∞")]
    [InlineData("0801", "shopId", "protobuf", "wire type 0")]
    [InlineData("0a05", "shopId", "protobuf", "length 5 at byte 1, of which 0")]
    [InlineData("00", "", "protobuf", "field number 0")]
    [InlineData("9c06", "", "protobuf", "end of group 99")]
    [InlineData("0c", "shopId", "protobuf", "wire type 4")]
    [InlineData("a306", "", "protobuf", "within group 100")]
    public void What_does_not_fit_is_refused_with_field_and_reason(string hex, string field, string rule, string found)
    {
        var batch = new ColumnBatch(Contract.Rows);
        Assert.False(Reader.TryRead(Convert.FromHexString(hex), batch, out var fault));
        Assert.Equal((field, rule), (fault.Field, fault.Rule));
        Assert.Contains(found, fault.Found.Replace("Infinity", "∞", StringComparison.Ordinal));
        Assert.All(batch.Columns, column => Assert.Equal(0, column.Count));
    }

    [Fact]
    public void A_message_cut_anywhere_or_with_any_byte_changed_is_read_or_refused_and_never_more()
    {
        var whole = Full().ToByteArray();
        var batch = new ColumnBatch(Contract.Rows);
        for (var length = 0; length < whole.Length; length++)
            Check(whole.AsSpan(0, length));

        var random = new Random(5);
        for (var i = 0; i < 20_000; i++)
        {
            var changed = (byte[])whole.Clone();
            for (var flips = random.Next(1, 4); flips > 0; flips--)
                changed[random.Next(changed.Length)] ^= (byte)(1 << random.Next(8));
            Check(changed);
        }

        void Check(ReadOnlySpan<byte> message)
        {
            batch.Clear();
            var taken = Reader.TryRead(message, batch, out var fault);
            Assert.Equal(taken ? 1 : 0, batch.Columns[0].Count);
            Assert.All(batch.Columns, column => Assert.Equal(batch.Columns[0].Count, column.Count));
            Assert.Equal(taken, string.IsNullOrEmpty(fault.Found));
        }
    }

    [Fact]
    public void Messages_are_found_by_name_with_and_without_package_and_by_place()
    {
        Assert.Equal(["shop.v1.Sale", "shop.v1.Sale.Part"], Schema.Messages);
        Assert.Equal("shop.v1.Sale", Schema.Find("Sale"));
        Assert.Equal("shop.v1.Sale.Part", Schema.Find([0, 0]));
        Assert.Null(Schema.Find([1]));
        Assert.Contains("shop.v1.Sale.Part", Assert.Throws<ContractException>(() => Schema.Find("Sail")).Message);
    }

    [Fact]
    public void A_message_that_cannot_fill_a_contract_is_refused_with_every_fault()
    {
        var contract = AvroContract.Parse("""{"type":"record","name":"R","fields":[{"name":"parts","type":"string"},{"name":"paid","type":"long"},{"name":"absent","type":"string"}]}""");
        var message = Assert.Throws<ContractException>(() => Schema.Compile("shop.v1.Sale", contract.Rows)).Message;
        Assert.Contains("'parts': found repeated Part", message);
        Assert.Contains("'paid': found bool", message);
        Assert.Contains("'absent'", message);
    }

    [Fact]
    public void Defaults_of_proto2_stand_for_what_was_not_written()
    {
        var schema = ProtobufSchema.Parse(new RegisteredSchema("""
            syntax = "proto2";
            enum Size { SMALL = 1; BIG = 5; }
            message M { optional int32 a = 1 [default = -2]; optional string b = 2 [default = "x"]; optional Size c = 3 [default = BIG]; optional double d = 4 [default = 1.5]; optional sint32 e = 5 [default = -1]; optional string f = 6; }
            """, "PROTOBUF", []));
        var contract = AvroContract.Parse("""{"type":"record","name":"R","fields":[{"name":"a","type":"int"},{"name":"b","type":"string"},{"name":"c","type":"string"},{"name":"d","type":"double"},{"name":"e","type":"int"},{"name":"f","type":"string","default":"none"}]}""");
        var batch = new ColumnBatch(contract.Rows);
        Assert.True(schema.Compile("M", contract.Rows).TryRead([], batch, out _));
        Assert.Equal("-2|x|BIG|1.5|-1|none", Text(batch));
    }

    private static string Row(ReadOnlySpan<byte> message)
    {
        var batch = new ColumnBatch(Contract.Rows);
        Assert.True(Reader.TryRead(message, batch, out var fault), fault.ToString());
        return Text(batch);
    }

    private static string Text(ColumnBatch batch) => string.Join('|', batch.Columns.Select(column => column.GetValue(0) switch
    {
        null => "null",
        byte[] bytes => Convert.ToHexStringLower(bytes),
        IFormattable value => value.ToString(null, System.Globalization.CultureInfo.InvariantCulture),
        var value => value.ToString(),
    }));
}
