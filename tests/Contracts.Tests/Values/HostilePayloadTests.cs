using RealTimeMesh.Contracts.Values;

namespace RealTimeMesh.Contracts.Tests.Values;

public sealed class HostilePayloadTests(ITestOutputHelper output)
{
    private const string List = """{"type":"record","name":"L","fields":[{"name":"next","type":["null","L"]}]}""";

    [Theory]
    [InlineData("""{"type":"array","items":"null"}""", "FEFFFFFFFFFFFFFFFF01", "more than the payload can hold")]
    [InlineData("""{"type":"array","items":{"type":"record","name":"E","fields":[]}}""", "8094EBDC03", "more than the payload can hold")]
    [InlineData("""{"type":"array","items":"int"}""", "FFFFFFFFFFFFFFFFFF01", "block of -9223372036854775808 items")]
    [InlineData("""{"type":"array","items":"int"}""", "01 80C0C3FF0F", "beyond the end")]
    [InlineData("""{"type":"array","items":"int"}""", "04 02", "field '[1]': payload ends early")]
    [InlineData("""{"type":"map","values":"int"}""", "02 0261", "field '[\"a\"]': payload ends early")]
    [InlineData("""{"type":"map","values":"int"}""", "02 02FF 00 00", "field '[key]': text that is not UTF-8")]
    [InlineData("""["int"]""", "02", "union branch 1, of 1")]
    [InlineData("""{"type":"fixed","name":"F","size":9}""", "00", "payload ends early")]
    [InlineData("\"int\"", "00 00", "1 bytes behind the value")]
    [InlineData("\"boolean\"", "07", "boolean byte 7")]
    [InlineData("""{"type":"record","name":"A","fields":[{"name":"b","type":{"type":"array","items":{"type":"record","name":"C","fields":[{"name":"d","type":"string"}]}}}]}""", "04 0261 08", "field 'b[1].d'")]
    public void Reader_says_what_is_wrong_and_where(string schema, string hex, string expected)
    {
        Assert.False(AvroCodec.Reader<object?>(AvroSchema.Parse(schema)).TryRead(Convert.FromHexString(hex.Replace(" ", "", StringComparison.Ordinal)), out _, out var error));
        Assert.Contains(expected, error, StringComparison.Ordinal);
    }

    [Fact]
    public void Values_nested_beyond_the_limit_are_refused_whether_read_or_passed_over()
    {
        var schema = AvroSchema.Parse(List);
        var deep = Enumerable.Repeat((byte)2, 1_000_000).Append((byte)0).ToArray();

        Assert.False(AvroCodec.Reader<object?>(schema).TryRead(deep, out _, out var error));
        Assert.Contains("nested too deep", error, StringComparison.Ordinal);
        var without = AvroSchema.Parse("""{"type":"record","name":"L","fields":[]}""");
        Assert.False(AvroCodec.Reader<object?>(schema, without).TryRead(deep, out _, out error));
        Assert.Contains("nested too deep", error, StringComparison.Ordinal);
        Assert.True(AvroCodec.Reader<object?>(schema).TryRead([2, 2, 2, 0], out _, out _));
        Assert.False(AvroCodec.Reader<object?>(schema, new AvroLimits { MaxDepth = 3 }).TryRead([2, 2, 2, 0], out _, out _));
    }

    [Fact]
    public void An_object_that_contains_itself_is_refused_by_the_writer()
    {
        var schema = (AvroRecord)AvroSchema.Parse(List);
        var loop = new AvroRecordValue(schema);
        loop["next"] = loop;

        Assert.Contains("nested too deep", Assert.Throws<ContractException>(() => AvroCodec.Writer<object?>(schema).Write(loop)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Truncated_and_mutated_payloads_of_random_schemas_end_in_a_value_or_an_error()
    {
        var seed = Environment.TickCount & 0xFFFFFF;
        output.WriteLine($"seed {seed}");
        var refused = 0;
        for (var round = 0; round < 300; round++)
        {
            var random = new Random(seed + round);
            var schemas = new RandomSchemas(random);
            var schema = AvroSchema.Parse(schemas.Record().ToJsonString());
            var bytes = AvroCodec.Writer<object?>(schema).Write(RandomValues.Of(schema, random));
            var reader = AvroCodec.Reader<object?>(schema);
            for (var length = 0; length < Math.Min(bytes.Length, 100); length++)
            {
                Assert.False(reader.TryRead(bytes.AsSpan(0, length), out _, out var error));
                Assert.NotEmpty(error);
            }

            for (var i = 0; i < 50 && bytes.Length > 0; i++)
            {
                var mutated = bytes.ToArray();
                mutated[random.Next(mutated.Length)] = (byte)random.Next(256);
                if (!reader.TryRead(mutated, out _, out _))
                    refused++;
            }
        }

        Assert.True(refused > 0);
    }

    [Fact]
    public void Json_is_not_made_of_a_payload_that_breaks_off_and_the_place_is_named()
    {
        var schema = AvroSchema.Parse("""{"type":"record","name":"A","fields":[{"name":"b","type":{"type":"array","items":{"type":"record","name":"C","fields":[{"name":"d","type":"string"}]}}}]}""");
        var fault = Assert.Throws<ContractException>(() => AvroJson.Decode(schema, Convert.FromHexString("04026108"), tagged: false));
        Assert.StartsWith("value of schema 'record A', field 'b[].d': found length 4 beyond the end", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Writer_names_the_place_of_a_value_that_does_not_fit_and_writes_nothing()
    {
        var schema = (AvroRecord)AvroSchema.Parse("""{"type":"record","name":"A","fields":[{"name":"n","type":"int"},{"name":"b","type":{"type":"map","values":{"type":"array","items":["null","long"]}}}]}""");
        var value = new AvroRecordValue(schema) { ["n"] = 1, ["b"] = new Dictionary<string, object?> { ["k"] = new List<object?> { 1, null, "x" } } };
        var output = new System.Buffers.ArrayBufferWriter<byte>();

        var error = Assert.Throws<ContractException>(() => AvroCodec.Writer<object?>(schema).Write(value, output));

        Assert.StartsWith("field 'b[\"k\"][2]': found the text \"x\"; expected a value of [null, long]", error.Message, StringComparison.Ordinal);
        Assert.Equal(0, output.WrittenCount);
    }
}
