using System.Text.Json.Nodes;

namespace RealTimeMesh.SchemaRegistry.Tests.Conformance;

[Collection(ConformanceGroup.Name)]
public sealed class SettingsTests(ConformanceRegistry registry)
{
    [Fact]
    public async Task A_subjects_configuration_is_its_own_until_it_is_taken_away()
    {
        var subject = registry.Subject();

        Assert.Equal((404, 40408, $"Subject '{subject}' does not have subject-level compatibility configured"), await registry.FailAsync("GET", $"/config/{subject}"));
        Assert.NotNull((await registry.OkAsync("GET", $"/config/{subject}?defaultToGlobal=true"))["compatibilityLevel"]);
        Assert.Equal("""{"compatibility":"FULL"}""", (await registry.OkAsync("PUT", $"/config/{subject}", new JsonObject { ["compatibility"] = "FULL" })).ToJsonString());
        Assert.Equal("""{"compatibilityLevel":"FULL"}""", (await registry.OkAsync("GET", $"/config/{subject}")).ToJsonString());
        Assert.Equal("""{"compatibilityLevel":"FULL"}""", (await registry.OkAsync("DELETE", $"/config/{subject}")).ToJsonString());
        Assert.Equal((404, 40401, $"Subject '{subject}' not found."), await registry.FailAsync("DELETE", $"/config/{subject}"));
    }

    [Fact]
    public async Task Levels_and_modes_that_are_none_are_refused()
    {
        var subject = registry.Subject();

        Assert.Equal((422, 42203, "Invalid compatibility level. Valid values are none, backward, forward, full, backward_transitive, forward_transitive, and full_transitive"), await registry.FailAsync("PUT", $"/config/{subject}", new JsonObject { ["compatibility"] = "SOMETIMES" }));
        Assert.Equal((422, 42204, "Invalid mode. Valid values are READWRITE, READONLY, IMPORT and FORWARD."), await registry.FailAsync("PUT", $"/mode/{subject}", new JsonObject { ["mode"] = "SOMETIMES" }));
    }

    [Fact]
    public async Task A_compatibility_group_compares_only_versions_of_one_value()
    {
        var subject = registry.Subject();
        await registry.OkAsync("PUT", $"/config/{subject}", new JsonObject { ["compatibilityGroup"] = "major" });

        JsonObject Body(string schema, string major)
        {
            var body = ConformanceRegistry.Body(schema);
            body["metadata"] = new JsonObject { ["properties"] = new JsonObject { ["major"] = major } };
            return body;
        }

        await registry.OkAsync("POST", $"/subjects/{subject}/versions", Body(Schemas.One, "1"));
        Assert.Equal(409, (await registry.FailAsync("POST", $"/subjects/{subject}/versions", Body(Schemas.OneWithoutDefault, "1"))).Status);
        await registry.OkAsync("POST", $"/subjects/{subject}/versions", Body(Schemas.OneWithoutDefault, "2"));
    }

    [Fact]
    public async Task Normalizing_can_be_a_subjects_setting()
    {
        var subject = registry.Subject();
        await registry.OkAsync("PUT", $"/config/{subject}", new JsonObject { ["normalize"] = true });
        await registry.RegisterAsync(subject, """{"type":"record","name":"R","namespace":"n","fields":[]}""");

        Assert.Equal("""{"name":"n.R","type":"record","fields":[]}""", (await registry.OkAsync("GET", $"/subjects/{subject}/versions/1"))["schema"]!.GetValue<string>());
    }

    [Fact]
    public async Task A_read_only_subject_takes_no_changes()
    {
        var subject = registry.Subject();
        await registry.RegisterAsync(subject, Schemas.One);
        Assert.Equal((404, 40409, $"Subject '{subject}' does not have subject-level mode configured"), await registry.FailAsync("GET", $"/mode/{subject}"));
        Assert.Equal("""{"mode":"READONLY"}""", (await registry.OkAsync("PUT", $"/mode/{subject}", new JsonObject { ["mode"] = "READONLY" })).ToJsonString());

        var refusal = (422, 42205, $"Subject {subject} in context  is in read-only mode");
        Assert.Equal(refusal, await registry.FailAsync("POST", $"/subjects/{subject}/versions", ConformanceRegistry.Body(Schemas.OneWithDefault)));
        Assert.Equal(refusal, await registry.FailAsync("DELETE", $"/subjects/{subject}"));
        Assert.Equal(refusal, await registry.FailAsync("PUT", $"/config/{subject}", new JsonObject { ["compatibility"] = "NONE" }));
        await registry.RegisterAsync(subject, Schemas.One);
        Assert.Equal("""{"mode":"READONLY"}""", (await registry.OkAsync("DELETE", $"/mode/{subject}")).ToJsonString());
        await registry.RegisterAsync(subject, Schemas.OneWithDefault);
    }

    [Fact]
    public async Task Importing_keeps_ids_and_versions()
    {
        var context = registry.Context();
        var subject = registry.Subject(context);
        await registry.OkAsync("PUT", $"/mode/{subject}", new JsonObject { ["mode"] = "IMPORT" });

        JsonObject Body(string schema, int id, int version)
        {
            var body = ConformanceRegistry.Body(schema);
            (body["id"], body["version"]) = (id, version);
            return body;
        }

        Assert.Equal(77, (await registry.OkAsync("POST", $"/subjects/{subject}/versions", Body(Schemas.One, 77, 5)))["id"]!.GetValue<int>());
        Assert.Equal(5, (await registry.OkAsync("GET", $"/subjects/{subject}/versions/latest"))["version"]!.GetValue<int>());
        Assert.Equal((422, 42205, $"Overwrite new schema with id 77 in context {context} is not permitted."), await registry.FailAsync("POST", $"/subjects/{subject}/versions", Body(Schemas.OneWithoutDefault, 77, 6)));
        Assert.Equal((422, 42205, $"Subject {subject} in context {context} is not in read-write mode"), await registry.FailAsync("POST", $"/subjects/{subject}/versions", ConformanceRegistry.Body(Schemas.OneWithDefault)));
        await registry.OkAsync("DELETE", $"/mode/{subject}");
        Assert.Equal((422, 42205, $"Subject {subject} in context {context} is not in import mode"), await registry.FailAsync("POST", $"/subjects/{subject}/versions", Body(Schemas.OneWithDefault, 78, 6)));
        Assert.Equal(78, await registry.RegisterAsync(subject, Schemas.OneWithDefault));
    }

    [Fact]
    public async Task Importing_into_a_subject_with_schemas_has_to_be_forced()
    {
        var subject = registry.Subject();
        await registry.RegisterAsync(subject, Schemas.One);

        Assert.Equal((422, 42205, "Cannot import since found existing subjects"), await registry.FailAsync("PUT", $"/mode/{subject}", new JsonObject { ["mode"] = "IMPORT" }));
        await registry.OkAsync("PUT", $"/mode/{subject}?force=true", new JsonObject { ["mode"] = "IMPORT" });
    }

    [Fact]
    public async Task Metadata_and_rules_are_kept_and_handed_on_to_later_versions()
    {
        var subject = registry.Subject();
        var body = ConformanceRegistry.Body(Schemas.One);
        body["metadata"] = JsonNode.Parse("""{"properties":{"owner":"shop"},"tags":{"R.a":["PII"]},"sensitive":["owner"]}""");
        body["ruleSet"] = JsonNode.Parse("""{"domainRules":[{"name":"check","kind":"CONDITION","mode":"WRITE","type":"CEL","expr":"message.a > 0"}]}""");
        await registry.OkAsync("POST", $"/subjects/{subject}/versions", body);
        await registry.RegisterAsync(subject, Schemas.OneWithDefault);

        var latest = await registry.OkAsync("GET", $"/subjects/{subject}/versions/latest");

        Assert.Equal("shop", latest["metadata"]!["properties"]!["owner"]!.GetValue<string>());
        Assert.Equal("PII", latest["metadata"]!["tags"]!["R.a"]![0]!.GetValue<string>());
        Assert.Equal("message.a > 0", latest["ruleSet"]!["domainRules"]![0]!["expr"]!.GetValue<string>());
        Assert.Equal(2, (await registry.OkAsync("GET", $"/subjects/{subject}/metadata?key=owner&value=shop"))["version"]!.GetValue<int>());
        var wrong = ConformanceRegistry.Body(Schemas.One);
        wrong["ruleSet"] = JsonNode.Parse("""{"domainRules":[{"name":"check","mode":"UPGRADE","type":"CEL"}]}""");
        Assert.Equal((422, 42210), (await registry.FailAsync("POST", $"/subjects/{subject}/versions", wrong)) is var refusal ? (refusal.Status, refusal.Code) : default);
    }

    [Fact]
    public async Task Contexts_have_subjects_ids_and_settings_of_their_own()
    {
        var context = registry.Context();
        var subject = registry.Subject();
        await registry.RegisterAsync(subject, Schemas.One);
        Assert.Equal(1, await registry.RegisterAsync(context + subject, Schemas.OneWithoutDefault));
        await registry.OkAsync("PUT", $"/config/{context}", new JsonObject { ["compatibility"] = "NONE" });

        Assert.Contains(context.Trim(':'), (await registry.OkAsync("GET", "/contexts")).AsArray().Select(name => name!.GetValue<string>()));
        Assert.Equal(new JsonArray(context + subject).ToJsonString(), (await registry.OkAsync("GET", $"/subjects?subjectPrefix={context}")).ToJsonString());
        Assert.Equal(new JsonArray(context + subject).ToJsonString(), (await registry.OkAsync("GET", $"/contexts/{context}/subjects")).ToJsonString());
        Assert.Equal(context + subject, (await registry.OkAsync("GET", $"/contexts/{context}/subjects/{subject}/versions/1"))["subject"]!.GetValue<string>());
        Assert.Equal(Schemas.OneWithoutDefault, (await registry.OkAsync("GET", $"/schemas/ids/1?subject={context}"))["schema"]!.GetValue<string>());
        Assert.Equal(Schemas.OneWithoutDefault, (await registry.OkAsync("GET", $"/contexts/{context}/schemas/ids/1"))["schema"]!.GetValue<string>());
        Assert.Equal("NONE", (await registry.OkAsync("GET", $"/config/{context}{subject}?defaultToGlobal=true"))["compatibilityLevel"]!.GetValue<string>());
        Assert.Equal(2, await registry.RegisterAsync(context + subject, "\"long\""));
        Assert.Equal(42211, (await registry.FailAsync("DELETE", $"/contexts/{context}")).Code);
    }
}
