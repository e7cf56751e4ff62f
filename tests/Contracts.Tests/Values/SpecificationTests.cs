using RealTimeMesh.Contracts.Values;

namespace RealTimeMesh.Contracts.Tests.Values;

/// <summary>The examples and rules of the Avro 1.12 specification.</summary>
public sealed class SpecificationTests
{
    [Theory]
    [InlineData("\"long\"", 0L, "00")]
    [InlineData("\"long\"", -1L, "01")]
    [InlineData("\"long\"", 1L, "02")]
    [InlineData("\"long\"", -2L, "03")]
    [InlineData("\"long\"", -64L, "7F")]
    [InlineData("\"long\"", 64L, "8001")]
    [InlineData("\"string\"", "foo", "06666F6F")]
    [InlineData("""["null","string"]""", null, "00")]
    [InlineData("""["null","string"]""", "a", "020261")]
    [InlineData("\"float\"", 1f, "0000803F")]
    [InlineData("\"boolean\"", true, "01")]
    public void Binary_encoding_is_that_of_the_specification(string schema, object? value, string hex)
    {
        var parsed = AvroSchema.Parse(schema);
        Assert.Equal(hex, Convert.ToHexString(AvroCodec.Writer<object?>(parsed).Write(value)));
        Assert.Equal(value, AvroCodec.Reader<object?>(parsed).Read(Convert.FromHexString(hex)));
    }

    [Fact]
    public void Records_and_arrays_are_encoded_as_in_the_specification()
    {
        var record = (AvroRecord)AvroSchema.Parse("""{"type":"record","name":"test","fields":[{"name":"a","type":"long"},{"name":"b","type":"string"}]}""");
        Assert.Equal("3606666F6F", Convert.ToHexString(AvroCodec.Writer<object?>(record).Write(new AvroRecordValue(record) { ["a"] = 27L, ["b"] = "foo" })));
        var array = AvroSchema.Parse("""{"type":"array","items":"long"}""");
        Assert.Equal("04063600", Convert.ToHexString(AvroCodec.Writer<object?>(array).Write(new[] { 3L, 27L })));
        // The same in blocks, the second with its size in bytes.
        Assert.Equal([3L, 27L], AvroCodec.Reader<long[]>(array).Read(Convert.FromHexString("020601023600")));
    }

    [Theory]
    [InlineData("\"int\"", "\"long\"", "7F", -64L)]
    [InlineData("\"int\"", "\"float\"", "7F", -64f)]
    [InlineData("\"int\"", "\"double\"", "7F", -64d)]
    [InlineData("\"long\"", "\"float\"", "8001", 64f)]
    [InlineData("\"long\"", "\"double\"", "8001", 64d)]
    [InlineData("\"float\"", "\"double\"", "0000803F", 1d)]
    [InlineData("\"bytes\"", "\"string\"", "0461C3BC", null)]
    [InlineData("\"bytes\"", "\"string\"", "06C3BC61", "üa")]
    [InlineData("""["int","string"]""", "\"string\"", "020261", "a")]
    [InlineData("""["int","string"]""", "\"string\"", "0002", null)]
    [InlineData("\"int\"", """["string","long"]""", "02", 1L)]
    [InlineData("\"int\"", """["long","int"]""", "02", 1)]
    [InlineData("""["null","int"]""", """["double","null"]""", "00", null)]
    [InlineData("""["null","int"]""", """["double","null"]""", "0204", 2d)]
    [InlineData("""{"type":"int","logicalType":"date"}""", "\"int\"", "04", 2)]
    [InlineData("""{"type":"long","logicalType":"timestamp-millis"}""", """{"type":"long","logicalType":"timestamp-micros"}""", "04", 2000L)]
    [InlineData("""{"type":"long","logicalType":"timestamp-micros"}""", """{"type":"long","logicalType":"timestamp-millis"}""", "CF0F", -1L)]
    public void Values_are_resolved_by_the_rules(string writer, string reader, string hex, object? expected)
    {
        var read = AvroCodec.Reader<object?>(AvroSchema.Parse(writer), AvroSchema.Parse(reader)).TryRead(Convert.FromHexString(hex), out var value, out var error);
        if (expected is null && !read)
            Assert.NotEmpty(error!);
        else
            Assert.Equal(expected, value);
    }

    [Theory]
    [InlineData("\"long\"", "\"int\"", "type long of the writer, which cannot be read as int")]
    [InlineData("\"string\"", "\"int\"", "type string")]
    [InlineData("""{"type":"fixed","name":"F","size":2}""", """{"type":"fixed","name":"F","size":3}""", "fixed F")]
    [InlineData("""{"type":"enum","name":"A","symbols":["X"]}""", """{"type":"enum","name":"B","symbols":["X"]}""", "enum A")]
    [InlineData("""{"type":"bytes","logicalType":"decimal","precision":4,"scale":1}""", """{"type":"bytes","logicalType":"decimal","precision":4,"scale":2}""", "type bytes")]
    [InlineData("""{"type":"record","name":"R","fields":[]}""", """{"type":"record","name":"R","fields":[{"name":"n","type":"int"}]}""", "no field 'n' of record R in the writer's schema, and no default")]
    [InlineData("""{"type":"record","name":"R","fields":[{"name":"n","type":{"type":"array","items":"long"}}]}""", """{"type":"record","name":"R","fields":[{"name":"n","type":{"type":"array","items":"int"}}]}""", "field 'n': field '[]': found type long")]
    public void Schemas_that_do_not_match_are_refused_before_anything_is_read(string writer, string reader, string expected)
    {
        var error = Assert.Throws<ContractException>(() => AvroCodec.Reader<object?>(AvroSchema.Parse(writer), AvroSchema.Parse(reader)));
        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Fields_are_matched_by_name_and_alias_and_filled_by_defaults_of_any_type()
    {
        var writer = (AvroRecord)AvroSchema.Parse("""{"type":"record","name":"old.R","fields":[{"name":"gone","type":{"type":"map","values":"string"}},{"name":"a","type":"int"},{"name":"e","type":{"type":"enum","name":"E","symbols":["X","Y"]}}]}""");
        var reader = AvroSchema.Parse(
            """
            {"type":"record","name":"new.R","fields":[
              {"name":"e","type":{"type":"enum","name":"E","symbols":["X","Z"],"default":"Z"}},
              {"name":"b","type":["null","double"],"aliases":["a"]},
              {"name":"nested","type":{"type":"record","name":"N","fields":[{"name":"x","type":"bytes"},{"name":"y","type":"int","default":3}]},"default":{"x":"\u00ff"}},
              {"name":"list","type":{"type":"array","items":"long"},"default":[1,2]}]}
            """);
        var value = new AvroRecordValue(writer) { ["gone"] = new Dictionary<string, object?> { ["k"] = "v" }, ["a"] = 7, ["e"] = "Y" };
        var bytes = AvroCodec.Writer<object?>(writer).Write(value);

        var read = (AvroRecordValue)AvroCodec.Reader<object?>(writer, reader).Read(bytes)!;

        Assert.Equal(new AvroSymbol("new.E", "Z"), read["e"]);
        Assert.Equal(7d, read["b"]);
        Assert.Equal([1L, 2L], (IEnumerable<object?>)read["list"]!);
        var nested = (AvroRecordValue)read["nested"]!;
        Assert.Equal([0xff], (byte[])nested["x"]!);
        Assert.Equal(3, nested["y"]);
    }
}
