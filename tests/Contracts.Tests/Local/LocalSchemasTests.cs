namespace RealTimeMesh.Contracts.Tests;

public sealed class LocalSchemasTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("local-schemas-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Avro_names_are_found_in_other_files_each_after_what_it_needs()
    {
        Write("order.avsc", """{"type":"record","name":"Order","namespace":"shop","fields":[{"name":"price","type":"money.Price"},{"name":"by","type":["null",{"type":"array","items":"Person"}]}]}""");
        Write("deep/price.avsc", """{"type":"record","name":"Price","namespace":"money","fields":[{"name":"currency","type":"Currency"}]}""");
        Write("deep/currency.avsc", """{"type":"enum","name":"Currency","namespace":"money","symbols":["EUR","SEK"]}""");
        Write("person.avsc", """{"type":"record","name":"Person","namespace":"shop","fields":[{"name":"paid","type":"money.Price"}]}""");

        var (schemas, order) = Open("order.avsc");

        Assert.Equal(["money.Currency", "money.Price", "shop.Person"], schemas.All(order).Select(use => use.Name));
        Assert.Equal(["money.Price", "shop.Person"], schemas.Direct(order).Select(use => use.Name));
        Assert.True(Parse(schemas, order).HasTopLevelField("price"));
        var whole = AvroSchema.Parse(LocalSchemas.WithDefinitions(order.Path, order.Text));
        Assert.Equal("shop.Order", Assert.IsType<AvroRecord>(whole).FullName);
        Assert.Equal("\"int\"", LocalSchemas.WithDefinitions(order.Path, "\"int\""));
    }

    [Fact]
    public void Imports_of_protobuf_are_found_from_the_file_the_root_and_any_folder_between()
    {
        Write("src/proto/shop/order.proto", """syntax = "proto3"; package shop; import "shop/person.proto"; import "common.proto"; import "google/protobuf/timestamp.proto"; message Order { Person by = 1; Common c = 2; google.protobuf.Timestamp at = 3; }""");
        Write("src/proto/shop/person.proto", """syntax = "proto3"; package shop; import public "shop/name.proto"; message Person { Name name = 1; }""");
        Write("src/proto/shop/name.proto", """syntax = "proto3"; package shop; message Name { string first = 1; }""");
        Write("src/proto/shop/common.proto", """syntax = "proto3"; package shop; message Common { string a = 1; }""");

        var (schemas, order) = Open("src/proto/shop/order.proto");

        Assert.Equal(["shop/name.proto", "shop/person.proto", "common.proto"], schemas.All(order).Select(use => use.Name));
        Assert.True(Parse(schemas, order).HasTopLevelField("by"));
    }

    [Fact]
    public void References_of_json_schemas_are_found_by_path_and_by_address()
    {
        Write("order.json", """{"type":"object","properties":{"by":{"$ref":"parts/person.json#/definitions/p"},"at":{"$ref":"https://example.com/shop/place.json"},"own":{"$ref":"#/properties/by"}}}""");
        Write("parts/person.json", """{"definitions":{"p":{"type":"object","properties":{"name":{"$ref":"name.json"}}}}}""");
        Write("parts/name.json", """{"type":"string","maxLength":10}""");
        Write("elsewhere/x.json", """{"$id":"https://example.com/shop/place.json","type":"object","properties":{"by":{"$ref":"near.json"}}}""");
        Write("elsewhere/y.json", """{"$id":"https://example.com/shop/near.json","type":"integer"}""");

        var (schemas, order) = Open("order.json");

        Assert.Equal(["name.json", "parts/person.json", "near.json", "https://example.com/shop/place.json"], schemas.All(order).Select(use => use.Name));
        var document = Parse(schemas, order);
        Write("parts/name.json", """{"type":"string","maxLength":5}""");
        var (changed, same) = Open("order.json");
        Assert.Contains(Parse(changed, same).CheckReads(document), reason => reason.Type == "MAX_LENGTH_DECREASED");
    }

    [Theory]
    [InlineData("a.proto", "import \"b.proto\"; message A { }", "b.proto", "import \"a.proto\"; message B { }")]
    [InlineData("a.avsc", """{"type":"record","name":"A","fields":[{"name":"b","type":"B"}]}""", "b.avsc", """{"type":"record","name":"B","fields":[{"name":"a","type":"A"}]}""")]
    [InlineData("a.json", """{"properties":{"b":{"$ref":"b.json"}}}""", "b.json", """{"properties":{"a":{"$ref":"a.json"}}}""")]
    public void A_circle_is_named(string first, string firstText, string second, string secondText)
    {
        Write(first, firstText);
        Write(second, secondText);
        var (schemas, file) = Open(first);
        var refused = Assert.Throws<ContractException>(() => schemas.All(file));
        Assert.Contains($"{first} -> {second} -> {first}", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void What_no_file_or_more_than_one_defines_is_told_with_its_place()
    {
        Write("a.avsc", """{"type":"record","name":"A","fields":[{"name":"x","type":{"type":"map","values":"no.Such"}}]}""");
        Write("b.avsc", """{"type":"record","name":"B","fields":[{"name":"x","type":"Twice"}]}""");
        Write("one/c.avsc", """{"type":"fixed","name":"Twice","size":2}""");
        Write("two/c.avsc", """{"type":"fixed","name":"Twice","size":3}""");
        Write("two/d.avsc", """{"type":"array","items":"Twice"}""");

        var (schemas, a) = Open("a.avsc");
        Assert.Contains("A: field 'x': found no file for 'no.Such'", Assert.Throws<ContractException>(() => schemas.All(a)).Message, StringComparison.Ordinal);
        var (_, b) = Open("b.avsc");
        var several = Assert.Throws<ContractException>(() => schemas.All(b)).Message;
        Assert.Contains("one/c.avsc, two/c.avsc", several, StringComparison.Ordinal);
        var (_, d) = Open("two/d.avsc");
        Assert.Equal(["two/c.avsc"], schemas.All(d).Select(use => schemas.NameOf(use.File)));
    }

    [Fact]
    public void A_file_that_is_no_schema_stands_in_nobodys_way()
    {
        Write("package.json", "{ broken");
        Write("list.json", "[1]");
        Write("bad.avsc", "not json");
        Write("a.json", """{"properties":{"b":{"$ref":"https://example.com/b"}}}""");
        Write("b.json", """{"$id":"https://example.com/b","type":"string"}""");
        var (schemas, a) = Open("a.json");
        Assert.Equal(["b.json"], schemas.All(a).Select(use => schemas.NameOf(use.File)));
    }

    private static SchemaDocument Parse(LocalSchemas schemas, LocalSchema file) => SchemaLanguages.Find(file.Language)!.Parse(file.Text, schemas.ReferencesOf(file));

    private (LocalSchemas Schemas, LocalSchema File) Open(string name)
    {
        var schemas = LocalSchemas.Read(_folder);
        return (schemas, schemas.Files.Single(file => schemas.NameOf(file) == name));
    }

    private void Write(string name, string text)
    {
        var path = Path.Combine(_folder, name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, text);
    }
}
