using System.Text.Json;

namespace RealTimeMesh.DeltaLake.Tests;

public sealed class SchemaEvolutionTests
{
    private static readonly StructType s_schema = new([
        new SchemaField("id", PrimitiveType.Integer, false),
        new SchemaField("place", new StructType([new SchemaField("city", PrimitiveType.String, true), new SchemaField("zip", PrimitiveType.Short, true)]), true),
        new SchemaField("tags", new ArrayType(new StructType([new SchemaField("name", PrimitiveType.String, true)]), true), true),
        new SchemaField("price", new DecimalType(10, 2), true),
    ]);

    [Fact]
    public void The_schema_survives_its_JSON_with_nested_types_and_metadata_it_does_not_know()
    {
        var field = new SchemaField("m", new MapType(PrimitiveType.String, new ArrayType(new DecimalType(38, 10), false), true), true)
        {
            Metadata = new Dictionary<string, JsonElement> { ["made.up"] = JsonSerializer.SerializeToElement(new { deep = new[] { 1, 2 } }), ["comment"] = JsonSerializer.SerializeToElement("naïve \"quoted\"") },
        };
        var schema = new StructType([.. s_schema.Fields, field, new SchemaField("v", PrimitiveType.Void, true), new SchemaField("ntz", PrimitiveType.TimestampNtz, true)]);
        Assert.Equal(schema, SchemaJson.Read("t", SchemaJson.Write(schema)));
    }

    [Fact]
    public void A_column_is_added_at_the_top_in_a_struct_and_in_the_elements_of_an_array()
    {
        var added = new SchemaField("extra", PrimitiveType.Date, true);
        Assert.Equal(["id", "place", "tags", "price", "extra"], SchemaEvolution.AddColumn("t", s_schema, null, added).Fields.Select(item => item.Name));
        Assert.Equal("struct<city: string, zip: short, extra: date>", SchemaEvolution.AddColumn("t", s_schema, "place", added).Find("place")!.Type.SqlName);
        Assert.Equal("array<struct<name: string, extra: date>>", SchemaEvolution.AddColumn("t", s_schema, "tags.element", added).Find("tags")!.Type.SqlName);
        Assert.Contains("exists already", Assert.Throws<DeltaException>(() => SchemaEvolution.AddColumn("t", s_schema, "place", new SchemaField("CITY", PrimitiveType.String, true))).Message, StringComparison.Ordinal);
        Assert.Contains("NOT NULL", Assert.Throws<DeltaException>(() => SchemaEvolution.AddColumn("t", s_schema, null, added with { Nullable = false })).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Renaming_and_dropping_need_column_mapping()
    {
        Assert.Contains("columnMapping", Assert.Throws<DeltaException>(() => SchemaEvolution.RenameColumn("t", s_schema, false, "id", "key")).Message, StringComparison.Ordinal);
        Assert.Contains("columnMapping", Assert.Throws<DeltaException>(() => SchemaEvolution.DropColumn("t", s_schema, false, "id")).Message, StringComparison.Ordinal);
        Assert.Equal("struct<town: string, zip: short>", SchemaEvolution.RenameColumn("t", s_schema, true, "place.city", "town").Find("place")!.Type.SqlName);
        Assert.Equal("struct<city: string>", SchemaEvolution.DropColumn("t", s_schema, true, "place.zip").Find("place")!.Type.SqlName);
        Assert.Contains("exists already", Assert.Throws<DeltaException>(() => SchemaEvolution.RenameColumn("t", s_schema, true, "id", "PRICE")).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("integer", "long", true)]
    [InlineData("integer", "double", true)]
    [InlineData("long", "double", false)]
    [InlineData("long", "integer", false)]
    [InlineData("date", "timestamp_ntz", true)]
    [InlineData("date", "timestamp", false)]
    [InlineData("string", "binary", false)]
    [InlineData("decimal(10,2)", "decimal(12,4)", true)]
    [InlineData("decimal(10,2)", "decimal(11,4)", false)]
    [InlineData("decimal(10,2)", "decimal(10,2)", false)]
    [InlineData("integer", "decimal(10,0)", true)]
    [InlineData("integer", "decimal(11,2)", false)]
    [InlineData("long", "decimal(20,0)", true)]
    [InlineData("long", "decimal(19,0)", false)]
    public void Types_are_widened_only_as_the_protocol_allows(string from, string to, bool allowed)
    {
        var schema = new StructType([new SchemaField("x", Type(from), true)]);
        if (!allowed)
        {
            Assert.Contains("expected a wider type", Assert.Throws<DeltaException>(() => SchemaEvolution.WidenColumn("t", schema, "x", Type(to))).Message, StringComparison.Ordinal);
            return;
        }

        var widened = SchemaEvolution.WidenColumn("t", schema, "x", Type(to)).Fields[0];
        Assert.Equal(Type(to), widened.Type);
        Assert.Equal($"[{{\"fromType\":\"{from}\",\"toType\":\"{to}\"}}]", widened.Metadata["delta.typeChanges"].GetRawText());
    }

    [Fact]
    public void Merging_adds_what_is_new_and_never_casts()
    {
        var incoming = new StructType([
            new SchemaField("PLACE", new StructType([new SchemaField("country", PrimitiveType.String, false)]), true),
            new SchemaField("seen", PrimitiveType.Timestamp, false),
        ]);
        var merged = SchemaEvolution.Merge("t", s_schema, incoming);
        Assert.Equal("struct<city: string, zip: short, country: string>", merged.Find("place")!.Type.SqlName);
        Assert.True(merged.Find("seen")!.Nullable);
        Assert.False(merged.Find("id")!.Nullable);
        var fault = Assert.Throws<DeltaException>(() => SchemaEvolution.Merge("t", s_schema, new StructType([new SchemaField("id", PrimitiveType.Long, true)])));
        Assert.Contains("'id' is integer, the rows to write have long", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Column_mapping_gives_every_field_an_id_and_a_physical_name_once()
    {
        var (first, highest) = ColumnMapping.Complete(s_schema, 0, keepNames: false, Guid.NewGuid);
        var fields = SchemaWalk.Fields(first).ToList();
        Assert.Equal(7, highest);
        Assert.Equal(7, fields.Select(item => item.FieldId).Distinct().Count());
        Assert.All(fields, item => Assert.StartsWith("col-", item.PhysicalName, StringComparison.Ordinal));
        var (second, same) = ColumnMapping.Complete(first, highest, keepNames: false, Guid.NewGuid);
        Assert.Equal(first, second);
        Assert.Equal(highest, same);
        var (upgraded, _) = ColumnMapping.Complete(s_schema, 0, keepNames: true, Guid.NewGuid);
        Assert.All(SchemaWalk.Fields(upgraded), item => Assert.Equal(item.Name, item.PhysicalName));
    }

    private static DeltaType Type(string name) => SchemaJson.Read("t", $"{{\"type\":\"struct\",\"fields\":[{{\"name\":\"x\",\"type\":\"{name}\",\"nullable\":true,\"metadata\":{{}}}}]}}").Fields[0].Type;
}
