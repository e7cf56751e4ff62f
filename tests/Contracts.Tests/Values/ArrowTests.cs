using Apache.Arrow;
using Apache.Arrow.Types;
using RealTimeMesh.Contracts.Columnar;
using RealTimeMesh.Contracts.Values;

namespace RealTimeMesh.Contracts.Tests.Values;

public sealed class ArrowTests
{
    private const string Schema = """
        {"type":"record","name":"R","fields":[
          {"name":"flag","type":"boolean"},
          {"name":"n","type":["null","int"]},
          {"name":"price","type":{"type":"bytes","logicalType":"decimal","precision":20,"scale":2}},
          {"name":"at","type":{"type":"long","logicalType":"timestamp-millis"}},
          {"name":"side","type":{"type":"enum","name":"Side","symbols":["BUY","SELL"]}},
          {"name":"lines","type":{"type":"array","items":{"type":"record","name":"L","fields":[{"name":"s","type":"string"},{"name":"q","type":["null","long"]}]}}},
          {"name":"tags","type":["null",{"type":"map","values":"double"}]},
          {"name":"any","type":["null","string","long"]}]}
        """;

    [Fact]
    public void Records_of_any_shape_become_arrays()
    {
        var schema = (AvroRecord)AvroSchema.Parse(Schema);
        var builder = new ArrowBatchBuilder(schema);
        var rows = builder.Resolve(schema);
        Append(rows, schema, true, 7, [0xFF, 0x85], 5L, "SELL", [("a", 1L), ("ü", null)], new() { ["k"] = 1.5 }, "text");
        Append(rows, schema, false, null, [0x00, 0x80], -5L, "BUY", [], null, 9L);

        var batch = builder.Build();

        Assert.Equal((2, 0), (batch.Length, builder.Count));
        Assert.Equal([true, false], ((BooleanArray)batch.Column("flag")).ToList());
        Assert.Equal([7, null], ((Int32Array)batch.Column("n")).ToList(includeNulls: true));
        Assert.Equal((-1.23m, 1.28m), (((Decimal128Array)batch.Column("price")).GetValue(0), ((Decimal128Array)batch.Column("price")).GetValue(1)));
        Assert.Equal(5L, ((TimestampArray)batch.Column("at")).GetValue(0));
        Assert.Equal("SELL", ((StringArray)batch.Column("side")).GetString(0));
        var lines = (ListArray)batch.Column("lines");
        Assert.Equal((2, 0), (lines.GetValueLength(0), lines.GetValueLength(1)));
        var line = (StructArray)lines.Values;
        Assert.Equal(("a", "ü"), (((StringArray)line.Fields[0]).GetString(0), ((StringArray)line.Fields[0]).GetString(1)));
        Assert.Equal([1L, null], ((Int64Array)line.Fields[1]).ToList(includeNulls: true));
        var tags = (MapArray)batch.Column("tags");
        Assert.True(tags.IsNull(1));
        Assert.Equal(1.5, ((DoubleArray)tags.Values).GetValue(0));
        var any = (StructArray)batch.Column("any");
        Assert.Equal(("text", 9L), (((StringArray)any.Fields[0]).GetString(0), ((Int64Array)any.Fields[1]).GetValue(1)));
        Assert.Equal(ArrowTypeId.Struct, any.Data.DataType.TypeId);
    }

    [Fact]
    public void Payloads_that_break_off_anywhere_leave_no_trace()
    {
        var schema = (AvroRecord)AvroSchema.Parse(Schema);
        var builder = new ArrowBatchBuilder(schema);
        var rows = builder.Resolve(schema);
        var bytes = AvroCodec.Writer<object?>(schema).Write(Value(schema, true, 7, [1], 5L, "SELL", [("a", 1L), ("b", 2L)], new() { ["k"] = 1.5, ["l"] = 2 }, 3L));
        for (var length = 0; length < bytes.Length; length++)
        {
            Assert.False(rows.TryAppend(bytes.AsSpan(0, length), out var error));
            Assert.NotEmpty(error!);
            Assert.Equal(length, builder.Count);
            Assert.True(rows.TryAppend(bytes, out error), error);
        }

        var batch = builder.Build();
        Assert.Equal(2 * bytes.Length, ((ListArray)batch.Column("lines")).Values.Length);
        Assert.Equal(2 * bytes.Length, ((MapArray)batch.Column("tags")).Values.Length);
        Assert.All(((Int32Array)batch.Column("n")).ToList(), value => Assert.Equal(7, value));
    }

    [Fact]
    public void Writers_of_other_versions_fill_the_same_arrays()
    {
        var builder = new ArrowBatchBuilder(AvroSchema.Parse("""{"type":"record","name":"R","fields":[{"name":"n","type":["null","double"],"aliases":["m"]},{"name":"d","type":{"type":"array","items":"string"},"default":["x"]}]}"""));
        var writer = (AvroRecord)AvroSchema.Parse("""{"type":"record","name":"R","fields":[{"name":"gone","type":{"type":"map","values":"int"}},{"name":"m","type":"int"}]}""");
        var bytes = AvroCodec.Writer<object?>(writer).Write(new AvroRecordValue(writer) { ["gone"] = new Dictionary<string, object?> { ["k"] = 1 }, ["m"] = 3 });
        Assert.True(builder.Resolve(writer).TryAppend(bytes, out var error), error);

        var batch = builder.Build();

        Assert.Equal([3d], ((DoubleArray)batch.Column("n")).ToList());
        Assert.Equal("x", ((StringArray)((ListArray)batch.Column("d")).Values).GetString(0));
        var other = AvroSchema.Parse("""{"type":"record","name":"R","fields":[{"name":"n","type":"string"}]}""");
        Assert.Contains("field 'n': found type string", Assert.Throws<ContractException>(() => builder.Resolve(other)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_record_that_contains_itself_is_refused_with_its_field()
    {
        var schema = AvroSchema.Parse("""{"type":"record","name":"L","fields":[{"name":"next","type":["null","L"]}]}""");
        Assert.Contains("field 'next': found record L, which contains itself", Assert.Throws<ContractException>(() => new ArrowBatchBuilder(schema)).Message, StringComparison.Ordinal);
    }

    private static void Append(ArrowRowReader rows, AvroRecord schema, bool flag, int? n, byte[] price, long at, string side, (string S, long? Q)[] lines, Dictionary<string, object?>? tags, object? any) =>
        Assert.True(rows.TryAppend(AvroCodec.Writer<object?>(schema).Write(Value(schema, flag, n, price, at, side, lines, tags, any)), out var error), error);

    private static AvroRecordValue Value(AvroRecord schema, bool flag, int? n, byte[] price, long at, string side, (string S, long? Q)[] lines, Dictionary<string, object?>? tags, object? any)
    {
        var line = (AvroRecord)((AvroArray)schema.Fields[5].Schema).Items;
        return new AvroRecordValue(schema)
        {
            ["flag"] = flag,
            ["n"] = n,
            ["price"] = price,
            ["at"] = at,
            ["side"] = side,
            ["lines"] = lines.Select(item => (object?)new AvroRecordValue(line) { ["s"] = item.S, ["q"] = item.Q }).ToList(),
            ["tags"] = tags,
            ["any"] = any,
        };
    }
}
