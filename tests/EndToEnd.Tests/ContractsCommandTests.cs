using System.Diagnostics;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using RealTimeMesh.Contracts;
using RealTimeMesh.SchemaRegistry;
using RealTimeMesh.Testing;

namespace RealTimeMesh.EndToEnd.Tests;

public sealed class ContractsCommandTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("contracts-command-").FullName;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private static string Departure => Repository.PathOf("pipelines", "flights", "contracts", "departure.avsc");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task List_shows_owner_personal_data_and_rules_from_the_schema_and_the_file_beside_it()
    {
        Write("a/r.avsc", """{"type":"record","name":"R","doc":"what it is","fields":[{"name":"mail","type":"string","pii":true}]}""");
        Write("a/r.metadata.json", """{"metadata":{"properties":{"owner":"desk@example.com"}},"ruleSet":{"domainRules":[{"name":"hide","kind":"TRANSFORM","type":"ENCRYPT","tags":["PII"]}]}}""");

        var (code, output, errors) = await ContractsAsync("list", _folder, "--format", "ndjson");

        Assert.True(code == 0, errors);
        var facts = JsonNode.Parse(output)!;
        Assert.Equal(("desk@example.com", "what it is", "mail", "hide"), ((string)facts["owner"]!, (string)facts["description"]!, (string)facts["pii"]![0]!, (string)facts["rules"]![0]!["name"]!));
    }

    [Fact]
    public async Task Check_tells_rules_that_cannot_be_applied()
    {
        Write("r.avsc", """{"type":"record","name":"R","fields":[{"name":"mail","type":"string"}]}""");
        Write("r.metadata.json", """{"ruleSet":{"domainRules":[{"name":"good","type":"CEL","mode":"WRITE","expr":"size(message.mail) > 0"},{"name":"hide","kind":"TRANSFORM","mode":"WRITEREAD","type":"ENCRYPT","tags":["PII"]}]}}""");
        var (code, output, _) = await ContractsAsync("check", _folder, "--format", "ndjson");
        Assert.Equal(1, code);
        var reason = Assert.Single(Lines(output).Single().GetProperty("reasons").EnumerateArray());
        Assert.Contains("rule 'hide': found type ENCRYPT", reason.GetProperty("description").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Check_against_a_folder_tells_each_contracts_verdict_and_fails_where_one_is_bad()
    {
        Write("old/same.avsc", "\"int\"");
        Write("old/wider.avsc", "\"int\"");
        Write("old/narrower.avsc", "\"long\"");
        Write("old/gone.avsc", "\"int\"");
        Write("old/m.proto", "syntax = \"proto3\"; message M { string a = 1; }");
        Write("new/same.avsc", " {\"type\": \"int\"} ");
        Write("new/wider.avsc", "\"long\"");
        Write("new/narrower.avsc", "\"int\"");
        Write("new/broken.avsc", "\"integer\"");
        Write("new/m.proto", "syntax = \"proto3\"; message M { int32 a = 1; }");

        var (code, output, _) = await ContractsAsync("check", Path.Combine(_folder, "new"), "--against", Path.Combine(_folder, "old"), "--format", "ndjson");

        Assert.Equal(1, code);
        Assert.Equal(
            ["broken.avsc invalid", "gone.avsc removed", "m.proto incompatible", "narrower.avsc incompatible", "same.avsc unchanged", "wider.avsc compatible"],
            Lines(output).Select(line => $"{line.GetProperty("contract")} {line.GetProperty("verdict")}").Order(StringComparer.Ordinal));
        Assert.Equal("TYPE_MISMATCH", Lines(output).Single(line => line.GetProperty("contract").GetString() == "narrower.avsc").GetProperty("reasons")[0].GetProperty("type").GetString());
        Assert.Equal(1, (await ContractsAsync("check", Path.Combine(_folder, "new", "wider.avsc"), "--against", Path.Combine(_folder, "old", "wider.avsc"), "--level", "full")).Code);
        Assert.Equal(0, (await ContractsAsync("check", Path.Combine(_folder, "new", "wider.avsc"), "--against", Path.Combine(_folder, "old", "wider.avsc"))).Code);
    }

    [Theory]
    [InlineData("")]
    [InlineData("{\"type\":\"record\",")]
    [InlineData("{\"type\":\"record\",\"type\":\"record\",\"name\":\"R\",\"fields\":[]}")]
    [InlineData("null")]
    public async Task Check_tells_a_file_that_is_no_schema_beside_the_verdicts_on_the_others(string text)
    {
        Write("broken.avsc", text);
        Write("good.avsc", "\"int\"");

        var (code, output, errors) = await ContractsAsync("check", _folder, "--format", "ndjson");

        Assert.True(code == 1, errors);
        Assert.Equal(["broken.avsc invalid", "good.avsc compatible"], Lines(output).Select(line => $"{line.GetProperty("contract")} {line.GetProperty("verdict")}").Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Check_against_a_revision_of_git_compares_with_what_was_committed()
    {
        Write("repo/contracts/r.avsc", """{"type":"record","name":"R","fields":[{"name":"a","type":"int"}]}""");
        Git("init", "-q");
        Git("add", ".");
        Git("-c", "user.name=t", "-c", "user.email=t@example.com", "commit", "-qm", "first");
        Write("repo/contracts/r.avsc", """{"type":"record","name":"R","fields":[{"name":"a","type":"int"},{"name":"b","type":"int"}]}""");
        var path = Path.Combine(_folder, "repo", "contracts");

        var (code, output, _) = await ContractsAsync("check", path, "--against", "git:HEAD");
        var (unknown, _, errors) = await ContractsAsync("check", path, "--against", "git:--output=x");

        Assert.Equal(1, code);
        Assert.Contains("FAIL  r.avsc: incompatible", output, StringComparison.Ordinal);
        Assert.Contains("READER_FIELD_MISSING_DEFAULT_VALUE at /fields/1", output, StringComparison.Ordinal);
        Assert.Equal(2, unknown);
        Assert.Contains("no revision", errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Check_against_a_registry_uses_its_levels()
    {
        await using var app = SchemaRegistryApp.Build([$"--MESH_DATA={Path.Combine(_folder, "registry")}", "--urls=http://127.0.0.1:0"]);
        await app.StartAsync(Cancel);
        var url = app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single();
        using var http = new HttpClient();
        var registry = new SchemaRegistryClient(http, new SchemaRegistryOptions { Url = new Uri(url) }, TimeProvider.System);
        await registry.RegisterAsync("flights.departures-value", """{"type":"record","name":"Departure","namespace":"flights","fields":[{"name":"scheduled","type":"string"}]}""", Cancel);

        var (code, output, errors) = await ContractsAsync("check", Repository.PathOf("pipelines"), "--against", url, "--format", "ndjson");

        Assert.True(code == 1, errors);
        var verdicts = Lines(output).ToDictionary(line => line.GetProperty("contract").GetString()!, line => line.GetProperty("verdict").GetString());
        Assert.Equal(("incompatible", "new"), (verdicts["flights.departures"], verdicts["market.trades"]));
        var (out2, _, unreachable) = await ContractsAsync("check", Repository.PathOf("pipelines"), "--against", "http://127.0.0.1:1", "--timeout", "1");
        Assert.Equal(2, out2);
        Assert.Contains("list the subjects", unreachable, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Contracts_that_refer_to_each_other_are_checked_and_registered_in_order()
    {
        Write("new/a/order.proto", "syntax = \"proto3\"; package shop; import \"a/z_money.proto\"; message Order { Money price = 1; }");
        Write("new/a/z_money.proto", "syntax = \"proto3\"; package shop; message Money { int64 cents = 1; }");
        Write("new/trip.avsc", """{"type":"record","name":"Trip","fields":[{"name":"to","type":"Zone"}]}""");
        Write("new/zone.avsc", """{"type":"enum","name":"Zone","symbols":["A","B"]}""");
        Write("new/circle.proto", "import \"round.proto\"; message C { }");
        Write("new/round.proto", "import \"circle.proto\"; message R { }");
        var path = Path.Combine(_folder, "new");
        var (bad, output, _) = await ContractsAsync("check", path, "--format", "ndjson");
        Assert.Equal(1, bad);
        Assert.Equal(["circle.proto", "round.proto"], Lines(output).Where(line => line.GetProperty("verdict").GetString() == "invalid").Select(line => line.GetProperty("contract").GetString()));
        Assert.Contains("circle.proto -> round.proto -> circle.proto", output, StringComparison.Ordinal);
        File.Delete(Path.Combine(path, "circle.proto"));
        File.Delete(Path.Combine(path, "round.proto"));

        await using var app = SchemaRegistryApp.Build([$"--MESH_DATA={Path.Combine(_folder, "registry")}", "--urls=http://127.0.0.1:0"]);
        await app.StartAsync(Cancel);
        var url = app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single();
        var (code, registered, errors) = await ContractsAsync("register", path, "--to", url);
        Assert.True(code == 0, errors);
        Assert.Equal(["z_money version 1", "order version 1 (refers to z_money version 1)", "zone version 1", "trip version 1 (refers to zone version 1)"], registered.Split('\n', StringSplitOptions.RemoveEmptyEntries));
        Assert.Equal(0, (await ContractsAsync("check", path, "--against", url)).Code);
        Assert.Equal(0, (await ContractsAsync("check", Path.Combine(path, "trip.avsc"), "--against", url)).Code);

        Write("new/zone.avsc", """{"type":"enum","name":"Zone","symbols":["A"]}""");
        Write("new/a/z_money.proto", "syntax = \"proto3\"; package shop; message Money { string cents = 1; }");
        var (changed, verdicts, _) = await ContractsAsync("check", path, "--against", url, "--format", "ndjson");
        Assert.Equal(1, changed);
        Assert.All(Lines(verdicts), line => Assert.Equal("incompatible", line.GetProperty("verdict").GetString()));
        Assert.Equal(2, (await ContractsAsync("register", path, "--to", url)).Code);
    }

    [Fact]
    public async Task Impact_names_all_parts_that_a_change_breaks_with_the_way_to_them()
    {
        Write("renamed.avsc", File.ReadAllText(Departure).Replace("\"name\": \"delay\"", "\"name\": \"late\"", StringComparison.Ordinal));

        var (code, output, errors) = await ContractsAsync("impact", "flights.departures", "--change", Path.Combine(_folder, "renamed.avsc"), "--pipelines", Repository.PathOf("pipelines"), "--format", "ndjson");

        Assert.True(code == 1, errors);
        var parts = Lines(output).ToDictionary(line => $"{line.GetProperty("kind")} {line.GetProperty("name")}", line => line);
        Assert.Equal("breaks", Effect("history flights.departures"));
        Assert.Equal("changes", Effect("stream flights.departures"));
        Assert.Equal("breaks", Effect("view flights.delays_by_airport"));
        Assert.Equal("changes", Effect("table flights.bronze.departures"));
        Assert.Equal("breaks", Effect("table flights.silver.departures"));
        Assert.Contains("delay", parts["table flights.silver.departures"].GetProperty("reason").GetString(), StringComparison.Ordinal);
        Assert.Equal("breaks", Effect("load GOLD.AIRPORT_DAILY"));
        Assert.Equal(
            ["flights.departures", "flights.bronze.departures", "flights.silver.departures", "flights.gold.airport_daily"],
            parts["load GOLD.AIRPORT_DAILY"].GetProperty("via").EnumerateArray().Select(item => item.GetString()));
        Assert.DoesNotContain(parts.Keys, part => part.Contains("market", StringComparison.Ordinal));

        string? Effect(string part) => parts[part].GetProperty("effect").GetString();
    }

    [Fact]
    public async Task Impact_of_a_new_field_with_a_default_breaks_nothing()
    {
        var schema = JsonNode.Parse(File.ReadAllText(Departure))!;
        schema["fields"]!.AsArray().Add(new JsonObject { ["name"] = "gate", ["type"] = new JsonArray("null", "string"), ["default"] = null });
        Write("more.avsc", schema.ToJsonString());

        var (code, output, errors) = await ContractsAsync("impact", Departure, "--change", Path.Combine(_folder, "more.avsc"), "--pipelines", Repository.PathOf("pipelines"));

        Assert.True(code == 0, errors + output);
        Assert.Contains("changes  table flights.bronze.departures: 'gate' is new", output, StringComparison.Ordinal);
        Assert.EndsWith("Nothing breaks.", output.TrimEnd(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Impact_without_a_change_names_the_fields_that_each_part_needs()
    {
        var (code, output, errors) = await ContractsAsync("impact", "market.trades", "--pipelines", Repository.PathOf("pipelines"), "--format", "ndjson");

        Assert.True(code == 0, errors);
        var view = Lines(output).Single(line => line.GetProperty("name").GetString() == "market.volume_by_symbol");
        Assert.Equal(["symbol", "price", "quantity"], view.GetProperty("needs").EnumerateArray().Select(item => item.GetString()));
        var (unknown, _, missing) = await ContractsAsync("impact", "market.trade", "--pipelines", Repository.PathOf("pipelines"));
        Assert.Equal(2, unknown);
        Assert.Contains("expected one of", missing, StringComparison.Ordinal);
    }

    private static Task<(int Code, string Output, string Errors)> ContractsAsync(params string[] arguments) => LakeProcess.HostAsync(new Dictionary<string, string>(), ["contracts", .. arguments]);

    private static List<JsonElement> Lines(string output) =>
        [.. output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonDocument.Parse(line).RootElement)];

    private void Write(string path, string text)
    {
        var full = Path.Combine(_folder, path);
        Directory.CreateDirectory(Path.GetDirectoryName(full)!);
        File.WriteAllText(full, text);
    }

    private void Git(params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo("git", ["-C", Path.Combine(_folder, "repo"), .. arguments]))!;
        process.WaitForExit();
        Assert.Equal(0, process.ExitCode);
    }
}
