using System.Buffers;
using Avro.Generic;
using Avro.IO;
using RealTimeMesh.Contracts;

namespace RealTimeMesh.Contracts.Tests;

public sealed class ContractReaderTests
{
    [Fact]
    public void Reader_skips_extra_fields_of_every_shape_fills_defaults_and_follows_aliases()
    {
        const string written = """
            {"type":"record","name":"R","fields":[
              {"name":"tags","type":{"type":"array","items":{"type":"map","values":["null","string"]}}},
              {"name":"old_name","type":"int"},
              {"name":"nested","type":{"type":"record","name":"N","fields":[{"name":"x","type":"double"},{"name":"h","type":{"type":"fixed","name":"H","size":3}}]}},
              {"name":"text","type":"string"}]}
            """;
        var schema = (Avro.RecordSchema)Avro.Schema.Parse(written);
        var nested = (Avro.RecordSchema)schema["nested"].Schema;
        var inner = new GenericRecord(nested);
        inner.Add("x", 1.5);
        inner.Add("h", new GenericFixed((Avro.FixedSchema)nested["h"].Schema, [1, 2, 3]));
        var record = new GenericRecord(schema);
        record.Add("tags", new object[] { new Dictionary<string, object?> { ["a"] = "b", ["c"] = null }, new Dictionary<string, object?>() });
        record.Add("old_name", 42);
        record.Add("nested", inner);
        record.Add("text", "tail");
        using var stream = new MemoryStream();
        new GenericDatumWriter<GenericRecord>(schema).Write(record, new BinaryEncoder(stream));
        var contract = AvroContract.Parse(SampleContracts.Record("""
            {"name":"text","type":["null","string"]},
            {"name":"number","type":"double","aliases":["old_name"]},
            {"name":"added","type":"string","default":"none"},
            {"name":"maybe","type":["null","long"],"default":null}
            """));
        var batch = new ColumnBatch(contract.Rows);

        Assert.True(contract.Resolve(AvroSchema.Parse(written)).TryRead(stream.ToArray(), batch, out var error), error);

        Assert.Equal(["tail", 42.0, "none", null], batch.Columns.Select(column => column.GetValue(0)));
    }

    [Theory]
    [InlineData("\"int\"", "\"long\"", 7L)]
    [InlineData("\"int\"", "\"float\"", 7.0)]
    [InlineData("\"long\"", "\"double\"", 7.0)]
    [InlineData("\"int\"", "[\"null\",\"long\"]", 7L)]
    [InlineData("[\"null\",\"int\"]", "\"long\"", 7L)]
    [InlineData("[\"int\",\"string\"]", "[\"long\",\"null\"]", 7L)]
    [InlineData("{\"type\":\"long\",\"logicalType\":\"timestamp-millis\"}", "{\"type\":\"long\",\"logicalType\":\"timestamp-micros\"}", 7000L)]
    [InlineData("{\"type\":\"long\",\"logicalType\":\"timestamp-micros\"}", "{\"type\":\"long\",\"logicalType\":\"timestamp-millis\"}", 7L)]
    [InlineData("\"long\"", "{\"type\":\"long\",\"logicalType\":\"timestamp-millis\"}", 7000L)]
    public void Reader_promotes_as_the_specification_allows(string written, string read, object expected)
    {
        var contract = SampleContracts.OneField(read);
        var batch = new ColumnBatch(contract.Rows);
        byte[] seven = written.StartsWith("[\"null\"", StringComparison.Ordinal) ? [2, 14] : written[0] == '[' ? [0, 14] : [14];

        Assert.True(contract.Resolve(AvroSchema.Parse(SampleContracts.Record($$"""{"name":"f","type":{{written}}}"""))).TryRead(seven, batch, out var error), error);

        Assert.Equal(expected, batch.Columns[0].GetValue(0));
    }

    [Theory]
    [InlineData("\"long\"", "\"int\"")]
    [InlineData("\"string\"", "\"int\"")]
    [InlineData("\"double\"", "\"float\"")]
    [InlineData("{\"type\":\"array\",\"items\":\"int\"}", "\"int\"")]
    [InlineData("{\"type\":\"bytes\",\"logicalType\":\"decimal\",\"precision\":9,\"scale\":2}", "{\"type\":\"bytes\",\"logicalType\":\"decimal\",\"precision\":9,\"scale\":3}")]
    public void Reader_is_refused_when_types_do_not_resolve(string written, string read)
    {
        var writer = AvroSchema.Parse(SampleContracts.Record($$"""{"name":"f","type":{{written}}}"""));

        var fault = Assert.Throws<ContractException>(() => SampleContracts.OneField(read).Resolve(writer));

        Assert.Contains("'f'", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Reader_refuses_the_event_when_a_union_branch_or_null_cannot_be_held()
    {
        var contract = SampleContracts.OneField("\"long\"");
        var batch = new ColumnBatch(contract.Rows);
        var reader = contract.Resolve(AvroSchema.Parse(SampleContracts.Record("""{"name":"f","type":["null","long","string"]}""")));

        Assert.False(reader.TryRead([0], batch, out var onNull));
        Assert.False(reader.TryRead([4, 2, (byte)'x'], batch, out var onText));
        Assert.True(reader.TryRead([2, 2], batch, out _));

        Assert.Contains("does not admit", onNull, StringComparison.Ordinal);
        Assert.Contains("string", onText, StringComparison.Ordinal);
        Assert.Equal(1, batch.Count);
    }

    [Fact]
    public void Reader_takes_the_enum_default_when_the_writer_has_a_newer_symbol()
    {
        var contract = SampleContracts.OneField("""{"type":"enum","name":"E","symbols":["A","OTHER"],"default":"OTHER"}""");
        var batch = new ColumnBatch(contract.Rows);
        var reader = contract.Resolve(AvroSchema.Parse(SampleContracts.Record("""{"name":"f","type":{"type":"enum","name":"E","symbols":["NEW","A"]}}""")));

        Assert.True(reader.TryRead([0], batch, out _));
        Assert.True(reader.TryRead([2], batch, out _));

        Assert.Equal(["OTHER", "A"], [(string)batch.Columns[0].GetValue(0)!, (string)batch.Columns[0].GetValue(1)!]);
    }

    [Fact]
    public void Reader_ends_soon_when_an_array_claims_billions_of_empty_items()
    {
        var contract = SampleContracts.OneField("\"int\"");
        var batch = new ColumnBatch(contract.Rows);
        var reader = contract.Resolve(AvroSchema.Parse(SampleContracts.Record("""{"name":"bomb","type":{"type":"array","items":"null"}},{"name":"f","type":"int"}""")));

        Assert.False(reader.TryRead(Convert.FromHexString("FEFFFFFFFFFFFFFFFF01"), batch, out var error));

        Assert.Contains("'bomb'", error, StringComparison.Ordinal);
    }
}
