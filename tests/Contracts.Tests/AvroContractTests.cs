using RealTimeMesh.Contracts;

namespace RealTimeMesh.Contracts.Tests;

public sealed class AvroContractTests
{
    [Fact]
    public void Contract_carries_types_defaults_aliases_and_pii_into_the_row_schema()
    {
        var contract = AvroContract.Parse(SampleContracts.Everything);

        Assert.Equal("test.Everything", contract.Name);
        Assert.Equal(
            [FieldType.Boolean, FieldType.Int32, FieldType.Int64, FieldType.Float32, FieldType.Float64, FieldType.Bytes, FieldType.String, FieldType.String, FieldType.Bytes, FieldType.Date, FieldType.Timestamp, FieldType.Timestamp, FieldType.Decimal, FieldType.Decimal, FieldType.String],
            contract.Rows.Fields.Select(field => field.Type));
        Assert.Equal(["big", "wide", "text", "micros"], contract.Rows.Fields.Where(field => field.Nullable).Select(field => field.Name));
        Assert.Equal(["id"], contract.Rows.Fields.Where(field => field.Pii).Select(field => field.Name));
        var wide = contract.Rows.Fields[contract.Rows.IndexOf("wide")];
        Assert.True(wide.HasDefault);
        Assert.Equal(1.5, wide.Default);
        Assert.Equal(["from"], AvroContract.Parse(SampleContracts.Departure).Rows.Fields[3].Aliases);
    }

    [Theory]
    [InlineData("""{"name":"f","type":"text"}""", "'f'", "type 'text'")]
    [InlineData("""{"name":"f","type":{"type":"array","items":"int"}}""", "'f'", "type array")]
    [InlineData("""{"name":"f","type":{"type":"map","values":"int"}}""", "'f'", "type map")]
    [InlineData("""{"name":"f","type":{"type":"record","name":"N","fields":[]}}""", "'f'", "record N")]
    [InlineData("""{"name":"f","type":["int","string"]}""", "'f'", "union [int, string]")]
    [InlineData("""{"name":"f","type":["null","int","string"]}""", "'f'", "union of null and one type")]
    [InlineData("""{"name":"f","type":"null"}""", "'f'", "type null")]
    [InlineData("""{"name":"f","type":[]}""", "'f'", "empty union")]
    [InlineData("""{"name":"f","type":"int","default":"x"}""", "'f'", "default \"x\"")]
    [InlineData("""{"name":"f","type":"int","default":null}""", "'f'", "default null")]
    [InlineData("""{"name":"f-1","type":"int"}""", "'f-1'", "letters, digits")]
    [InlineData("""{"name":"f","type":"int"},{"name":"f","type":"int"}""", "'f'", "the name twice")]
    [InlineData("""{"name":"f","type":"int"},{"name":"g","type":"int","aliases":["f"]}""", "'g'", "alias 'f'")]
    [InlineData("""{"type":"int"}""", "field 0", "no 'name'")]
    [InlineData("""{"name":"f"}""", "'f'", "no 'type'")]
    [InlineData("""{"name":"f","type":{"type":"enum","name":"E","symbols":[]}}""", "'f'", "without symbols")]
    [InlineData("""{"name":"f","type":{"type":"enum","name":"E","symbols":["A","A"]}}""", "'f'", "symbol twice")]
    [InlineData("""{"name":"f","type":{"type":"fixed","name":"F","size":0}}""", "'f'", "size")]
    [InlineData("""{"name":"f","type":{"type":"bytes","logicalType":"decimal","precision":40,"scale":2}}""", "'f'", "decimal(40,2)")]
    [InlineData("""{"name":"f","type":{"type":"bytes","logicalType":"decimal","precision":4,"scale":5}}""", "'f'", "decimal(4,5)")]
    [InlineData("""{"name":"f","type":{"type":"long","logicalType":"timestamp-nanos"}}""", "'f'", "timestamp-nanos")]
    [InlineData("", "R", "no fields")]
    public void Parse_names_field_found_and_cure_when_a_flat_row_cannot_hold_it(string fields, string element, string found)
    {
        var fault = Assert.Throws<ContractException>(() => AvroContract.Parse(SampleContracts.Record(fields)));

        Assert.Contains(element, fault.Message, StringComparison.Ordinal);
        Assert.Contains(found, fault.Message, StringComparison.Ordinal);
        Assert.Contains("expected", fault.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", "not JSON")]
    [InlineData("{", "not JSON")]
    [InlineData("\"int\"", "expected a record")]
    [InlineData("{\"type\":\"record\",\"fields\":[]}", "no 'name'")]
    [InlineData("{\"type\":\"record\",\"name\":\"\\ud800\",\"fields\":[]}", "not Unicode")]
    public void Parse_refuses_documents_that_are_no_record(string json, string found)
    {
        var fault = Assert.Throws<ContractException>(() => AvroContract.Parse(json));

        Assert.Contains(found, fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Parse_refuses_deep_nesting_without_overflowing_the_stack()
    {
        var deep = string.Concat(Enumerable.Repeat("{\"type\":\"array\",\"items\":", 5_000)) + "\"int\"" + new string('}', 5_000);

        Assert.Throws<ContractException>(() => AvroSchema.Parse(deep));
    }

    [Fact]
    public void Canonical_text_ignores_layout_and_key_order_but_keeps_defaults_and_attributes()
    {
        const string one = """{ "fields":[ {"type":{"type":"string"}, "name":"f", "pii":true, "default":"é"} ], "name":"R", "type":"record" }""";
        const string two = """{"type":"record","name":"R","fields":[{"name":"f","default":"\u00e9","type":"string","pii":true}]}""";

        Assert.Equal(AvroText.Canonical(one), AvroText.Canonical(two));
        Assert.Equal("""{"type":"record","name":"R","fields":[{"name":"f","type":"string","default":"é","pii":true}]}""", AvroText.Canonical(one));
        Assert.NotEqual(AvroText.Canonical(one), AvroText.Canonical(two.Replace("true", "false", StringComparison.Ordinal)));
    }
}
