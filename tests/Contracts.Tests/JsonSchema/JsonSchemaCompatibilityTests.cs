namespace RealTimeMesh.Contracts.Tests;

/// <summary>The changes that Confluent's documentation lists for JSON Schema, each with what a registry says of it.</summary>
public sealed class JsonSchemaCompatibilityTests
{
    private const string Open = """{"type":"object","properties":{"a":{"type":"string"}}}""";
    private const string OpenTwo = """{"type":"object","properties":{"a":{"type":"string"},"b":{"type":"string"}}}""";
    private const string Closed = """{"type":"object","properties":{"a":{"type":"string"}},"additionalProperties":false}""";
    private const string ClosedTwo = """{"type":"object","properties":{"a":{"type":"string"},"b":{"type":"string"}},"additionalProperties":false}""";
    private const string ClosedRequired = """{"type":"object","properties":{"a":{"type":"string"},"b":{"type":"string"}},"required":["b"],"additionalProperties":false}""";
    private const string ClosedDefault = """{"type":"object","properties":{"a":{"type":"string"},"b":{"type":"string","default":""}},"required":["b"],"additionalProperties":false}""";
    private const string PartlyText = """{"type":"object","properties":{"a":{"type":"string"}},"additionalProperties":{"type":"string"}}""";
    private const string PartlyNumber = """{"type":"object","properties":{"a":{"type":"string"}},"additionalProperties":{"type":"number"}}""";
    private const string Tree = """{"type":"object","properties":{"v":{"type":"integer"},"next":{"$ref":"#"}},"additionalProperties":false}""";
    private const string TreeNumber = """{"type":"object","properties":{"v":{"type":"number"},"next":{"$ref":"#"}},"additionalProperties":false}""";
    private const string Defined = """{"type":"object","properties":{"a":{"$ref":"#/definitions/T"}},"additionalProperties":false,"definitions":{"T":{"type":"string"}}}""";

    public static TheoryData<string, string, string?> Cases => new()
    {
        // old, new, the first incompatibility (null: compatible)
        { "true", "{}", null },
        { Open, "true", null },
        { "false", Open, null },
        { "{}", Open, "TYPE_CHANGED" },
        { """{"type":"string"}""", """{"type":"number"}""", "TYPE_CHANGED" },
        { """{"type":"integer"}""", """{"type":"number"}""", null },
        { """{"type":"number"}""", """{"type":"integer"}""", "TYPE_NARROWED" },
        { """{"type":"string"}""", """{"type":["string","null"]}""", null },
        { """{"type":["string","null"]}""", """{"type":"string"}""", "TYPE_CHANGED" },
        { """{"type":["string","null"]}""", """{"type":["string"]}""", "TYPE_CHANGED" },
        { """{"type":["string","null","integer"]}""", """{"type":["string","null"]}""", "SUM_TYPE_NARROWED" },
        { """{"type":"string"}""", """{"type":"string","maxLength":5}""", "MAX_LENGTH_ADDED" },
        { """{"type":"string","maxLength":5}""", """{"type":"string"}""", null },
        { """{"type":"string","maxLength":5}""", """{"type":"string","maxLength":6}""", null },
        { """{"type":"string","maxLength":5}""", """{"type":"string","maxLength":4}""", "MAX_LENGTH_DECREASED" },
        { """{"type":"string","minLength":5}""", """{"type":"string","minLength":6}""", "MIN_LENGTH_INCREASED" },
        { """{"type":"string","minLength":5}""", """{"type":"string","minLength":4}""", null },
        { """{"type":"string"}""", """{"type":"string","pattern":"a"}""", "PATTERN_ADDED" },
        { """{"type":"string","pattern":"a"}""", """{"type":"string","pattern":"b"}""", "PATTERN_CHANGED" },
        { """{"type":"number","maximum":5}""", """{"type":"number","maximum":4}""", "MAXIMUM_DECREASED" },
        { """{"type":"number","minimum":5}""", """{"type":"number","minimum":6}""", "MINIMUM_INCREASED" },
        { """{"type":"number"}""", """{"type":"number","exclusiveMaximum":4}""", "EXCLUSIVE_MAXIMUM_ADDED" },
        { """{"type":"number","maximum":4}""", """{"type":"number","maximum":4,"exclusiveMaximum":true}""", "EXCLUSIVE_MAXIMUM_ADDED" },
        { """{"type":"number","multipleOf":2}""", """{"type":"number","multipleOf":4}""", "MULTIPLE_OF_EXPANDED" },
        { """{"type":"number","multipleOf":4}""", """{"type":"number","multipleOf":2}""", null },
        { """{"type":"number","multipleOf":4}""", """{"type":"number","multipleOf":3}""", "MULTIPLE_OF_CHANGED" },
        { """{"enum":["a","b"]}""", """{"enum":["a","b","c"]}""", null },
        { """{"enum":["a","b"]}""", """{"enum":["a"]}""", "ENUM_ARRAY_NARROWED" },
        { """{"enum":["a","b"]}""", """{"enum":["a","c"]}""", "ENUM_ARRAY_CHANGED" },
        { """{"const":1}""", """{"const":2}""", "ENUM_ARRAY_CHANGED" },
        { """{"not":{"type":"string"}}""", """{"not":{"type":"string","maxLength":1}}""", null },
        { """{"not":{"type":"string","maxLength":1}}""", """{"not":{"type":"string"}}""", "NOT_TYPE_EXTENDED" },
        { Open, OpenTwo, "OPTIONAL_PROPERTY_ADDED_TO_OPEN_CONTENT_MODEL" },
        { OpenTwo, Open, null },
        { Open, """{"type":"object","properties":{"a":{"type":"string"},"b":{}}}""", null },
        { Open, """{"type":"object","properties":{"a":{"type":"string"},"b":{"type":"string"}},"required":["b"]}""", "REQUIRED_PROPERTY_ADDED_TO_OPEN_CONTENT_MODEL" },
        { Closed, ClosedTwo, null },
        { ClosedTwo, Closed, "PROPERTY_REMOVED_FROM_CLOSED_CONTENT_MODEL" },
        { Closed, ClosedRequired, "REQUIRED_PROPERTY_ADDED_TO_UNOPEN_CONTENT_MODEL" },
        { Closed, ClosedDefault, null },
        { ClosedTwo, ClosedRequired, "REQUIRED_ATTRIBUTE_ADDED" },
        { ClosedTwo, ClosedDefault, null },
        { ClosedRequired, ClosedTwo, null },
        { Closed, Open, null },
        { Open, Closed, "ADDITIONAL_PROPERTIES_REMOVED" },
        { Open, PartlyText, "ADDITIONAL_PROPERTIES_NARROWED" },
        { PartlyText, Open, null },
        { PartlyText, PartlyNumber, "TYPE_CHANGED" },
        { PartlyText, """{"type":"object","properties":{"a":{"type":"string"},"b":{"type":"string"}},"additionalProperties":{"type":"string"}}""", null },
        { PartlyNumber, """{"type":"object","properties":{"a":{"type":"string"},"b":{"type":"string"}},"additionalProperties":{"type":"number"}}""", "TYPE_CHANGED" },
        { OpenTwo, PartlyText, "ADDITIONAL_PROPERTIES_NARROWED" },
        { """{"type":"object","patternProperties":{"^x":{"type":"string"}},"additionalProperties":false}""", """{"type":"object","properties":{"xy":{"type":"string"}},"patternProperties":{"^x":{"type":"string"}},"additionalProperties":false}""", null },
        { Open, """{"type":"object","properties":{"a":{"type":"string"}},"maxProperties":3}""", "MAX_PROPERTIES_ADDED" },
        { Open, """{"type":"object","properties":{"a":{"type":"string"}},"dependencies":{"a":["b"]}}""", "DEPENDENCY_ARRAY_ADDED" },
        { """{"type":"object","dependentRequired":{"a":["b"]}}""", """{"type":"object","dependentRequired":{"a":["b","c"]}}""", "DEPENDENCY_ARRAY_EXTENDED" },
        { """{"type":"object","dependentRequired":{"a":["b","c"]}}""", """{"type":"object","dependentRequired":{"a":["b"]}}""", null },
        { """{"type":"object"}""", """{"type":"object","unevaluatedProperties":false}""", "UNEVALUATED_PROPERTIES_REMOVED" },
        { """{"type":"array","items":{"type":"integer"}}""", """{"type":"array","items":{"type":"number"}}""", null },
        { """{"type":"array","items":{"type":"number"}}""", """{"type":"array","items":{"type":"integer"}}""", "TYPE_NARROWED" },
        { """{"type":"array"}""", """{"type":"array","items":{"type":"integer"}}""", "SCHEMA_ADDED" },
        { """{"type":"array","items":{"type":"integer"}}""", """{"type":"array"}""", null },
        { """{"type":"array"}""", """{"type":"array","uniqueItems":true}""", "UNIQUE_ITEMS_ADDED" },
        { """{"type":"array","maxItems":3}""", """{"type":"array","maxItems":2}""", "MAX_ITEMS_DECREASED" },
        { """{"type":"array","prefixItems":[{"type":"string"}]}""", """{"type":"array","prefixItems":[{"type":"string"},{"type":"string"}]}""", "ITEM_ADDED_TO_OPEN_CONTENT_MODEL" },
        { """{"type":"array","prefixItems":[{"type":"string"}],"items":false}""", """{"type":"array","prefixItems":[{"type":"string"},{"type":"string"}],"items":false}""", null },
        { """{"type":"array","items":[{"type":"string"},{"type":"string"}],"additionalItems":false}""", """{"type":"array","items":[{"type":"string"}],"additionalItems":false}""", "ITEM_REMOVED_FROM_CLOSED_CONTENT_MODEL" },
        { """{"type":"array","contains":{},"minContains":1}""", """{"type":"array","contains":{},"minContains":2}""", "MIN_CONTAINS_INCREASED" },
        { """{"oneOf":[{"type":"string"},{"type":"integer"}]}""", """{"oneOf":[{"type":"string"},{"type":"integer"},{"type":"null"}]}""", null },
        { """{"oneOf":[{"type":"string"},{"type":"integer"},{"type":"null"}]}""", """{"oneOf":[{"type":"string"},{"type":"integer"}]}""", "SUM_TYPE_NARROWED" },
        { """{"oneOf":[{"type":"string"},{"type":"integer"}]}""", """{"oneOf":[{"type":"string"},{"type":"boolean"}]}""", "COMBINED_TYPE_SUBSCHEMAS_CHANGED" },
        { """{"oneOf":[{"type":"string"},{"type":"integer"}]}""", """{"oneOf":[{"type":"number"},{"type":"string"}]}""", null },
        { """{"type":"string"}""", """{"oneOf":[{"type":"string"},{"type":"integer"}]}""", null },
        { """{"oneOf":[{"type":"string"}]}""", """{"type":"string"}""", null },
        { """{"allOf":[{"type":"string"},{"maxLength":3}]}""", """{"type":"string"}""", null },
        { """{"oneOf":[{"type":"string"},{"type":"integer"}]}""", """{"anyOf":[{"type":"string"},{"type":"integer"}]}""", null },
        { """{"anyOf":[{"type":"string"},{"type":"integer"}]}""", """{"oneOf":[{"type":"string"},{"type":"integer"}]}""", "COMBINED_TYPE_CHANGED" },
        { """{"allOf":[{"type":"string"}]}""", """{"allOf":[{"type":"string"},{"type":"integer"}]}""", "PRODUCT_TYPE_EXTENDED" },
        { Tree, TreeNumber, null },
        { TreeNumber, Tree, "TYPE_NARROWED" },
        { Defined, Closed, null },
        { Closed, Defined, null },
        { Defined, Defined.Replace("\"string\"", "\"integer\"", StringComparison.Ordinal), "TYPE_CHANGED" },
        { """{"type":"string","title":"a","description":"b","default":"c"}""", """{"type":"string"}""", null },
        { """{"type":"string","connect.type":"bytes"}""", """{"type":"number","connect.type":"bytes"}""", null },
    };

    [Theory]
    [MemberData(nameof(Cases))]
    public void A_change_breaks_readers_exactly_when_the_rules_say_so(string old, string next, string? expected)
    {
        var found = Parse(next).CheckReads(Parse(old));

        Assert.Equal(expected, found.Count > 0 ? found[0].Type : null);
    }

    [Theory]
    [InlineData(Open, OpenTwo)]
    [InlineData(Open, Closed)]
    [InlineData(ClosedTwo, Closed)]
    public void The_lenient_policy_takes_data_to_have_only_what_is_named(string old, string next)
    {
        Assert.NotEmpty(Parse(next).CheckReads(Parse(old)));
        Assert.Empty(Parse(next).CheckReads(Parse(old), lenient: true));
    }

    [Fact]
    public void Messages_say_the_place_in_the_words_of_the_original()
    {
        var found = Assert.Single(Parse(OpenTwo).CheckReads(Parse(Open)));

        Assert.Equal("""{errorType:"OPTIONAL_PROPERTY_ADDED_TO_OPEN_CONTENT_MODEL", description:"The new schema has an open content model and has a property or item at path '#/properties/b' which is missing in the old schema'}""", found.ToMessage("new", "old"));
    }

    [Fact]
    public void References_are_found_by_name_by_id_and_by_anchor()
    {
        var other = new ReferencedSchema("other.json", """{"$id":"https://example.com/other.json","$defs":{"n":{"$anchor":"num","type":"number"},"a~/b":{"type":"string"}}}""");
        var document = SchemaLanguages.Find("JSON")!.Parse(
            """{"$schema":"https://json-schema.org/draft/2020-12/schema","properties":{"a":{"$ref":"other.json#/$defs/n"},"b":{"$ref":"https://example.com/other.json#num"},"c":{"$ref":"other.json#/$defs/a~0~1b","maxLength":3}}}""", [other]);
        var plain = Parse("""{"properties":{"a":{"type":"number"},"b":{"type":"number"},"c":{"allOf":[{"type":"string"},{"maxLength":3}]}}}""");

        Assert.Empty(document.CheckReads(plain));
        Assert.Empty(plain.CheckReads(document));
    }

    [Theory]
    [InlineData("not JSON", "{")]
    [InlineData("expected an object", "[1]")]
    [InlineData("#/properties/a/type", """{"properties":{"a":{"type":"text"}}}""")]
    [InlineData("#/properties", """{"properties":[]}""")]
    [InlineData("#/required", """{"required":[1]}""")]
    [InlineData("$ref '#/none'", """{"properties":{"a":{"$ref":"#/none"}}}""")]
    [InlineData("other.json", """{"$ref":"other.json"}""")]
    [InlineData("#/maxLength", """{"maxLength":-1}""")]
    [InlineData("#/oneOf", """{"oneOf":{}}""")]
    [InlineData("regular expression", """{"patternProperties":{"(":{}}}""")]
    public void Wrong_documents_are_refused_with_what_is_wrong(string expected, string text)
    {
        var fault = Assert.Throws<ContractException>(() => Parse(text));

        Assert.Contains(expected, fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Normal_text_has_its_members_in_order()
    {
        Assert.Equal("""{"type":"object","properties":{"b":{},"a":{}}}""", Parse("""{ "type": "object", "properties": {"b": {}, "a": {}} }""").Canonical);
        Assert.Equal("""{"properties":{"a":{},"b":{}},"type":"object"}""", Parse("""{ "type": "object", "properties": {"b": {}, "a": {}} }""").Normalized);
    }

    private static SchemaDocument Parse(string text) => SchemaLanguages.Find("JSON")!.Parse(text, []);
}
