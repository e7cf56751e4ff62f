using System.Text.Json.Nodes;

namespace RealTimeMesh.SchemaRegistry.Tests.Conformance;

[Collection(ConformanceGroup.Name)]
public sealed class CompatibilityTests(ConformanceRegistry registry)
{
    public static TheoryData<string, string, string, string> AvroCases
    {
        get
        {
            var cases = new TheoryData<string, string, string, string>();
            foreach (var line in File.ReadLines(Path.Combine(AppContext.BaseDirectory, "Conformance", "avro-compatibility.txt")))
            {
                if (line.Length == 0 || line.StartsWith('#'))
                    continue;

                var parts = line.Split('|', StringSplitOptions.TrimEntries);
                Assert.Equal(4, parts.Length);
                cases.Add(parts[0], parts[1], parts[2], parts[3]);
            }

            return cases;
        }
    }

    /// <summary>Each line of the table: rule, reader, writer, kinds of incompatibility (none: ok).</summary>
    [Theory]
    [MemberData(nameof(AvroCases))]
    public async Task Avro_is_resolved_as_the_specification_says(string rule, string reader, string writer, string expected)
    {
        var subject = registry.Subject();
        await registry.OkAsync("PUT", $"/config/{subject}", new JsonObject { ["compatibility"] = "BACKWARD" });
        await registry.RegisterAsync(subject, writer);

        var answer = await registry.OkAsync("POST", $"/compatibility/subjects/{subject}/versions/latest?verbose=true", ConformanceRegistry.Body(reader));

        var found = answer["messages"]!.AsArray().Select(message => message!.GetValue<string>()).Where(message => message.StartsWith("{errorType:'", StringComparison.Ordinal)).Select(message => message.Split('\'')[1]);
        Assert.True((expected == "ok" ? "" : expected) == string.Join(' ', found), $"{rule}: {answer.ToJsonString()}");
        Assert.Equal(expected == "ok", answer["is_compatible"]!.GetValue<bool>());
    }

    [Fact]
    public void There_are_enough_cases() => Assert.True(AvroCases.Count >= 150, $"{AvroCases.Count} cases");

    [Fact]
    public async Task Verbose_messages_say_what_the_original_says()
    {
        var subject = registry.Subject();
        await registry.OkAsync("PUT", $"/config/{subject}", new JsonObject { ["compatibility"] = "BACKWARD" });
        await registry.RegisterAsync(subject, Schemas.One);

        var answer = await registry.OkAsync("POST", $"/compatibility/subjects/{subject}/versions/1?verbose=true", ConformanceRegistry.Body(Schemas.OneWithoutDefault));

        Assert.Equal(
            [
                "{errorType:'READER_FIELD_MISSING_DEFAULT_VALUE', description:'The field 'c' at path '/fields/1' in the new schema has no default value and is missing in the old schema', additionalInfo:'c'}",
                "{oldSchemaVersion: 1}",
                $"{{oldSchema: '{Schemas.One}'}}",
                "{validateFields: 'false', compatibility: 'BACKWARD'}",
            ],
            answer["messages"]!.AsArray().Select(message => message!.GetValue<string>()));
        Assert.Equal("""{"is_compatible":true,"messages":[]}""", (await registry.OkAsync("POST", $"/compatibility/subjects/{subject}/versions?verbose=true", ConformanceRegistry.Body(Schemas.OneWithDefault))).ToJsonString());
        Assert.Equal("""{"is_compatible":false}""", (await registry.OkAsync("POST", $"/compatibility/subjects/{subject}/versions", ConformanceRegistry.Body(Schemas.OneWithoutDefault))).ToJsonString());
    }

    [Fact]
    public async Task Forward_messages_name_the_old_schema_as_the_reader()
    {
        var subject = registry.Subject();
        await registry.OkAsync("PUT", $"/config/{subject}", new JsonObject { ["compatibility"] = "FORWARD" });
        await registry.RegisterAsync(subject, Schemas.OneWithoutDefault);

        var (status, _, message) = await registry.FailAsync("POST", $"/subjects/{subject}/versions", ConformanceRegistry.Body(Schemas.One));

        Assert.Equal(409, status);
        Assert.StartsWith($"Schema being registered is incompatible with an earlier schema for subject \"{subject}\", details: [{{errorType:'READER_FIELD_MISSING_DEFAULT_VALUE', description:'The field 'c' at path '/fields/1' in the old schema has no default value and is missing in the new schema'", message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_subject_without_versions_and_a_type_that_changes()
    {
        var subject = registry.Subject();

        Assert.True((await registry.OkAsync("POST", $"/compatibility/subjects/{subject}/versions/latest", ConformanceRegistry.Body("\"int\"")))["is_compatible"]!.GetValue<bool>());
        Assert.Equal((404, 40402, "Version 1 not found."), await registry.FailAsync("POST", $"/compatibility/subjects/{subject}/versions/1", ConformanceRegistry.Body("\"int\"")));
        await registry.RegisterAsync(subject, "\"int\"");
        Assert.Contains("Incompatible because of different schema type", (await registry.FailAsync("POST", $"/subjects/{subject}/versions", ConformanceRegistry.Body("true", "JSON"))).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("NONE", 200, 200, 200)]
    [InlineData("BACKWARD", 200, 409, 200)]
    [InlineData("BACKWARD_TRANSITIVE", 200, 409, 409)]
    [InlineData("FORWARD", 409, 200, 200)]
    [InlineData("FULL", 409, 409, 200)]
    public async Task Levels_judge_what_may_follow(string level, int dropped, int added, int retyped)
    {
        var (one, two, three) = (registry.Subject(), registry.Subject(), registry.Subject());
        foreach (var subject in new[] { one, two })
            await registry.OkAsync("PUT", $"/config/{subject}", new JsonObject { ["compatibility"] = level });

        await registry.RegisterAsync(one, Schemas.OneWithoutDefault);
        await registry.RegisterAsync(two, Schemas.One);
        Assert.Equal(dropped, (await registry.SendAsync("POST", $"/subjects/{one}/versions", ConformanceRegistry.Body(Schemas.One))).Status);
        Assert.Equal(added, (await registry.SendAsync("POST", $"/subjects/{two}/versions", ConformanceRegistry.Body(Schemas.OneWithoutDefault))).Status);

        // The second version drops b, the third brings it back as another type.
        await registry.OkAsync("PUT", $"/config/{three}", new JsonObject { ["compatibility"] = "NONE" });
        await registry.RegisterAsync(three, Schemas.Record("""{"name":"a","type":"int"},{"name":"b","type":"string","default":""}"""));
        await registry.RegisterAsync(three, Schemas.One);
        await registry.OkAsync("PUT", $"/config/{three}", new JsonObject { ["compatibility"] = level });
        Assert.Equal(retyped, (await registry.SendAsync("POST", $"/subjects/{three}/versions", ConformanceRegistry.Body(Schemas.Record("""{"name":"a","type":"int"},{"name":"b","type":"int","default":0}""")))).Status);
    }

    [Fact]
    public async Task Protobuf_and_json_say_why_in_the_words_of_the_original()
    {
        var (proto, json) = (registry.Subject(), registry.Subject());
        await registry.RegisterAsync(proto, """syntax = "proto3"; message M { string s = 1; }""", "PROTOBUF");
        await registry.RegisterAsync(json, """{"type":"object","properties":{"a":{"type":"string"}}}""", "JSON");

        Assert.Contains("""{errorType:"FIELD_SCALAR_KIND_CHANGED", description:"The kind of a SCALAR field at path '#/M/1' in the new schema does not match its kind in the old schema"}""", (await registry.FailAsync("POST", $"/subjects/{proto}/versions", ConformanceRegistry.Body("""syntax = "proto3"; message M { int32 s = 1; }""", "PROTOBUF"))).Message, StringComparison.Ordinal);
        Assert.Contains("""{errorType:"TYPE_CHANGED", description:"A type at path '#/properties/a' is different between the new schema and the old schema'}""", (await registry.FailAsync("POST", $"/subjects/{json}/versions", ConformanceRegistry.Body("""{"type":"object","properties":{"a":{"type":"number"}}}""", "JSON"))).Message, StringComparison.Ordinal);
    }
}
