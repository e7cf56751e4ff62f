using System.Text.Json.Nodes;
using RealTimeMesh.Contracts;

namespace RealTimeMesh.SchemaRegistry.Tests;

public sealed class DurabilityTests
{
    [Fact]
    public async Task Everything_is_as_before_after_a_restart()
    {
        using var folder = new TemporaryFolder();
        int first, second;
        await using (var registry = await RunningRegistry.StartAsync(folder))
        {
            first = await registry.RegisterOkAsync("s", Schemas.One);
            second = await registry.RegisterOkAsync("s", Schemas.OneWithDefault);
            await registry.RegisterOkAsync("gone", "\"int\"");
            await registry.SendAsync("DELETE", "/subjects/gone");
            await registry.SendAsync("PUT", "/config", new JsonObject { ["compatibility"] = "FULL" });
            await registry.SendAsync("PUT", "/config/s", new JsonObject { ["compatibility"] = "NONE" });
        }

        await using var again = await RunningRegistry.StartAsync(folder);

        Assert.Equal("""["s"]""", (await again.SendAsync("GET", "/subjects")).Body!.ToJsonString());
        Assert.Equal(second, (await again.SendAsync("GET", "/subjects/s/versions/latest")).Body!["id"]!.GetValue<int>());
        Assert.Equal(first, await again.RegisterOkAsync("other", Schemas.One));
        Assert.Equal("FULL", (await again.SendAsync("GET", "/config")).Body!["compatibilityLevel"]!.GetValue<string>());
        Assert.Equal("NONE", (await again.SendAsync("GET", "/config/s")).Body!["compatibilityLevel"]!.GetValue<string>());
        Assert.Equal(4, await again.RegisterOkAsync("new", "\"long\""));
    }

    [Fact]
    public async Task A_torn_last_entry_is_cut_off_at_every_length_and_the_rest_survives()
    {
        using var folder = new TemporaryFolder();
        await using (var registry = await RunningRegistry.StartAsync(folder))
        {
            await registry.RegisterOkAsync("s", Schemas.One);
            await registry.RegisterOkAsync("s", Schemas.OneWithDefault);
        }

        var whole = await File.ReadAllBytesAsync(folder.Log, TestContext.Current.CancellationToken);
        var firstLine = Array.IndexOf(whole, (byte)'\n') + 1;
        foreach (var length in new[] { firstLine + 1, (firstLine + whole.Length) / 2, whole.Length - 1 })
        {
            await File.WriteAllBytesAsync(folder.Log, whole[..length], TestContext.Current.CancellationToken);
            await using (var registry = await RunningRegistry.StartAsync(folder))
            {
                Assert.Equal("[1]", (await registry.SendAsync("GET", "/subjects/s/versions")).Body!.ToJsonString());
                Assert.Equal(2, await registry.RegisterOkAsync("s", Schemas.OneWithDefault));
            }

            Assert.StartsWith(System.Text.Encoding.UTF8.GetString(whole[..firstLine]), await File.ReadAllTextAsync(folder.Log, TestContext.Current.CancellationToken));
        }
    }

    [Fact]
    public async Task A_damaged_entry_in_the_middle_stops_the_start_with_its_line()
    {
        using var folder = new TemporaryFolder();
        await using (var registry = await RunningRegistry.StartAsync(folder))
        {
            await registry.RegisterOkAsync("s", Schemas.One);
            await registry.RegisterOkAsync("s", Schemas.OneWithDefault);
        }

        var bytes = await File.ReadAllBytesAsync(folder.Log, TestContext.Current.CancellationToken);
        bytes[2] = (byte)'#';
        await File.WriteAllBytesAsync(folder.Log, bytes, TestContext.Current.CancellationToken);

        var fault = await Assert.ThrowsAsync<ContractException>(() => RunningRegistry.StartAsync(folder));

        Assert.Contains("schemas.log:1", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_folder_that_cannot_be_made_stops_the_start()
    {
        using var folder = new TemporaryFolder();
        await File.WriteAllTextAsync(Path.Combine(folder.Path, "registry"), "a file in the way", TestContext.Current.CancellationToken);

        var fault = await Assert.ThrowsAsync<ContractException>(() => RunningRegistry.StartAsync(folder));

        Assert.Contains("cannot open", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_log_of_the_version_that_knew_avro_only_is_read()
    {
        using var folder = new TemporaryFolder();
        Directory.CreateDirectory(Path.GetDirectoryName(folder.Log)!);
        await File.WriteAllTextAsync(folder.Log, """
            {"kind":"schema","subject":"s","version":1,"id":1,"schema":"{\"name\":\"R\",\"type\":\"record\",\"fields\":[{\"name\":\"a\",\"type\":\"int\"}]}"}
            {"kind":"config","subject":"s","level":"NONE"}
            {"kind":"schema","subject":"gone","version":1,"id":2,"schema":"\"int\""}
            {"kind":"delete","subject":"gone","versions":[1],"permanent":false}

            """.ReplaceLineEndings("\n"), TestContext.Current.CancellationToken);

        await using var registry = await RunningRegistry.StartAsync(folder);

        Assert.Equal(1, await registry.RegisterOkAsync("s", Schemas.One));
        Assert.Equal("[1]", (await registry.SendAsync("GET", "/subjects/s/versions")).Body!.ToJsonString());
        Assert.Equal("NONE", (await registry.SendAsync("GET", "/config/s")).Body!["compatibilityLevel"]!.GetValue<string>());
        Assert.Equal("""["s"]""", (await registry.SendAsync("GET", "/subjects")).Body!.ToJsonString());
        Assert.Equal(3, await registry.RegisterOkAsync("s", "\"long\""));
    }

    [Fact]
    public async Task Everything_that_can_be_set_is_as_before_after_a_restart()
    {
        using var folder = new TemporaryFolder();
        string[] paths = ["/schemas?subjectPrefix=:*:&deleted=true", "/subjects/s/versions/1", "/config/s", "/mode/:.c:", "/mode/s", "/contexts", "/subjects/p/versions/1/referencedby", "/subjects/s/versions?deletedOnly=true"];
        var before = new List<string>();
        await using (var registry = await RunningRegistry.StartAsync(folder))
        {
            var body = new JsonObject { ["schema"] = Schemas.One, ["metadata"] = JsonNode.Parse("""{"properties":{"owner":"é ✈"}}"""), ["ruleSet"] = JsonNode.Parse("""{"domainRules":[{"name":"r","mode":"WRITE","type":"CEL"}]}""") };
            await registry.SendAsync("POST", "/subjects/s/versions", body);
            await registry.RegisterOkAsync("s", Schemas.OneWithDefault);
            await registry.SendAsync("DELETE", "/subjects/s/versions/2");
            await registry.RegisterOkAsync(":.c:s", Schemas.OneWithoutDefault);
            await registry.SendAsync("POST", "/subjects/p/versions", new JsonObject { ["schemaType"] = "PROTOBUF", ["schema"] = "syntax = \"proto3\"; message M {}" });
            await registry.SendAsync("POST", "/subjects/q/versions", new JsonObject { ["schemaType"] = "PROTOBUF", ["schema"] = "import \"p.proto\"; message N { optional M m = 1; }", ["references"] = JsonNode.Parse("""[{"name":"p.proto","subject":"p","version":1}]""") });
            await registry.SendAsync("POST", "/subjects/j/versions", new JsonObject { ["schemaType"] = "JSON", ["schema"] = "true" });
            await registry.SendAsync("PUT", "/config/s", JsonNode.Parse("""{"compatibility":"full_transitive","normalize":true,"compatibilityGroup":"g"}"""));
            await registry.SendAsync("PUT", "/mode/:.c:", new JsonObject { ["mode"] = "READONLY" });
            await registry.SendAsync("PUT", "/mode/s", new JsonObject { ["mode"] = "IMPORT" });
            foreach (var path in paths)
                before.Add((await registry.SendAsync("GET", path)).Body!.ToJsonString());
        }

        await using var again = await RunningRegistry.StartAsync(folder);
        var after = new List<string>();
        foreach (var path in paths)
            after.Add((await again.SendAsync("GET", path)).Body!.ToJsonString());

        Assert.Equal(before, after);
        Assert.Contains("FULL_TRANSITIVE", after[2], StringComparison.Ordinal);
        Assert.Equal("[4]", after[6]);
    }
}
