using System.Text.Json.Nodes;

namespace RealTimeMesh.SchemaRegistry.Tests.Conformance;

[Collection(ConformanceGroup.Name)]
public sealed class ReferenceTests(ConformanceRegistry registry)
{
    private const string Customer = """{"type":"record","name":"Customer","namespace":"shop","fields":[{"name":"id","type":"long"}]}""";
    private const string Order = """{"type":"record","name":"Order","namespace":"shop","fields":[{"name":"customer","type":"Customer"}]}""";

    [Fact]
    public async Task Avro_schemas_name_types_of_other_subjects()
    {
        var (customers, orders) = (registry.Subject(), registry.Subject());
        await registry.RegisterAsync(customers, Customer);
        var id = await registry.RegisterAsync(orders, Order, null, ("shop.Customer", customers, 1));

        var stored = await registry.OkAsync("GET", $"/schemas/ids/{id}");
        Assert.Equal(customers, stored["references"]![0]!["subject"]!.GetValue<string>());
        Assert.Equal(Order, stored["schema"]!.GetValue<string>());
        Assert.Equal($"[{id}]", (await registry.OkAsync("GET", $"/subjects/{customers}/versions/1/referencedby")).ToJsonString());
        Assert.Contains("\"long\"", (await registry.OkAsync("GET", $"/schemas/ids/{id}?format=resolved"))["schema"]!.GetValue<string>(), StringComparison.Ordinal);
        Assert.Equal((422, 42206), (await registry.FailAsync("DELETE", $"/subjects/{customers}")) is var refusal ? (refusal.Status, refusal.Code) : default);
        Assert.Equal($"One or more references exist to the schema {{magic=1,keytype=SCHEMA,subject={customers},version=1}}.", (await registry.FailAsync("DELETE", $"/subjects/{customers}/versions/1")).Message);
        await registry.OkAsync("DELETE", $"/subjects/{orders}");
        await registry.OkAsync("DELETE", $"/subjects/{customers}");
        Assert.Equal(42206, (await registry.FailAsync("DELETE", $"/subjects/{customers}?permanent=true")).Code);
    }

    [Fact]
    public async Task References_that_are_none_are_refused()
    {
        var (status, code, message) = await registry.FailAsync("POST", $"/subjects/{registry.Subject()}/versions", ConformanceRegistry.Body(Order, null, ("shop.Customer", "nobody", 1)));

        Assert.Equal((422, 42201), (status, code));
        Assert.Contains("nobody", message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_change_of_the_type_that_is_referred_to_is_seen()
    {
        var (customers, orders) = (registry.Subject(), registry.Subject());
        await registry.OkAsync("PUT", $"/config/{customers}", new JsonObject { ["compatibility"] = "NONE" });
        await registry.RegisterAsync(customers, Customer);
        await registry.RegisterAsync(customers, Customer.Replace("long", "string", StringComparison.Ordinal));
        await registry.RegisterAsync(orders, Order, null, ("shop.Customer", customers, 1));

        var (status, _, message) = await registry.FailAsync("POST", $"/subjects/{orders}/versions", ConformanceRegistry.Body(Order, null, ("shop.Customer", customers, 2)));

        Assert.Equal(409, status);
        Assert.Contains("reader type: STRING not compatible with writer type: LONG", message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Protobuf_documents_import_each_other_and_what_is_known()
    {
        var (other, subject) = (registry.Subject(), registry.Subject());
        await registry.RegisterAsync(other, """syntax = "proto3"; package o; message Other { string s = 1; }""", "PROTOBUF");
        const string text = """syntax = "proto3"; import "other.proto"; import "google/protobuf/timestamp.proto"; message M { o.Other other = 1; google.protobuf.Timestamp at = 2; }""";
        var id = await registry.RegisterAsync(subject, text, "PROTOBUF", ("other.proto", other, 1));

        var stored = await registry.OkAsync("GET", $"/schemas/ids/{id}");

        Assert.Equal("PROTOBUF", stored["schemaType"]!.GetValue<string>());
        Assert.Contains("o.Other other = 1;", stored["schema"]!.GetValue<string>(), StringComparison.Ordinal);
        Assert.NotEmpty(Convert.FromBase64String((await registry.OkAsync("GET", $"/schemas/ids/{id}?format=serialized"))["schema"]!.GetValue<string>()));
        Assert.Equal(42201, (await registry.FailAsync("POST", $"/subjects/{subject}/versions", ConformanceRegistry.Body(text, "PROTOBUF"))).Code);
    }

    [Fact]
    public async Task Json_schemas_refer_to_each_other_by_name()
    {
        var (other, subject) = (registry.Subject(), registry.Subject());
        await registry.RegisterAsync(other, """{"type":"string"}""", "JSON");
        var id = await registry.RegisterAsync(subject, """{"type":"object","properties":{"a":{"$ref":"other.json"}}}""", "JSON", ("other.json", other, 1));

        Assert.Equal("JSON", (await registry.OkAsync("GET", $"/schemas/ids/{id}"))["schemaType"]!.GetValue<string>());
        Assert.Equal(42201, (await registry.FailAsync("POST", $"/subjects/{subject}/versions", ConformanceRegistry.Body("""{"$ref":"third.json"}""", "JSON"))).Code);
    }
}
