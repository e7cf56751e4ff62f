namespace RealTimeMesh.Contracts.Tests;

/// <summary>The changes that Confluent's documentation lists for Protobuf, each with what a registry says of it.</summary>
public sealed class ProtobufCompatibilityTests
{
    public static TheoryData<string, string, string?> Cases => new()
    {
        // old body, new body, the first incompatibility (null: compatible)
        { "message M { string a = 1; }", "message M { string a = 1; string b = 2; }", null },
        { "message M { string a = 1; string b = 2; }", "message M { string a = 1; }", null },
        { "message M { string a = 1; }", "message M { string renamed = 1; }", null },
        { "message M { string a = 1; }", "message M { bytes a = 1; }", null },
        { "message M { string a = 1; }", "message M { repeated string a = 1; }", null },
        { "message M { int32 a = 1; }", "message M { uint64 a = 1; }", null },
        { "message M { int32 a = 1; }", "message M { bool a = 1; }", null },
        { "message M { int32 a = 1; } enum E { X = 0; }", "message M { E a = 1; } enum E { X = 0; }", null },
        { "message M { sint32 a = 1; }", "message M { sint64 a = 1; }", null },
        { "message M { fixed32 a = 1; }", "message M { sfixed32 a = 1; }", null },
        { "message M { int32 a = 1; }", "message M { sint32 a = 1; }", "FIELD_SCALAR_KIND_CHANGED" },
        { "message M { int32 a = 1; }", "message M { string a = 1; }", "FIELD_SCALAR_KIND_CHANGED" },
        { "message M { float a = 1; }", "message M { double a = 1; }", "FIELD_SCALAR_KIND_CHANGED" },
        { "message M { fixed32 a = 1; }", "message M { fixed64 a = 1; }", "FIELD_SCALAR_KIND_CHANGED" },
        { "message M { optional int32 a = 1; }", "message M { repeated int32 a = 1; }", "FIELD_NUMERIC_LABEL_CHANGED" },
        { "message M { string a = 1; } message N {}", "message M { N a = 1; } message N {}", "FIELD_KIND_CHANGED" },
        { "message M { string a = 1; }", "message M { map<string, string> a = 1; }", "FIELD_KIND_CHANGED" },
        { "message M { map<string, int32> a = 1; }", "message M { map<string, int64> a = 1; }", null },
        { "message M { map<string, int32> a = 1; }", "message M { map<string, string> a = 1; }", "FIELD_SCALAR_KIND_CHANGED" },
        { "message M { N a = 1; } message N {} message O {}", "message M { O a = 1; } message N {} message O {}", "FIELD_NAMED_TYPE_CHANGED" },
        { "message M {} message N {}", "message M {}", "MESSAGE_REMOVED" },
        { "message M { message N {} }", "message M {}", "MESSAGE_REMOVED" },
        { "message M {}", "message M {} message N {}", null },
        { "message M {} message N {}", "message N {} message M {}", null },
        { "message M {} enum E { X = 0; }", "message M {}", null },
        { "enum E { X = 0; Y = 1; }", "enum E { X = 0; }", null },
        { "enum E { X = 0; }", "enum E { X = 0; Y = 1; }", null },
        { "message M { oneof o { string a = 1; string b = 2; } }", "message M { oneof o { string a = 1; } }", "ONEOF_FIELD_REMOVED" },
        { "message M { oneof o { string a = 1; } }", "message M { oneof o { string a = 1; string b = 2; } }", null },
        { "message M { string c = 3; oneof o { string a = 1; string b = 2; } }", "message M { string c = 3; }", null },
        { "message M { oneof o { string a = 1; string b = 2; } }", "message M { string a = 1; string b = 2; }", null },
        { "message M { string a = 1; string b = 2; }", "message M { oneof o { string a = 1; string b = 2; } }", "MULTIPLE_FIELDS_MOVED_TO_ONEOF" },
        { "message M { string a = 1; string b = 2; }", "message M { string a = 1; oneof o { string b = 2; } }", null },
        { "message M { string a = 1; oneof o { string b = 2; } }", "message M { oneof o { string a = 1; string b = 2; } }", "FIELD_MOVED_TO_EXISTING_ONEOF" },
        { "message M { oneof o { string a = 1; } }", "message M { oneof o { int32 a = 1; } }", "FIELD_SCALAR_KIND_CHANGED" },
        { "message M { M m = 1; string s = 2; }", "message M { M m = 1; int32 s = 2; }", "FIELD_SCALAR_KIND_CHANGED" },
        { "package a; message M {}", "package b; message M {}", "PACKAGE_CHANGED" },
        { "package a; message M { N n = 1; } message N {}", "package a; message M { a.N n = 1; } message N {}", null },
    };

    [Theory]
    [MemberData(nameof(Cases))]
    public void A_change_breaks_readers_exactly_when_the_rules_say_so(string old, string next, string? expected)
    {
        var found = Parse("syntax = \"proto3\"; " + next).CheckReads(Parse("syntax = \"proto3\"; " + old));

        Assert.Equal(expected, found.Count > 0 ? found[0].Type : null);
    }

    [Theory]
    [InlineData("optional string a = 1;", "optional string a = 1; required string b = 2;", "REQUIRED_FIELD_ADDED")]
    [InlineData("optional string a = 1; required string b = 2;", "optional string a = 1;", "REQUIRED_FIELD_REMOVED")]
    public void Required_fields_neither_come_nor_go(string old, string next, string expected)
    {
        var found = Parse($"syntax = \"proto2\"; message M {{ {next} }}").CheckReads(Parse($"syntax = \"proto2\"; message M {{ {old} }}"));

        Assert.Equal(expected, Assert.Single(found).Type);
    }

    [Fact]
    public void Types_of_other_documents_are_compared_where_their_versions_differ()
    {
        const string text = """syntax = "proto3"; import "n.proto"; message M { N n = 1; }""";
        var old = SchemaLanguages.Find("PROTOBUF")!.Parse(text, [new("n.proto", "syntax = \"proto3\"; message N { string s = 1; }", "n/1")]);
        var next = SchemaLanguages.Find("PROTOBUF")!.Parse(text, [new("n.proto", "syntax = \"proto3\"; message N { int32 s = 1; }", "n/2")]);

        Assert.Equal(["FIELD_SCALAR_KIND_CHANGED", "FIELD_NAMED_TYPE_CHANGED"], next.CheckReads(old).Select(problem => problem.Type));
        Assert.Equal("#/N/1", next.CheckReads(old)[0].Path);
    }

    [Fact]
    public void Messages_say_the_place_in_the_words_of_the_original()
    {
        var found = Parse("syntax = \"proto3\"; message M { N n = 1; message N { int32 s = 7; } }").CheckReads(Parse("syntax = \"proto3\"; message M { N n = 1; message N { string s = 7; } }"));

        Assert.Equal("""{errorType:"FIELD_SCALAR_KIND_CHANGED", description:"The kind of a SCALAR field at path '#/M/N/7' in the new schema does not match its kind in the old schema"}""", Assert.Single(found).ToMessage("new", "old"));
    }

    private static SchemaDocument Parse(string text) => SchemaLanguages.Find("PROTOBUF")!.Parse(text, []);
}
