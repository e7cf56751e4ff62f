using System.Net;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using RealTimeMesh.Components;
using RealTimeMesh.Contracts;

namespace RealTimeMesh.Topics.Tests;

public sealed class BrowseTests
{
    [Fact]
    public async Task Messages_are_found_by_text_and_by_fields_and_the_last_line_says_how_far_it_came()
    {
        await using var mesh = await TopicsMesh.StartAsync(partitions: 3);
        await mesh.PublishAsync("t", Enumerable.Range(0, 100).Select(n => ($"k{n}", $$$"""{"n":{{{n}}},"who":{"name":"Ann {{{n % 7}}}"}}""")), MessageHeaders.From([new("ce_type", "trade")]));
        var lines = await mesh.BrowseAsync("/v1/topics/t/messages?where=n%3E%3D90&where=who.name%20contains%20ann&where=header.ce_type=trade");
        var found = lines.Where(line => line.GetProperty("type").GetString() == "message").ToArray();
        Assert.Equal(Enumerable.Range(90, 10), found.Select(line => line.GetProperty("value").GetProperty("n").GetInt32()).Order());
        Assert.All(found, line => Assert.Equal("json", line.GetProperty("format").GetString()));
        var end = lines[^1];
        Assert.Equal(("end", 100, 10), (end.GetProperty("reason").GetString()!, end.GetProperty("scanned").GetInt32(), end.GetProperty("matched").GetInt32()));
        Assert.Empty(end.GetProperty("skipped").EnumerateArray());
        // Who reads lines can tell them apart by how they begin.
        Assert.All(lines, line => Assert.Equal("type", line.EnumerateObject().First().Name));
        Assert.Equal("k42", Assert.Single(await MessagesAsync(mesh, "contains=K42")).GetProperty("key").GetString());
        Assert.Equal(2, (await MessagesAsync(mesh, "partition=1&from=3&to=5")).Length);
        Assert.Equal(6, (await MessagesAsync(mesh, "last=2")).Length);
        await mesh.GetAsync("/v1/topics/t/messages?wher=x", 400);
        await mesh.GetAsync("/v1/topics/t/messages?where=nonsense", 400);
        await mesh.GetAsync("/v1/topics/t/messages?partition=9", 404);
        await mesh.GetAsync("/v1/topics/unknown/messages", 404);
    }

    [Fact]
    public async Task Bounds_end_a_search_and_it_can_go_on_from_the_offsets_it_tells()
    {
        await using var mesh = await TopicsMesh.StartAsync(partitions: 2);
        await mesh.PublishAsync("t", Enumerable.Range(0, 50).Select(n => ($"k{n}", $"v{n}")));
        var seen = new List<string>();
        var next = new Dictionary<int, long> { [0] = 0, [1] = 0 };
        for (var round = 0; round < 20 && next.Count > 0; round++)
        {
            foreach (var (partition, from) in next.ToArray())
            {
                var lines = await mesh.BrowseAsync($"/v1/topics/t/messages?partition={partition}&from={from}&limit=7");
                seen.AddRange(lines.SkipLast(1).Select(line => line.GetProperty("value").GetString()!));
                var end = lines[^1];
                next[partition] = end.GetProperty("partitions")[0].GetProperty("next").GetInt64();
                if (end.GetProperty("reason").GetString() == "end")
                    next.Remove(partition);
                else
                    Assert.Contains("limit of 7", end.GetProperty("skipped")[0].GetString(), StringComparison.Ordinal);
            }
        }

        Assert.Equal(Enumerable.Range(0, 50).Select(n => $"v{n}").Order(StringComparer.Ordinal), seen.Order(StringComparer.Ordinal));
        var scanned = (await mesh.BrowseAsync("/v1/topics/t/messages?contains=nothing&scan=10"))[^1];
        Assert.Equal(("scanned", 10), (scanned.GetProperty("reason").GetString()!, scanned.GetProperty("scanned").GetInt32()));
    }

    [Fact]
    public async Task Avro_is_decoded_by_the_registry_with_personal_fields_masked_and_a_missing_schema_is_told()
    {
        const string Schema = """{"type":"record","name":"R","fields":[{"name":"n","type":"int"},{"name":"email","type":"string","pii":true}]}""";
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        await using var registry = builder.Build();
        registry.Urls.Add("http://127.0.0.1:0");
        registry.MapGet("/schemas/ids/7", () => Results.Json(new { schema = Schema }));
        registry.MapGet("/schemas/ids/{id}", (int id) => Results.Json(new { error_code = 40403, message = $"Schema {id} not found" }, statusCode: 404));
        await registry.StartAsync();
        await using var mesh = await TopicsMesh.StartAsync(partitions: 1, registry: new Uri(registry.Urls.First()));
        var body = new System.Buffers.ArrayBufferWriter<byte>();
        AvroJson.Encode(AvroSchema.Parse(Schema), Encoding.UTF8.GetBytes("""{"n":5,"email":"ann@example.org"}"""), tagged: false, body);
        foreach (var id in (int[])[7, 8])
        {
            var value = new byte[5 + body.WrittenCount];
            ConfluentFrame.WriteHeader(value, id);
            body.WrittenSpan.CopyTo(value.AsSpan(5));
            await mesh.Broker.PublishAsync("t", [new OutgoingMessage("k", value, default)], default);
        }

        var lines = await mesh.BrowseAsync("/v1/topics/t/messages");
        Assert.Equal("""{"n":5,"email":"***"}""", lines[0].GetProperty("value").GetRawText());
        Assert.Equal(("avro", 7), (lines[0].GetProperty("format").GetString()!, lines[0].GetProperty("schema").GetInt32()));
        Assert.Equal("bytes", lines[1].GetProperty("format").GetString());
        Assert.Contains("no schema of id 8", lines[1].GetProperty("fault").GetString(), StringComparison.Ordinal);
        Assert.Equal(1, lines[2].GetProperty("undecoded").GetInt32());
        Assert.Empty((await MessagesAsync(mesh, "contains=example.org")));
    }

    [Fact]
    public async Task Protobuf_and_json_schema_are_decoded_with_what_they_and_the_registry_tag_as_personal_masked()
    {
        const string Proto = """
            syntax = "proto3"; package shop; import "confluent/meta.proto";
            message Other { }
            message Order {
              int64 id = 1; string mail = 2 [(confluent.field_meta) = { tags: "PII" }]; repeated sint32 n = 3; map<string, Line> lines = 4; Side side = 5; string phone = 6;
              message Line { double price = 1; bytes raw = 2; }
              enum Side { BUY = 0; SELL = 1; }
            }
            """;
        const string Json = """{"type":"object","properties":{"id":{"type":"integer"},"mail":{"type":"string","confluent:tags":["PII"]},"who":{"type":"object","properties":{"name":{"type":"string","pii":true}}}}}""";
        const string Avro = """{"type":"record","name":"R","fields":[{"name":"a","type":"string"},{"name":"b","type":"string","confluent:tags":["PII"]},{"name":"c","type":"string"}]}""";
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        await using var registry = builder.Build();
        registry.Urls.Add("http://127.0.0.1:0");
        registry.MapGet("/schemas/ids/1", () => Results.Json(new { schema = Proto, schemaType = "PROTOBUF", metadata = new { tags = new Dictionary<string, string[]> { ["shop.Order.phone"] = ["PII"] } } }));
        registry.MapGet("/schemas/ids/2", () => Results.Json(new { schema = Json, schemaType = "JSON" }));
        registry.MapGet("/schemas/ids/3", () => Results.Json(new { schema = Avro, metadata = new { tags = new Dictionary<string, string[]> { ["**.c"] = ["PII"] } } }));
        await registry.StartAsync();
        await using var mesh = await TopicsMesh.StartAsync(partitions: 1, registry: new Uri(registry.Urls.First()));
        // Order (the second message): id 300, mail, n packed, one line, side 1, phone, a field that nobody knows.
        byte[] order = [2, 2, 0x08, 0xAC, 0x02, 0x12, 3, .. "a@b"u8, 0x1A, 3, 0x01, 0x04, 0x03, 0x22, 16, 0x0A, 1, (byte)'x', 0x12, 11, 0x09, 0, 0, 0, 0, 0, 0, 0xF8, 0x3F, 0x12, 0, 0x28, 1, 0x32, 1, (byte)'9', 0x48, 7];
        await PublishAsync(1, order);
        await PublishAsync(1, [2, 4, 0x08, 0xAC]);
        await PublishAsync(1, [0]);
        await PublishAsync(2, """{"id":1,"mail":"a@b","who":{"name":"Ann"}}"""u8.ToArray());
        await PublishAsync(3, [2, (byte)'a', 2, (byte)'b', 2, (byte)'c']);

        var lines = await mesh.BrowseAsync("/v1/topics/t/messages");

        Assert.Equal("""{"id":300,"mail":"***","n":[-1,2,-2],"lines":{"x":{"price":1.5,"raw":""}},"side":"SELL","phone":"***"}""", lines[0].GetProperty("value").GetRawText());
        Assert.Equal(["protobuf", "bytes", "protobuf", "json", "avro"], lines.Take(5).Select(line => line.GetProperty("format").GetString()));
        Assert.Contains("no message at place 2", lines[1].GetProperty("fault").GetString(), StringComparison.Ordinal);
        Assert.Equal("{}", lines[2].GetProperty("value").GetRawText());
        Assert.Equal("""{"id":1,"mail":"***","who":{"name":"***"}}""", lines[3].GetProperty("value").GetRawText());
        Assert.Equal("""{"a":"a","b":"***","c":"***"}""", lines[4].GetProperty("value").GetRawText());

        async Task PublishAsync(int id, byte[] payload)
        {
            var value = new byte[5 + payload.Length];
            ConfluentFrame.WriteHeader(value, id);
            payload.CopyTo(value.AsSpan(5));
            Assert.True((await mesh.Broker.PublishAsync("t", [new OutgoingMessage("k", value, default)], default)).Succeeded);
        }
    }

    [Fact]
    public async Task Lines_arrive_while_the_search_goes_on_and_it_ends_when_its_reader_leaves()
    {
        var endless = new EndlessTopic();
        await using var mesh = await TopicsMesh.StartAsync(partitions: 1, wrap: admin => endless.Over(admin));
        await mesh.PublishAsync("t", [("k", "v")]);
        using (var response = await mesh.Http.GetAsync(new Uri("/v1/topics/t/messages?limit=10000&seconds=600", UriKind.Relative), HttpCompletionOption.ResponseHeadersRead))
        {
            Assert.Equal(HttpStatusCode.OK, response.StatusCode);
            using var reader = new StreamReader(await response.Content.ReadAsStreamAsync());
            Assert.Equal("message", JsonDocument.Parse((await reader.ReadLineAsync())!).RootElement.GetProperty("type").GetString());
            Assert.False(endless.Ended.IsCompleted);
        }

        await endless.Ended.WaitAsync(TimeSpan.FromSeconds(60));
    }

    [Fact]
    public async Task A_reader_that_follows_gets_the_newest_and_what_comes_and_is_told_what_it_could_not_be_shown()
    {
        await using var mesh = await TopicsMesh.StartAsync(partitions: 2);
        await mesh.PublishAsync("t", Enumerable.Range(0, 20).Select(n => ($"k{n}", $$"""{"n":{{n}}}""")));
        await mesh.GetAsync("/v1/topics/t/messages?follow=perhaps", 400);
        await mesh.GetAsync("/v1/topics/unknown/messages?follow=true", 404);
        await mesh.GetAsync("/v1/topics/t/messages?follow=true&where=nonsense", 400);
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        using var response = await mesh.Http.GetAsync(new Uri("/v1/topics/t/messages?follow=true&last=2&where=n%3C1000", UriKind.Relative), HttpCompletionOption.ResponseHeadersRead, patience.Token);
        using var reader = new StreamReader(await response.Content.ReadAsStreamAsync(patience.Token));
        Assert.Equal("following", (await LineAsync()).GetProperty("type").GetString());
        for (var i = 0; i < 4; i++)
            Assert.Equal("message", (await LineAsync()).GetProperty("type").GetString());
        await mesh.PublishAsync("t", [("late", """{"n":999}"""), ("other", """{"n":1000}""")]);
        await UntilAsync(line => line.TryGetProperty("value", out var value) && value.GetProperty("n").GetInt32() == 999);
        await mesh.PublishAsync("t", Enumerable.Range(0, 5_000).Select(n => ("k", """{"n":1001}""")));
        var (scanned, passed) = (0L, 0L);
        // Whatever was not looked at was counted.
        await UntilAsync(line => line.TryGetProperty("passed", out var count) && (scanned = line.GetProperty("scanned").GetInt64()) + (passed = count.GetInt64()) == 4 + 2 + 5_000);
        Assert.True(passed > 0 && scanned > 6, $"{passed} passed, {scanned} scanned");

        async Task<JsonElement> LineAsync() => JsonDocument.Parse((await reader.ReadLineAsync(patience.Token))!).RootElement;

        async Task UntilAsync(Func<JsonElement, bool> holds)
        {
            while (!holds(await LineAsync()))
            {
            }
        }
    }

    private static async Task<JsonElement[]> MessagesAsync(TopicsMesh mesh, string query) =>
        [.. (await mesh.BrowseAsync($"/v1/topics/t/messages?{query}")).Where(line => line.GetProperty("type").GetString() == "message")];
}
