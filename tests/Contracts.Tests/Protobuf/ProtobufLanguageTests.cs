namespace RealTimeMesh.Contracts.Tests;

public sealed class ProtobufLanguageTests
{
    private const string Everything = """
        // A comment
        syntax = "proto3";
        package shop.v1;
        import "google/protobuf/timestamp.proto";
        import public "google/type/money.proto"; /* another */
        option java_package = "com." "shop";
        option (my.option).part = { name: "x" list: [1, 2], inner { y: true } };

        message Order {
          reserved 9, 20 to 30, 100 to max;
          reserved "old", "older";
          option deprecated = true;
          string id = 1 [json_name = "ID", deprecated = true];
          repeated Line lines = 2;
          map<string, Line> by_name = 3;
          optional int32 count = 4;
          google.protobuf.Timestamp at = 5;
          .google.type.Money total = 6;
          State state = 7;
          oneof payment { string card = 10; bytes cash = 11; }
          message Line { sint64 amount = 1; message message { bool optional = 1; } .shop.v1.Order.Line.message m = 2; }
          enum State { option allow_alias = true; NEW = 0; FRESH = 0; DONE = 0x10; BAD = -1; }
        }
        service Shop { rpc Buy (stream Order) returns (Order) { option deprecated = true; } rpc Look (Order) returns (stream Order); }
        """;

    [Fact]
    public void Canonical_text_is_the_layout_that_registries_store()
    {
        var document = Parse("""syntax="proto3";package a.b; import "google/protobuf/any.proto"; message M{string  s=1;oneof o{int32 i=2;}enum E{X=0;}} message Empty{}""");

        Assert.Equal("""
            syntax = "proto3";
            package a.b;

            import "google/protobuf/any.proto";

            message M {
              string s = 1;

              oneof o {
                int32 i = 2;
              }

              enum E {
                X = 0;
              }
            }
            message Empty {}

            """, document.Canonical);
    }

    [Theory]
    [InlineData(".p.A.B")]
    [InlineData(". p . A . B")]
    [InlineData(".p./* within */A.B")]
    [InlineData(".p.A // at the end\n  .B")]
    [InlineData(". p.A.B")]
    public void A_name_is_the_same_whatever_stands_between_its_parts(string written)
    {
        var document = Parse($"syntax = \"proto3\"; package p; message A {{ message B {{ }} }} message M {{ {written} field = 1; }}");

        Assert.Contains("  .p.A.B field = 1;\n", document.Canonical, StringComparison.Ordinal);
    }

    [Fact]
    public void Canonical_text_is_read_as_itself()
    {
        var canonical = Parse(Everything).Canonical;

        Assert.Equal(canonical, Parse(canonical).Canonical);
        Assert.Equal(Parse(Everything).Normalized, Parse(canonical).Normalized);
        Assert.Equal(Parse(Everything).Normalized, Parse(Parse(Everything).Normalized).Normalized);
    }

    [Fact]
    public void Normal_text_resolves_names_and_orders_what_has_no_order()
    {
        var one = Parse("""syntax = "proto3"; package p; import "google/protobuf/any.proto"; import "google/protobuf/empty.proto"; message A { B b = 2; string s = 1; } message B {}""");
        var two = Parse("""syntax = "proto3"; package p; import "google/protobuf/empty.proto"; import "google/protobuf/any.proto"; message A { string s = 1; .p.B b = 2; } message B {}""");

        Assert.NotEqual(one.Canonical, two.Canonical);
        Assert.Equal(one.Normalized, two.Normalized);
        Assert.Contains(".p.B b = 2;", one.Normalized, StringComparison.Ordinal);
    }

    [Fact]
    public void A_descriptor_is_the_document_that_it_was_made_of()
    {
        var document = Parse(Everything);
        var again = Parse(document.Format("serialized"));

        Assert.Equal(again.Canonical, Parse(again.Format("serialized")).Canonical);
        Assert.Empty(again.CheckReads(document));
        Assert.Empty(document.CheckReads(again));
        Assert.Contains("map<string, .shop.v1.Order.Line> by_name = 3;", again.Canonical, StringComparison.Ordinal);
        Assert.Contains("optional int32 count = 4;", again.Canonical, StringComparison.Ordinal);
    }

    [Fact]
    public void Tags_of_fields_survive_the_way_through_a_descriptor()
    {
        var document = Parse("""syntax = "proto3"; import "confluent/meta.proto"; message M { string s = 1 [(confluent.field_meta).tags = "PII", (confluent.field_meta).doc = "d"]; }""");

        var again = Parse(document.Format("serialized"));

        Assert.Contains("(confluent.field_meta) = {", again.Canonical, StringComparison.Ordinal);
        Assert.Contains("\"PII\"", again.Canonical, StringComparison.Ordinal);
        Assert.DoesNotContain("confluent.field_meta", again.Format("ignore_extensions"), StringComparison.Ordinal);
    }

    [Fact]
    public void Proto2_groups_extensions_and_defaults_are_read_and_written()
    {
        var document = Parse("""
            syntax = "proto2";
            message M {
              required string s = 1 [default = "a\"b\n"];
              optional group G = 2 { optional int32 x = 1; }
              extensions 100 to 199, 500 to max;
              optional E e = 3 [default = B];
            }
            enum E { A = 1; B = 2; reserved 5 to max; }
            extend M { optional string ext = 100; }
            """);

        Assert.Equal(document.Canonical, Parse(document.Canonical).Canonical);
        Assert.Contains("""required string s = 1 [default = "a\"b\n"];""", document.Canonical, StringComparison.Ordinal);
        Assert.Contains("optional group G = 2 {", document.Canonical, StringComparison.Ordinal);
        Assert.Contains("reserved 5 to max;", document.Canonical, StringComparison.Ordinal);
        Assert.Empty(document.CheckReads(Parse(document.Format("serialized"))));
    }

    [Fact]
    public void References_are_found_by_their_import_paths()
    {
        var other = new ReferencedSchema("other.proto", """syntax = "proto3"; package o; message Other { string s = 1; }""", "other/1");

        var document = SchemaLanguages.Find("PROTOBUF")!.Parse("""syntax = "proto3"; import "other.proto"; message M { o.Other other = 1; }""", [other]);

        Assert.Contains("o.Other other = 1;", document.Canonical, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", "message M { string s = 1;")]
    [InlineData("line 2", "syntax = \"proto3\";\nmesage M {}")]
    [InlineData("number 1", "message M { optional int32 a = 1; optional int32 b = 1; }")]
    [InlineData("name 'a' twice", "message M { optional int32 a = 1; optional int32 a = 2; }")]
    [InlineData("type 'Nobody'", "syntax = \"proto3\"; message M { Nobody n = 1; }")]
    [InlineData("import 'x.proto'", "syntax = \"proto3\"; import \"x.proto\";")]
    [InlineData("required field", "syntax = \"proto3\"; message M { required int32 a = 1; }")]
    [InlineData("19000", "syntax = \"proto3\"; message M { int32 a = 19001; }")]
    [InlineData("reserved", "syntax = \"proto3\"; message M { reserved 1; int32 a = 1; }")]
    [InlineData("first value", "syntax = \"proto3\"; enum E { A = 1; }")]
    [InlineData("keys of type 'float'", "syntax = \"proto3\"; message M { map<float, string> m = 1; }")]
    [InlineData("syntax 'proto9'", "syntax = \"proto9\";")]
    [InlineData("without an end", "syntax = \"proto3\"; /* never")]
    [InlineData("", "{\"type\":\"record\"}")]
    public void Wrong_documents_are_refused_with_what_is_wrong(string expected, string text)
    {
        var fault = Assert.Throws<ContractException>(() => Parse(text));

        Assert.Contains(expected, fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Damaged_descriptors_are_read_or_refused()
    {
        var random = new Random(815);
        var whole = Convert.FromBase64String(Parse(Everything).Format("serialized"));
        var read = 0;
        for (var i = 0; i < 3000; i++)
        {
            var damaged = whole.ToArray();
            for (var changes = random.Next(1, 4); changes > 0; changes--)
                damaged[random.Next(damaged.Length)] = (byte)random.Next(256);

            try
            {
                var document = Parse(Convert.ToBase64String(damaged));
                Assert.Equal(document.Canonical, Parse(document.Canonical).Canonical);
                Assert.NotEmpty(document.Format("serialized"));
                Assert.NotEmpty(document.Normalized);
                read++;
            }
            catch (ContractException)
            {
                // Refused, with a reason.
            }
        }

        Assert.InRange(read, 100, 2900);
    }

    private static SchemaDocument Parse(string text) => SchemaLanguages.Find("PROTOBUF")!.Parse(text, []);
}
