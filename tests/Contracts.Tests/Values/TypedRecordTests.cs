using RealTimeMesh.Contracts.Values;

namespace RealTimeMesh.Contracts.Tests.Values;

public sealed class TypedRecordTests
{
    private const string Schema = """
        {"type":"record","name":"Order","fields":[
          {"name":"order_id","type":{"type":"string","logicalType":"uuid"}},
          {"name":"side","type":{"type":"enum","name":"Side","symbols":["BUY","SELL_SHORT"]}},
          {"name":"price","type":{"type":"bytes","logicalType":"decimal","precision":20,"scale":4}},
          {"name":"fee","type":["null",{"type":"fixed","name":"Fee","size":6,"logicalType":"decimal","precision":12,"scale":2}],"default":null},
          {"name":"day","type":{"type":"int","logicalType":"date"}},
          {"name":"opens","type":{"type":"int","logicalType":"time-millis"}},
          {"name":"closes","type":{"type":"long","logicalType":"time-micros"}},
          {"name":"at_millis","type":{"type":"long","logicalType":"timestamp-millis"}},
          {"name":"at_micros","type":["null",{"type":"long","logicalType":"timestamp-micros"}]},
          {"name":"at_nanos","type":{"type":"long","logicalType":"timestamp-nanos"}},
          {"name":"local","type":{"type":"long","logicalType":"local-timestamp-micros"}},
          {"name":"valid","type":{"type":"fixed","name":"Duration","size":12,"logicalType":"duration"}},
          {"name":"account","type":{"type":"fixed","name":"Account","size":16,"logicalType":"uuid"}},
          {"name":"legs","type":{"type":"array","items":{"type":"record","name":"Leg","fields":[{"name":"symbol","type":"string"},{"name":"quantity","type":"long"},{"name":"parent","type":["null","Leg"],"default":null}]}}},
          {"name":"tags","type":{"type":"map","values":["null","string"]}},
          {"name":"anything","type":["null","int","string",{"type":"array","items":"int"}]},
          {"name":"version","type":"int","default":9}]}
        """;

    private static readonly Order Sample = new()
    {
        OrderId = new Guid("00112233-4455-6677-8899-aabbccddeeff"),
        Side = Side.SellShort,
        Price = -1234567890.1234m,
        Fee = 12.50m,
        Day = new DateOnly(2026, 2, 28),
        Opens = new TimeOnly(9, 30, 0, 5),
        Closes = new TimeOnly(16, 0, 0, 0, 7),
        AtMillis = new DateTimeOffset(2026, 1, 2, 3, 4, 5, 6, TimeSpan.Zero),
        AtMicros = null,
        AtNanos = new DateTime(1960, 1, 2, 3, 4, 5, DateTimeKind.Utc).AddTicks(7),
        Local = new DateTime(2026, 7, 1, 12, 0, 0),
        Valid = new AvroDuration(1, 2, 3),
        Account = new Guid("ffeeddcc-bbaa-9988-7766-554433221100"),
        Legs = [new Leg("AAPL", 5, null), new Leg("MSFT", -5, new Leg("ü", 0, null))],
        Tags = new Dictionary<string, string?> { ["desk"] = "a", ["none"] = null },
        Anything = "text",
    };

    [Fact]
    public void Records_of_CSharp_come_back_as_they_were_written()
    {
        var schema = AvroSchema.Parse(Schema);
        var bytes = AvroCodec.Writer<Order>(schema).Write(Sample);

        var read = AvroCodec.Reader<Order>(schema).Read(bytes);

        Assert.Equal(Sample with { Legs = [], Tags = read.Tags }, read with { Legs = [] });
        Assert.Equal(Sample.Legs, read.Legs);
        Assert.Equal(Sample.Tags, read.Tags);
        var generic = (AvroRecordValue)AvroCodec.Reader<object?>(schema).Read(bytes)!;
        Assert.Equal(9, generic["version"]);
        Assert.Equal("00112233-4455-6677-8899-aabbccddeeff", generic["order_id"]);
        Assert.Equal(Convert.FromHexString("0100000002000000" + "03000000"), ((AvroFixedValue)generic["valid"]!).Bytes);
        Assert.Equal(-315_521_754_999_999_300, generic["at_nanos"]);
    }

    [Fact]
    public void Structs_and_positional_records_are_records_too()
    {
        var schema = AvroSchema.Parse("""{"type":"record","name":"P","fields":[{"name":"x","type":"int"},{"name":"y","type":["null","double"]}]}""");
        var bytes = AvroCodec.Writer<Point>(schema).Write(new Point { X = 3, Y = 1.5 });
        Assert.Equal(new Point { X = 3, Y = 1.5 }, AvroCodec.Reader<Point>(schema).Read(bytes));
    }

    [Fact]
    public void Times_finer_than_the_schema_and_numbers_too_large_for_it_are_refused_with_their_field()
    {
        var writer = AvroCodec.Writer<Order>(AvroSchema.Parse(Schema));
        Assert.StartsWith("field 'opens'", Fault(Sample with { Opens = new TimeOnly(1) }), StringComparison.Ordinal);
        Assert.StartsWith("field 'price'", Fault(Sample with { Price = 0.00001m }), StringComparison.Ordinal);
        Assert.StartsWith("field 'fee'", Fault(Sample with { Fee = 10_000_000_000m }), StringComparison.Ordinal);
        Assert.StartsWith("field 'at_nanos'", Fault(Sample with { AtNanos = new DateTime(2026, 1, 1) }), StringComparison.Ordinal);
        Assert.StartsWith("field 'legs[0].symbol'", Fault(Sample with { Legs = [new Leg(null!, 1, null)] }), StringComparison.Ordinal);

        string Fault(Order order) => Assert.Throws<ContractException>(() => writer.Write(order)).Message;
    }

    [Fact]
    public void A_property_that_cannot_hold_its_field_is_named()
    {
        var schema = AvroSchema.Parse("""{"type":"record","name":"P","fields":[{"name":"x","type":"string"},{"name":"y","type":["null","double"]}]}""");
        Assert.Contains("field 'x': found type string", Assert.Throws<ContractException>(() => AvroCodec.Reader<Point>(schema)).Message, StringComparison.Ordinal);
        Assert.Contains("field 'x': found type string", Assert.Throws<ContractException>(() => AvroCodec.Writer<Point>(schema)).Message, StringComparison.Ordinal);
    }

    private enum Side
    {
        Buy,
        SellShort,
    }

    private sealed record Leg(string Symbol, long Quantity, Leg? Parent);

    private record struct Point
    {
        public int X { get; set; }

        public double? Y { get; init; }
    }

    private sealed record Order
    {
        public Guid OrderId { get; init; }

        public Side Side { get; init; }

        public decimal Price { get; init; }

        public decimal? Fee { get; init; }

        public DateOnly Day { get; init; }

        public TimeOnly Opens { get; init; }

        public TimeOnly Closes { get; init; }

        public DateTimeOffset AtMillis { get; init; }

        public DateTimeOffset? AtMicros { get; init; }

        public DateTime AtNanos { get; init; }

        public DateTime Local { get; init; }

        public AvroDuration Valid { get; init; }

        public Guid Account { get; init; }

        public IReadOnlyList<Leg> Legs { get; init; } = [];

        public Dictionary<string, string?> Tags { get; init; } = [];

        public object? Anything { get; init; }
    }
}
