using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Microsoft.Extensions.DependencyInjection;
using RealTimeMesh.Contracts;
using RealTimeMesh.Ingestion.Tests.Messages;
using RealTimeMesh.Pipelines;

namespace RealTimeMesh.Ingestion.Tests;

/// <summary>Messages are written by the code that Google's compiler generates.</summary>
public sealed class ProtobufDoorTests
{
    private const string Type = "application/x-protobuf";

    private static readonly string File = Path.Combine(AppContext.BaseDirectory, "Protos", "visit.proto");

    private readonly FakeRegistry _registry = new FakeRegistry().Add(31, "shared", System.IO.File.ReadAllText(File), "PROTOBUF").Add(32, "test.visits-value", AvroBodies.OldSchema);

    private static StreamDefinition Declared
    {
        get
        {
            var schema = ProtobufSchema.Load(File);
            return Samples.Stream() with { Protobuf = new DeclaredMessage(File, "test.Visit", schema.Compile("test.Visit", Samples.Contract.Rows)) };
        }
    }

    private Task<TestIngestion> StartAsync(StreamDefinition? stream = null) => TestIngestion.StartAsync(stream, configure: services =>
        services.AddSingleton(_ => _registry.Client()));

    private static byte[] Visit(int i) =>
        new Visit { Place = $"P{i % 7}", Seconds = i, Score = i / 2.0, At = new Timestamp { Seconds = 1767225600 + i }, Tags = { "a" } }.ToByteArray();

    private static string Row(int i) => $"P{i % 7}|{i}|{(i / 2.0).ToString(System.Globalization.CultureInfo.InvariantCulture)}|{1767225600000000 + i * 1000000L}";

    private static byte[] Framed(int i, int id, params byte[] place) => [0, 0, 0, 0, (byte)id, .. place, .. Visit(i)];

    private static async Task<JsonElement> JsonOf(HttpResponseMessage response) => await response.Content.ReadFromJsonAsync<JsonElement>();

    [Theory]
    [InlineData("application/x-protobuf")]
    [InlineData("application/protobuf; messageType=\"test.Visit\"")]
    [InlineData("application/vnd.google.protobuf; proto=Visit; delimited=false")]
    public async Task A_message_of_the_type_that_the_stream_declares_becomes_a_row(string type)
    {
        await using var app = await StartAsync(Declared);
        var response = await app.PostAsync(Visit(5), type);
        Assert.Equal((HttpStatusCode.Accepted, """{"accepted":1,"rejected":0}"""), (response.StatusCode, await response.Content.ReadAsStringAsync()));
        Assert.Equal([Row(5)], MemoryLog.Rows(app.Log.Read(Samples.Topic), Samples.Contract));
    }

    [Theory]
    [InlineData("application/x-protobuf; delimited=true")]
    [InlineData("application/vnd.google.protobuf")]
    [InlineData("application/vnd.google.protobuf; proto=test.Visit; encoding=delimited")]
    public async Task Messages_behind_their_lengths_are_taken_one_by_one(string type)
    {
        await using var app = await StartAsync(Declared);
        var body = new MemoryStream();
        for (var i = 0; i < 5000; i++)
            new Visit { Place = $"P{i % 7}", Seconds = i == 99 ? long.MaxValue : i, Score = i / 2.0, At = new Timestamp { Seconds = 1767225600 + i } }.WriteDelimitedTo(body);
        var response = await app.PostAsync(body.ToArray(), type);
        var answer = await JsonOf(response);
        Assert.Equal((HttpStatusCode.MultiStatus, 4999, 1), (response.StatusCode, answer.GetProperty("accepted").GetInt32(), answer.GetProperty("rejected").GetInt32()));
        Assert.Equal((99, "seconds"), (answer.GetProperty("results")[0].GetProperty("index").GetInt32(), answer.GetProperty("results")[0].GetProperty("reason").GetProperty("field").GetString()));
        Assert.Equal(Enumerable.Range(0, 5000).Where(i => i != 99).Select(Row), MemoryLog.Rows(app.Log.Read(Samples.Topic), Samples.Contract));
        var kept = app.Log.Read("test.visits.dlq").Single();
        Assert.Equal(HttpStatusCode.UnprocessableEntity, (await app.PostAsync(kept.Original, kept.Json.GetProperty("content_type").GetString()!)).StatusCode);
    }

    [Fact]
    public async Task A_framed_message_is_read_by_its_schema_id_and_place()
    {
        await using var app = await StartAsync();
        Assert.Equal(HttpStatusCode.Accepted, (await app.PostAsync(Framed(1, 31, 2, 2), Type)).StatusCode);
        Assert.Equal(HttpStatusCode.Accepted, (await app.PostAsync([.. Visit(2)], Type + ";schema=31;messageType=test.Visit")).StatusCode);
        Assert.Equal([Row(1), Row(2)], MemoryLog.Rows(app.Log.Read(Samples.Topic), Samples.Contract));
        await Refused(Framed(1, 31, 0), "message 'test.Other': field 'place'");
        await Refused(Framed(1, 31, 2, 8), "no message at place 4");
        await Refused(Framed(1, 99, 0), "schema id 99");
        await Refused(Framed(1, 32, 0), "type AVRO");
        await Refused([0, 0, 0, 0, 31], "starting with");
        await Refused(Visit(1), "no subject 'ingest.test.visits-value'");

        async Task Refused(byte[] body, string found)
        {
            var response = await app.PostAsync(body, Type);
            Assert.Equal(HttpStatusCode.UnprocessableEntity, response.StatusCode);
            Assert.Contains(found, (await JsonOf(response)).GetProperty("results")[0].GetProperty("reason").GetProperty("found").GetString());
            Assert.Equal(body, app.Log.Read("test.visits.dlq")[^1].Original);
        }
    }

    [Fact]
    public async Task A_bare_message_is_of_the_latest_schema_of_the_ingest_subject()
    {
        _registry.Add(40, "ingest.test.visits-value", System.IO.File.ReadAllText(File).Replace("message Other { string name = 1; message Inner { string place = 1; } }", "", StringComparison.Ordinal), "PROTOBUF");
        await using var app = await StartAsync();
        Assert.Equal(HttpStatusCode.Accepted, (await app.PostAsync(Visit(3), Type)).StatusCode);
        _registry.Down = true;
        Assert.Equal(HttpStatusCode.Accepted, (await app.PostAsync(Visit(4), Type)).StatusCode);
        var refused = await app.PostAsync(Framed(1, 31, 2, 2), Type);
        Assert.Equal((HttpStatusCode.ServiceUnavailable, "not_ready"), (refused.StatusCode, (await JsonOf(refused)).GetProperty("error").GetString()));
        Assert.Equal([Row(3), Row(4)], MemoryLog.Rows(app.Log.Read(Samples.Topic), Samples.Contract));
    }

    [Theory]
    [InlineData("application/x-protobuf; schema=many")]
    public async Task A_content_type_that_says_nothing_sensible_is_refused(string type)
    {
        await using var app = await StartAsync(Declared);
        var response = await app.PostAsync(Visit(1), type);
        Assert.Equal(HttpStatusCode.UnsupportedMediaType, response.StatusCode);
        Assert.Contains("'many'", await response.Content.ReadAsStringAsync());
    }

    [Theory]
    [InlineData("application/x-protobuf")]
    [InlineData("application/x-protobuf;delimited=true")]
    public async Task Bodies_cut_anywhere_or_with_bits_changed_are_accounted_for_to_the_last_event(string type)
    {
        await using var app = await StartAsync(Declared);
        var whole = type.Length > Type.Length ? AvroBodies.Delimited(Enumerable.Range(0, 6).Select(i => Visit(i + 1))) : Visit(3);
        for (var length = 0; length < whole.Length; length++)
            await BodyAttacks.SendAsync(app, whole[..length], type);
        await BodyAttacks.FlipAsync(app, whole, type, seed: 12, cases: 1500);
    }
}
