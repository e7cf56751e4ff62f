using System.Net;
using System.Text.Json.Nodes;

namespace RealTimeMesh.SchemaRegistry.Tests;

public sealed class RegistryApiTests : IAsyncLifetime
{
    private readonly TemporaryFolder _folder = new();
    private RunningRegistry _registry = null!;

    public async ValueTask InitializeAsync() => _registry = await RunningRegistry.StartAsync(_folder);

    public async ValueTask DisposeAsync()
    {
        await _registry.DisposeAsync();
        _folder.Dispose();
    }

    [Fact]
    public async Task Registering_gives_one_id_to_one_canonical_schema_in_every_subject()
    {
        var id = await _registry.RegisterOkAsync("a-value", Schemas.One);

        Assert.Equal(id, await _registry.RegisterOkAsync("a-value", Schemas.One));
        Assert.Equal(id, await _registry.RegisterOkAsync("b-value", """{ "name":"R", "fields":[{"type":{"type":"int"},"name":"a"}], "type":"record" }"""));
        Assert.NotEqual(id, await _registry.RegisterOkAsync("a-value", Schemas.OneWithDefault));
        Assert.Equal("[1,2]", (await _registry.SendAsync("GET", "/subjects/a-value/versions")).Body!.ToJsonString());
        Assert.Equal("""["a-value","b-value"]""", (await _registry.SendAsync("GET", "/subjects")).Body!.ToJsonString());
    }

    [Fact]
    public async Task A_schema_that_takes_the_metadata_of_the_version_before_is_another_than_the_one_without()
    {
        var bare = await _registry.RegisterOkAsync("a", Schemas.One);
        await _registry.SendAsync("PUT", "/config/b", new JsonObject { ["compatibility"] = "NONE" });
        await _registry.SendAsync("POST", "/subjects/b/versions", new JsonObject { ["schema"] = "\"int\"", ["metadata"] = new JsonObject { ["properties"] = new JsonObject { ["owner"] = "me" } } });

        var taken = await _registry.RegisterOkAsync("b", Schemas.One);

        Assert.NotEqual(bare, taken);
        Assert.Equal("me", (string?)(await _registry.SendAsync("GET", "/subjects/b/versions/2")).Body!["metadata"]!["properties"]!["owner"]);
        Assert.Null((await _registry.SendAsync("GET", "/subjects/a/versions/1")).Body!["metadata"]);
        var lookup = (await _registry.SendAsync("POST", "/subjects/b", new JsonObject { ["schema"] = Schemas.One })).Body!;
        Assert.Equal(taken, (int?)lookup["id"]);
        Assert.Equal(taken, await _registry.RegisterOkAsync("b", Schemas.One));
    }

    [Fact]
    public async Task Versions_and_ids_are_found_by_every_way_that_clients_use()
    {
        var id = await _registry.RegisterOkAsync("s", Schemas.One);
        await _registry.RegisterOkAsync("s", Schemas.OneWithDefault);

        var latest = (await _registry.SendAsync("GET", "/subjects/s/versions/latest")).Body!;
        Assert.Equal(2, latest["version"]!.GetValue<int>());
        Assert.Equal("s", latest["subject"]!.GetValue<string>());
        Assert.Equal(id, (await _registry.SendAsync("GET", "/subjects/s/versions/1")).Body!["id"]!.GetValue<int>());
        Assert.Equal("R", (await _registry.SendAsync("GET", "/subjects/s/versions/1/schema")).Body!["name"]!.GetValue<string>());
        Assert.Equal("R", JsonNode.Parse((await _registry.SendAsync("GET", $"/schemas/ids/{id}")).Body!["schema"]!.GetValue<string>())!["name"]!.GetValue<string>());
        Assert.Equal("""[{"subject":"s","version":1}]""", (await _registry.SendAsync("GET", $"/schemas/ids/{id}/versions")).Body!.ToJsonString());
        Assert.Contains("AVRO", (await _registry.SendAsync("GET", "/schemas/types")).Body!.AsArray().Select(type => type!.GetValue<string>()));
        Assert.Equal("{}", (await _registry.SendAsync("GET", "/")).Body!.ToJsonString());
        Assert.Equal("READWRITE", (await _registry.SendAsync("GET", "/mode")).Body!["mode"]!.GetValue<string>());
        var lookup = (await _registry.SendAsync("POST", "/subjects/s", new JsonObject { ["schema"] = Schemas.One }, "application/json")).Body!;
        Assert.Equal((id, 1), (lookup["id"]!.GetValue<int>(), lookup["version"]!.GetValue<int>()));
    }

    [Theory]
    [InlineData("GET", "/subjects/none/versions", null, 404, 40401)]
    [InlineData("GET", "/subjects/none/versions/1", null, 404, 40401)]
    [InlineData("DELETE", "/subjects/none", null, 404, 40401)]
    [InlineData("GET", "/subjects/s/versions/9", null, 404, 40402)]
    [InlineData("GET", "/subjects/s/versions/zero", null, 422, 42202)]
    [InlineData("GET", "/subjects/s/versions/0", null, 422, 42202)]
    [InlineData("GET", "/schemas/ids/999", null, 404, 40403)]
    [InlineData("POST", "/subjects/s", """{"schema":"\"long\""}""", 404, 40403)]
    [InlineData("POST", "/subjects/s/versions", """{"schema":"{\"type\":\"record\"}"}""", 422, 42201)]
    [InlineData("POST", "/subjects/s/versions", """{"schema":"not json"}""", 422, 42201)]
    [InlineData("POST", "/subjects/fresh/versions", """{"schema":""}""", 422, 42201)]
    [InlineData("POST", "/subjects/s/versions", """{"schema":"{}","schemaType":"THRIFT"}""", 422, 42201)]
    [InlineData("POST", "/subjects/s/versions", """{"schema":"\"int\"","references":[{"name":"a","subject":"b","version":1}]}""", 422, 42201)]
    [InlineData("POST", "/subjects/s/versions", """[1]""", 400, 400)]
    [InlineData("PUT", "/config", """{"compatibility":"SOMETIMES"}""", 422, 42203)]
    [InlineData("POST", "/subjects/__GLOBAL/versions", """{"schema":"\"int\""}""", 422, 42208)]
    [InlineData("PATCH", "/subjects", null, 405, 405)]
    [InlineData("POST", "/subjects/s/versions", """{"schema":"\"int\"","metadata":7}""", 400, 400)]
    [InlineData("POST", "/subjects/s/versions", """{"schema":"\"int\"","id":"x"}""", 400, 400)]
    [InlineData("GET", "/config/s", null, 404, 40408)]
    [InlineData("POST", "/compatibility/subjects/none/versions/1", """{"schema":"\"int\""}""", 404, 40402)]
    [InlineData("DELETE", "/subjects/s?permanent=true", null, 404, 40405)]
    [InlineData("GET", "/nothing/here", null, 404, 404)]
    public async Task Errors_carry_the_codes_of_the_rest_api(string method, string path, string? body, int status, int code)
    {
        await _registry.RegisterOkAsync("s", Schemas.One);

        var answer = await _registry.SendAsync(method, path, body is null ? null : JsonNode.Parse(body));

        Assert.Equal((status, code), (answer.Status, answer.Body!["error_code"]!.GetValue<int>()));
        Assert.NotEmpty(answer.Body["message"]!.GetValue<string>());
    }

    [Fact]
    public async Task Other_media_types_are_refused()
    {
        var (status, _) = await _registry.SendAsync("POST", "/subjects/s/versions", new JsonObject { ["schema"] = "\"int\"" }, "text/plain");

        Assert.Equal((int)HttpStatusCode.UnsupportedMediaType, status);
    }

    [Fact]
    public async Task An_incompatible_schema_is_a_conflict_that_says_why_and_leaves_the_subject_as_it_was()
    {
        await _registry.RegisterOkAsync("s", Schemas.One);

        var (status, body) = await _registry.RegisterAsync("s", Schemas.OneWithoutDefault);

        Assert.Equal((409, 409), (status, body!["error_code"]!.GetValue<int>()));
        var message = body["message"]!.GetValue<string>();
        Assert.Contains("incompatible with an earlier schema for subject \"s\"", message, StringComparison.Ordinal);
        Assert.Contains("READER_FIELD_MISSING_DEFAULT_VALUE", message, StringComparison.Ordinal);
        Assert.Contains("'c'", message, StringComparison.Ordinal);
        Assert.Equal("[1]", (await _registry.SendAsync("GET", "/subjects/s/versions")).Body!.ToJsonString());
    }

    [Fact]
    public async Task Compatibility_can_be_asked_without_registering()
    {
        await _registry.RegisterOkAsync("s", Schemas.One);

        var good = await _registry.SendAsync("POST", "/compatibility/subjects/s/versions/latest", new JsonObject { ["schema"] = Schemas.OneWithDefault });
        var bad = await _registry.SendAsync("POST", "/compatibility/subjects/s/versions/1?verbose=true", new JsonObject { ["schema"] = Schemas.OneWithoutDefault });

        Assert.Equal("""{"is_compatible":true}""", good.Body!.ToJsonString());
        Assert.False(bad.Body!["is_compatible"]!.GetValue<bool>());
        Assert.Contains("READER_FIELD_MISSING_DEFAULT_VALUE", bad.Body["messages"]![0]!.GetValue<string>(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_subjects_level_wins_over_the_global_one_and_falls_back_to_it()
    {
        await _registry.RegisterOkAsync("s", Schemas.One);
        Assert.Equal("""{"compatibilityLevel":"BACKWARD"}""", (await _registry.SendAsync("GET", "/config")).Body!.ToJsonString());

        Assert.Equal("""{"compatibility":"NONE"}""", (await _registry.SendAsync("PUT", "/config/s", new JsonObject { ["compatibility"] = "NONE" })).Body!.ToJsonString());
        Assert.Equal(200, (await _registry.RegisterAsync("s", "\"string\"")).Status);
        Assert.Equal("""{"compatibilityLevel":"NONE"}""", (await _registry.SendAsync("DELETE", "/config/s")).Body!.ToJsonString());
        Assert.Equal(409, (await _registry.RegisterAsync("s", Schemas.OneWithDefault)).Status);
        Assert.Equal("""{"compatibilityLevel":"BACKWARD"}""", (await _registry.SendAsync("GET", "/config/s?defaultToGlobal=true")).Body!.ToJsonString());
    }

    [Fact]
    public async Task Backward_looks_at_the_latest_version_and_transitive_at_all()
    {
        // Version 2 drops b; version 3 brings it back as another type: fine against 2, unreadable against 1.
        var first = Schemas.Record("""{"name":"a","type":"int"},{"name":"b","type":"string"}""");
        var third = Schemas.Record("""{"name":"a","type":"int"},{"name":"b","type":"int","default":0}""");
        foreach (var (subject, level) in new[] { ("near", "BACKWARD"), ("far", "BACKWARD_TRANSITIVE") })
        {
            await _registry.SendAsync("PUT", $"/config/{subject}", new JsonObject { ["compatibility"] = level });
            await _registry.RegisterOkAsync(subject, first);
            await _registry.RegisterOkAsync(subject, Schemas.One);
        }

        Assert.Equal(200, (await _registry.RegisterAsync("near", third)).Status);
        Assert.Equal(409, (await _registry.RegisterAsync("far", third)).Status);
    }

    [Theory]
    [InlineData("FORWARD", 409, 200)]
    [InlineData("FULL", 409, 409)]
    [InlineData("BACKWARD", 200, 409)]
    [InlineData("NONE", 200, 200)]
    public async Task Levels_judge_a_dropped_and_an_added_required_field(string level, int dropped, int added)
    {
        await _registry.SendAsync("PUT", "/config", new JsonObject { ["compatibility"] = level });
        await _registry.RegisterOkAsync("drop", Schemas.OneWithoutDefault);
        await _registry.RegisterOkAsync("add", Schemas.One);

        Assert.Equal(dropped, (await _registry.RegisterAsync("drop", Schemas.One)).Status);
        Assert.Equal(added, (await _registry.RegisterAsync("add", Schemas.OneWithoutDefault)).Status);
    }

    [Fact]
    public async Task Deleted_versions_vanish_from_lists_but_their_ids_stay_readable()
    {
        var id = await _registry.RegisterOkAsync("s", Schemas.One);
        await _registry.RegisterOkAsync("s", Schemas.OneWithDefault);

        Assert.Equal("2", (await _registry.SendAsync("DELETE", "/subjects/s/versions/latest")).Body!.ToJsonString());
        Assert.Equal("[1]", (await _registry.SendAsync("GET", "/subjects/s/versions")).Body!.ToJsonString());
        Assert.Equal("[1]", (await _registry.SendAsync("DELETE", "/subjects/s")).Body!.ToJsonString());
        Assert.Equal("[]", (await _registry.SendAsync("GET", "/subjects")).Body!.ToJsonString());
        Assert.Equal("""["s"]""", (await _registry.SendAsync("GET", "/subjects?deleted=true")).Body!.ToJsonString());
        Assert.Equal(404, (await _registry.SendAsync("DELETE", "/subjects/s")).Status);
        Assert.Equal(200, (await _registry.SendAsync("GET", $"/schemas/ids/{id}")).Status);

        Assert.Equal(id, await _registry.RegisterOkAsync("s", Schemas.One));
        Assert.Equal("[3]", (await _registry.SendAsync("GET", "/subjects/s/versions")).Body!.ToJsonString());
    }

    [Fact]
    public async Task Subjects_may_have_any_printable_name()
    {
        await _registry.RegisterOkAsync("a%2Fb%20%C3%A9", Schemas.One);

        Assert.Equal("a/b é", (await _registry.SendAsync("GET", "/subjects")).Body![0]!.GetValue<string>());
        Assert.Equal(200, (await _registry.SendAsync("GET", "/subjects/a%2Fb%20%C3%A9/versions/1")).Status);
    }

    [Fact]
    public async Task Writers_racing_for_one_subject_all_get_the_same_id_and_one_version()
    {
        var ids = await Task.WhenAll(Enumerable.Range(0, 32).Select(_ => _registry.RegisterOkAsync("s", Schemas.One)));

        Assert.Single(ids.Distinct());
        Assert.Equal("[1]", (await _registry.SendAsync("GET", "/subjects/s/versions")).Body!.ToJsonString());
    }

    [Fact]
    public async Task Health_and_metrics_answer()
    {
        using var health = await _registry.Http.GetAsync("/healthz", TestContext.Current.CancellationToken);
        using var metrics = await _registry.Http.GetAsync("/metrics", TestContext.Current.CancellationToken);

        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.OK), (health.StatusCode, metrics.StatusCode));
    }
}
