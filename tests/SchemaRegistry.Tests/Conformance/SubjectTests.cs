using System.Net.Http.Headers;
using System.Text.Json.Nodes;

namespace RealTimeMesh.SchemaRegistry.Tests.Conformance;

[Collection(ConformanceGroup.Name)]
public sealed class SubjectTests(ConformanceRegistry registry)
{
    [Fact]
    public async Task Registering_twice_gives_one_id_and_one_version()
    {
        var subject = registry.Subject();
        var id = await registry.RegisterAsync(subject, Schemas.One);

        Assert.Equal(id, await registry.RegisterAsync(subject, Schemas.One));
        Assert.Equal(id, await registry.RegisterAsync(registry.Subject(), Schemas.One));
        Assert.Equal("[1]", (await registry.OkAsync("GET", $"/subjects/{subject}/versions")).ToJsonString());
    }

    [Fact]
    public async Task A_version_is_described_with_its_canonical_text()
    {
        var subject = registry.Subject();
        var id = await registry.RegisterAsync(subject, """{ "fields": [ {"type": {"type": "int"}, "name": "a"} ], "name": "x.R", "type": "record" }""");

        var version = await registry.OkAsync("GET", $"/subjects/{subject}/versions/latest");

        Assert.Equal((subject, 1, id), (version["subject"]!.GetValue<string>(), version["version"]!.GetValue<int>(), version["id"]!.GetValue<int>()));
        Assert.Equal("""{"type":"record","name":"R","namespace":"x","fields":[{"name":"a","type":"int"}]}""", version["schema"]!.GetValue<string>());
        Assert.Equal("R", (await registry.OkAsync("GET", $"/subjects/{subject}/versions/1/schema"))["name"]!.GetValue<string>());
        Assert.Equal(version["schema"]!.GetValue<string>(), (await registry.OkAsync("GET", $"/schemas/ids/{id}"))["schema"]!.GetValue<string>());
        Assert.Equal("R", (await registry.OkAsync("GET", $"/schemas/ids/{id}/schema"))["name"]!.GetValue<string>());
    }

    [Fact]
    public async Task A_schema_is_looked_up_under_its_subject()
    {
        var subject = registry.Subject();
        var id = await registry.RegisterAsync(subject, Schemas.One);

        var found = await registry.OkAsync("POST", $"/subjects/{subject}", ConformanceRegistry.Body(Schemas.One));

        Assert.Equal((subject, 1, id), (found["subject"]!.GetValue<string>(), found["version"]!.GetValue<int>(), found["id"]!.GetValue<int>()));
        Assert.Equal((404, 40403, "Schema not found"), await registry.FailAsync("POST", $"/subjects/{subject}", ConformanceRegistry.Body("\"string\"")));
        var none = registry.Subject();
        Assert.Equal((404, 40401, $"Subject '{none}' not found."), await registry.FailAsync("POST", $"/subjects/{none}", ConformanceRegistry.Body("\"string\"")));
    }

    [Fact]
    public async Task Normalizing_finds_what_is_written_otherwise()
    {
        var subject = registry.Subject();
        const string one = """{"type":"record","name":"R","namespace":"n","fields":[{"name":"a","type":"int","order":"descending","doc":"d"}]}""";
        const string two = """{"type":"record","name":"n.R","fields":[{"doc":"d","name":"a","order":"descending","type":{"type":"int"}}]}""";
        var id = (await registry.OkAsync("POST", $"/subjects/{subject}/versions?normalize=true", ConformanceRegistry.Body(one)))["id"]!.GetValue<int>();

        Assert.Equal(id, (await registry.OkAsync("POST", $"/subjects/{subject}/versions?normalize=true", ConformanceRegistry.Body(two)))["id"]!.GetValue<int>());
        Assert.Equal(id, (await registry.OkAsync("POST", $"/subjects/{subject}?normalize=true", ConformanceRegistry.Body(two)))["id"]!.GetValue<int>());
    }

    [Fact]
    public async Task Deleting_is_soft_first_and_then_for_good()
    {
        var subject = registry.Subject();
        await registry.RegisterAsync(subject, Schemas.One);
        await registry.RegisterAsync(subject, Schemas.OneWithDefault);

        Assert.Equal((404, 40405, $"Subject '{subject}' was not deleted first before being permanently deleted"), await registry.FailAsync("DELETE", $"/subjects/{subject}?permanent=true"));
        Assert.Equal((404, 40407, $"Subject '{subject}' Version 1 was not deleted first before being permanently deleted"), await registry.FailAsync("DELETE", $"/subjects/{subject}/versions/1?permanent=true"));
        Assert.Equal("1", (await registry.OkAsync("DELETE", $"/subjects/{subject}/versions/1")).ToJsonString());
        Assert.Equal((404, 40406, $"Subject '{subject}' Version 1 was soft deleted.Set permanent=true to delete permanently"), await registry.FailAsync("DELETE", $"/subjects/{subject}/versions/1"));
        Assert.Equal("[2]", (await registry.OkAsync("GET", $"/subjects/{subject}/versions")).ToJsonString());
        Assert.Equal("[1,2]", (await registry.OkAsync("GET", $"/subjects/{subject}/versions?deleted=true")).ToJsonString());
        Assert.Equal("[1]", (await registry.OkAsync("GET", $"/subjects/{subject}/versions?deletedOnly=true")).ToJsonString());
        Assert.Equal((404, 40402, "Version 1 not found."), await registry.FailAsync("GET", $"/subjects/{subject}/versions/1"));
        Assert.Equal(1, (await registry.OkAsync("GET", $"/subjects/{subject}/versions/1?deleted=true"))["version"]!.GetValue<int>());
        Assert.Equal("[2]", (await registry.OkAsync("DELETE", $"/subjects/{subject}")).ToJsonString());
        Assert.Equal((404, 40404, $"Subject '{subject}' was soft deleted.Set permanent=true to delete permanently"), await registry.FailAsync("DELETE", $"/subjects/{subject}"));
        Assert.Equal("[1,2]", (await registry.OkAsync("DELETE", $"/subjects/{subject}?permanent=true")).ToJsonString());
        Assert.Equal((404, 40401, $"Subject '{subject}' not found."), await registry.FailAsync("DELETE", $"/subjects/{subject}?permanent=true"));
    }

    [Fact]
    public async Task A_schema_comes_back_under_its_id_after_a_soft_delete()
    {
        var subject = registry.Subject();
        var id = await registry.RegisterAsync(subject, Schemas.Record("""{"name":"back","type":"int"}"""));
        await registry.OkAsync("DELETE", $"/subjects/{subject}");

        Assert.Equal(200, (await registry.SendAsync("GET", $"/schemas/ids/{id}")).Status);
        Assert.Equal(id, await registry.RegisterAsync(subject, Schemas.Record("""{"name":"back","type":"int"}""")));
        Assert.Equal("[2]", (await registry.OkAsync("GET", $"/subjects/{subject}/versions?deleted=true")).ToJsonString());
    }

    [Fact]
    public async Task Subjects_are_listed_by_prefix_and_page()
    {
        var prefix = registry.Subject();
        foreach (var name in new[] { "c", "a", "b" })
            await registry.RegisterAsync(prefix + name, Schemas.One);

        await registry.OkAsync("DELETE", $"/subjects/{prefix}b");

        Assert.Equal(new JsonArray(prefix + "a", prefix + "c").ToJsonString(), (await registry.OkAsync("GET", $"/subjects?subjectPrefix={prefix}")).ToJsonString());
        Assert.Equal(new JsonArray(prefix + "b").ToJsonString(), (await registry.OkAsync("GET", $"/subjects?subjectPrefix={prefix}&deletedOnly=true")).ToJsonString());
        Assert.Equal(new JsonArray(prefix + "b", prefix + "c").ToJsonString(), (await registry.OkAsync("GET", $"/subjects?subjectPrefix={prefix}&deleted=true&offset=1&limit=2")).ToJsonString());
    }

    [Fact]
    public async Task Schemas_are_listed_by_prefix_all_or_the_latest()
    {
        var prefix = registry.Subject();
        await registry.RegisterAsync(prefix + "a", Schemas.One);
        await registry.RegisterAsync(prefix + "a", Schemas.OneWithDefault);
        await registry.RegisterAsync(prefix + "b", Schemas.One);

        static string Show(JsonNode list, string prefix) => string.Join(' ', list.AsArray().Select(item => $"{item!["subject"]!.GetValue<string>()[prefix.Length..]}{item["version"]}"));
        Assert.Equal("a1 a2 b1", Show(await registry.OkAsync("GET", $"/schemas?subjectPrefix={prefix}"), prefix));
        Assert.Equal("a2 b1", Show(await registry.OkAsync("GET", $"/schemas?subjectPrefix={prefix}&latestOnly=true"), prefix));
        Assert.Equal("a2", Show(await registry.OkAsync("GET", $"/schemas?subjectPrefix={prefix}&offset=1&limit=1"), prefix));
    }

    [Fact]
    public async Task Uses_of_an_id_are_listed()
    {
        var (one, two) = (registry.Subject(), registry.Subject());
        var schema = Schemas.Record("""{"name":"uses","type":"int"}""", "Uses" + one.Replace("-", "", StringComparison.Ordinal));
        var id = await registry.RegisterAsync(one, schema);
        await registry.RegisterAsync(two, schema);

        Assert.Equal(new[] { one, two }.Order(StringComparer.Ordinal), (await registry.OkAsync("GET", $"/schemas/ids/{id}/subjects")).AsArray().Select(subject => subject!.GetValue<string>()).Order(StringComparer.Ordinal));
        Assert.Equal(2, (await registry.OkAsync("GET", $"/schemas/ids/{id}/versions")).AsArray().Count);
        await registry.OkAsync("DELETE", $"/subjects/{two}");
        Assert.Single((await registry.OkAsync("GET", $"/schemas/ids/{id}/versions")).AsArray());
        Assert.Equal(2, (await registry.OkAsync("GET", $"/schemas/ids/{id}/versions?deleted=true")).AsArray().Count);
    }

    [Theory]
    [InlineData("0")]
    [InlineData("zero")]
    [InlineData("-2")]
    public async Task Versions_that_are_none_are_refused(string version)
    {
        var (status, code, message) = await registry.FailAsync("GET", $"/subjects/{registry.Subject()}/versions/{version}");

        Assert.Equal((422, 42202, $"The specified version '{version}' is not a valid version id. Allowed values are between [1, 2^31-1] and the string \"latest\""), (status, code, message));
    }

    [Fact]
    public async Task Unknown_ids_and_types_are_refused()
    {
        Assert.Equal((404, 40403, "Schema 2147483600 not found"), await registry.FailAsync("GET", "/schemas/ids/2147483600"));
        var (status, code, message) = await registry.FailAsync("POST", $"/subjects/{registry.Subject()}/versions", ConformanceRegistry.Body("{}", "THRIFT"));
        Assert.Equal((422, 42201), (status, code));
        Assert.Contains("Invalid schema type THRIFT", message, StringComparison.Ordinal);
        Assert.Equal(["AVRO", "JSON", "PROTOBUF"], (await registry.OkAsync("GET", "/schemas/types")).AsArray().Select(type => type!.GetValue<string>()).Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData(null, ConformanceRegistry.MediaType)]
    [InlineData("*/*", ConformanceRegistry.MediaType)]
    [InlineData("application/json", "application/json")]
    [InlineData("application/vnd.schemaregistry+json", "application/vnd.schemaregistry+json")]
    public async Task Answers_are_of_the_type_that_was_asked_for(string? accept, string expected)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/schemas/types");
        if (accept is not null)
            request.Headers.Accept.Add(MediaTypeWithQualityHeaderValue.Parse(accept));

        using var response = await registry.Http.SendAsync(request, TestContext.Current.CancellationToken);

        Assert.Equal(expected, response.Content.Headers.ContentType?.MediaType);
    }

    [Fact]
    public async Task Associations_are_not_there()
    {
        Assert.Equal(404, (await registry.FailAsync("GET", "/associations/resources/some-resource")).Status);
    }

    [Fact]
    public async Task The_server_tells_of_itself()
    {
        Assert.Equal("{}", (await registry.OkAsync("GET", "/")).ToJsonString());
        Assert.NotNull((await registry.OkAsync("GET", "/v1/metadata/id"))["scope"]!["clusters"]!["schema-registry-cluster"]);
        Assert.NotNull((await registry.OkAsync("GET", "/v1/metadata/version"))["version"]);
    }
}
