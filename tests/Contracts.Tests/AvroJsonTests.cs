using System.Buffers;
using System.Text;
using System.Text.Json;
using Avro.Generic;
using Avro.IO;

namespace RealTimeMesh.Contracts.Tests;

/// <summary>Values of any shape between JSON and Avro binary; Apache's library is the judge of the binary.</summary>
public sealed class AvroJsonTests
{
    private const string Order = """
        {"type":"record","name":"Order","namespace":"shop","fields":[
          {"name":"id","type":"long"},
          {"name":"note","type":["null","string"],"default":null},
          {"name":"price","type":["double","string"]},
          {"name":"state","type":{"type":"enum","name":"State","symbols":["NEW","DONE"]},"default":"NEW"},
          {"name":"lines","type":{"type":"array","items":{"type":"record","name":"Line","fields":[{"name":"sku","type":"string"},{"name":"count","type":"int"}]}}},
          {"name":"tags","type":{"type":"map","values":"boolean"}},
          {"name":"hash","type":{"type":"fixed","name":"Hash","size":3}},
          {"name":"blob","type":"bytes"},
          {"name":"at","type":{"type":"long","logicalType":"timestamp-millis"}},
          {"name":"next","type":["null","Order"],"default":null}]}
        """;

    private const string Plain = """
        {"id":9007199254740993,"note":"ü ✈","price":1.5,"state":"DONE","lines":[{"sku":"a","count":1},{"sku":"b","count":-2}],"tags":{"x":true},"hash":"\u0001\u00ff\u0000","blob":"\u00e4","at":1700000000000,"next":{"id":2,"note":null,"price":"free","state":"NEW","lines":[],"tags":{},"hash":"abc","blob":"","at":0,"next":null}}
        """;

    [Fact]
    public void A_value_of_every_shape_comes_back_as_it_was()
    {
        var schema = AvroSchema.Parse(Order);
        Same(Plain, AvroJson.Decode(schema, Encode(schema, Plain), tagged: false));
    }

    [Fact]
    public void Apache_reads_what_was_written()
    {
        var schema = Avro.Schema.Parse(Order);
        var reader = new GenericDatumReader<GenericRecord>(schema, schema);
        using var stream = new MemoryStream(Encode(AvroSchema.Parse(Order), Plain));
        var record = reader.Read(null!, new BinaryDecoder(stream));
        Assert.Equal(stream.Length, stream.Position);
        Assert.Equal(9007199254740993L, record["id"]);
        Assert.Equal("ü ✈", record["note"]);
        Assert.Equal("DONE", ((GenericEnum)record["state"]).Value);
        Assert.Equal(-2, ((GenericRecord)((object[])record["lines"])[1])["count"]);
        Assert.Equal([1, 255, 0], ((GenericFixed)record["hash"]).Value);
        Assert.Equal("free", ((GenericRecord)record["next"])["price"]);
    }

    [Fact]
    public void Missing_fields_get_their_defaults_and_others_are_told()
    {
        var schema = AvroSchema.Parse(Order);
        var partial = """{"id":1,"price":2,"lines":[],"tags":{},"hash":"abc","blob":"","at":0}""";
        using var decoded = JsonDocument.Parse(AvroJson.Decode(schema, Encode(schema, partial), tagged: false));
        Assert.Equal("NEW", decoded.RootElement.GetProperty("state").GetString());
        Assert.Equal(JsonValueKind.Null, decoded.RootElement.GetProperty("next").ValueKind);
        var error = Assert.Throws<ContractException>(() => Encode(schema, """{"price":2}"""));
        Assert.Contains("$.id", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Unions_name_their_branch_in_Avros_own_JSON()
    {
        var schema = AvroSchema.Parse("""["null","long",{"type":"record","name":"n.R","fields":[{"name":"x","type":["null","string"]}]}]""");
        foreach (var json in (string[])["null", """{"long":5}""", """{"n.R":{"x":{"string":"y"}}}"""])
        {
            var output = new ArrayBufferWriter<byte>();
            AvroJson.Encode(schema, Encoding.UTF8.GetBytes(json), tagged: true, output);
            Same(json, AvroJson.Decode(schema, output.WrittenSpan, tagged: true));
        }

        Assert.Throws<ContractException>(() => AvroJson.Encode(schema, "5"u8.ToArray(), tagged: true, new ArrayBufferWriter<byte>()));
    }

    [Theory]
    [InlineData("\"int\"", "2147483648", "$: found 2147483648; expected a whole number of 32 bits")]
    [InlineData("\"string\"", "5", "$: found 5; expected a text")]
    [InlineData("""{"type":"array","items":"boolean"}""", "[true,0]", "$[1]: found 0")]
    [InlineData("""{"type":"record","name":"R","fields":[]}""", """{"x":1}""", "$.x")]
    [InlineData("""["null","int"]""", "\"x\"", "expected a value of null or int")]
    [InlineData("\"int\"", "{", "not JSON")]
    public void A_value_that_does_not_fit_is_told_with_its_place(string schema, string json, string said)
    {
        var error = Assert.Throws<ContractException>(() => Encode(AvroSchema.Parse(schema), json));
        Assert.Contains(said, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Payloads_that_break_off_or_lie_are_refused_at_every_length()
    {
        var schema = AvroSchema.Parse(Order);
        var whole = Encode(schema, Plain);
        for (var length = 0; length < whole.Length; length++)
            Assert.Throws<ContractException>(() => AvroJson.Decode(schema, whole.AsSpan(0, length), tagged: false));
        var random = new Random(11);
        for (var i = 0; i < 2000; i++)
        {
            var lie = whole.ToArray();
            lie[random.Next(lie.Length)] = (byte)random.Next(256);
            try
            {
                AvroJson.Decode(schema, lie, tagged: false);
            }
            catch (ContractException)
            {
                // Told; anything else fails the test.
            }
        }
    }

    [Fact]
    public void An_endless_array_of_nulls_is_refused()
    {
        var schema = AvroSchema.Parse("""{"type":"array","items":"null"}""");
        byte[] endless = [0xfe, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f, 0];
        Assert.Throws<ContractException>(() => AvroJson.Decode(schema, endless, tagged: false));
    }

    private static byte[] Encode(AvroSchema schema, string json)
    {
        var output = new ArrayBufferWriter<byte>();
        AvroJson.Encode(schema, Encoding.UTF8.GetBytes(json), tagged: false, output);
        return output.WrittenSpan.ToArray();
    }

    private static void Same(string expected, byte[] actual)
    {
        using var left = JsonDocument.Parse(expected);
        using var right = JsonDocument.Parse(actual);
        Assert.True(JsonElement.DeepEquals(left.RootElement, right.RootElement), Encoding.UTF8.GetString(actual));
    }
}
