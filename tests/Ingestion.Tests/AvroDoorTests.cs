using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using RealTimeMesh.Contracts;

namespace RealTimeMesh.Ingestion.Tests;

public sealed class AvroDoorTests
{
    private const string Avro = "application/avro";

    private readonly FakeRegistry _registry = new FakeRegistry().Add(AvroBodies.OldId, "test.visits-value", AvroBodies.OldSchema);

    private Task<TestIngestion> StartAsync(params string[] args) => TestIngestion.StartAsync(args: args, configure: services =>
        services.AddSingleton(_ => _registry.Client()));

    private static async Task<JsonElement> JsonOf(HttpResponseMessage response) => await response.Content.ReadFromJsonAsync<JsonElement>();

    private static string Row(int i) => $"P{i % 7}|{i}|null|{1767225600000000 + i % 60 * 1000000L}";

    [Theory]
    [InlineData("application/avro")]
    [InlineData("avro/binary")]
    [InlineData("application/vnd.apache.avro")]
    public async Task A_framed_record_of_an_older_writer_becomes_a_row_of_the_contract(string type)
    {
        await using var app = await StartAsync();
        var response = await app.PostAsync(AvroBodies.Framed(5), type);
        Assert.Equal((HttpStatusCode.Accepted, """{"accepted":1,"rejected":0}"""), (response.StatusCode, await response.Content.ReadAsStringAsync()));
        Assert.Equal([Row(5)], MemoryLog.Rows(app.Log.Read(Samples.Topic), Samples.Contract));
    }

    [Fact]
    public async Task A_record_in_single_object_encoding_is_read_by_the_version_of_its_fingerprint()
    {
        await using var app = await StartAsync();
        Assert.Equal(HttpStatusCode.Accepted, (await app.PostAsync(AvroBodies.SingleObject(5), Avro)).StatusCode);
        var foreign = AvroBodies.SingleObject(5);
        foreign[4] ^= 1;
        var response = await app.PostAsync(foreign, Avro);
        Assert.Equal(HttpStatusCode.UnprocessableEntity, response.StatusCode);
        var asked = _registry.Asked;
        await app.PostAsync(foreign, Avro);
        Assert.Equal(asked, _registry.Asked);
        Assert.Equal("schema", app.Log.Read("test.visits.dlq")[0].Rule);
        Assert.Equal([Row(5)], MemoryLog.Rows(app.Log.Read(Samples.Topic), Samples.Contract));
    }

    [Fact]
    public async Task A_schema_id_that_nobody_knows_rejects_the_event_and_keeps_its_bytes_and_type()
    {
        await using var app = await StartAsync();
        var body = AvroBodies.Framed(5, 99);
        var response = await app.PostAsync(body, Avro);
        Assert.Equal(HttpStatusCode.UnprocessableEntity, response.StatusCode);
        Assert.Contains("schema id 99", (await JsonOf(response)).GetProperty("results")[0].GetProperty("reason").GetProperty("found").GetString());
        var dead = Assert.Single(app.Log.Read("test.visits.dlq"));
        Assert.Equal(("schema", Avro), (dead.Rule, dead.Json.GetProperty("content_type").GetString()));
        Assert.Equal(body, dead.Original);
    }

    [Fact]
    public async Task Without_a_registry_known_ids_flow_and_others_are_asked_for_again()
    {
        await using var app = await StartAsync();
        Assert.Equal(HttpStatusCode.Accepted, (await app.PostAsync(AvroBodies.Framed(1), Avro)).StatusCode);
        _registry.Down = true;
        Assert.Equal(HttpStatusCode.Accepted, (await app.PostAsync(AvroBodies.Framed(2), Avro)).StatusCode);
        var refused = await app.PostAsync(AvroBodies.Framed(3, 22), Avro);
        Assert.Equal((HttpStatusCode.ServiceUnavailable, "not_ready"), (refused.StatusCode, (await JsonOf(refused)).GetProperty("error").GetString()));
        Assert.NotNull(refused.Headers.RetryAfter);
        var halfway = await app.PostAsync(AvroBodies.Delimited(AvroBodies.Framed(4), AvroBodies.Framed(5, 22), AvroBodies.Framed(6)), Avro + ";delimited=true");
        var answer = await JsonOf(halfway);
        Assert.Equal((HttpStatusCode.ServiceUnavailable, 1, 1), (halfway.StatusCode, answer.GetProperty("accepted").GetInt32(), answer.GetProperty("not_stored_at")[0].GetInt32()));
        Assert.Equal([Row(1), Row(2), Row(4)], MemoryLog.Rows(app.Log.Read(Samples.Topic), Samples.Contract));
        Assert.Empty(app.Log.Read("test.visits.dlq"));
    }

    [Fact]
    public async Task A_stream_of_records_answers_which_of_them_are_bad()
    {
        await using var app = await StartAsync("--MESH_INGEST_MAX_EVENT_BYTES=1000", "--MESH_INGEST_KEEP_BYTES=2000");
        byte[] cut = AvroBodies.Framed(2)[..^1], huge = new byte[3000], large = new byte[1500];
        byte[][] records = [AvroBodies.Framed(1), cut, AvroBodies.SingleObject(3), huge, [], large, AvroBodies.Framed(4)];
        var response = await app.PostAsync(AvroBodies.Delimited(records), Avro + "; delimited=true");
        var answer = await JsonOf(response);
        Assert.Equal((HttpStatusCode.MultiStatus, 3, 4), (response.StatusCode, answer.GetProperty("accepted").GetInt32(), answer.GetProperty("rejected").GetInt32()));
        Assert.Equal(["1 avro place", "3 size ", "4 avro ", "5 size "], answer.GetProperty("results").EnumerateArray().Select(row =>
            $"{row.GetProperty("index")} {row.GetProperty("reason").GetProperty("rule")} {row.GetProperty("reason").GetProperty("field")}"));
        Assert.Equal([Row(1), Row(3), Row(4)], MemoryLog.Rows(app.Log.Read(Samples.Topic), Samples.Contract));
        Assert.Equal(cut, app.Log.Read("test.visits.dlq")[0].Original);
    }

    [Theory]
    [InlineData("null")]
    [InlineData("deflate")]
    [InlineData("snappy")]
    [InlineData("zstandard")]
    public async Task A_file_of_any_codec_is_taken_record_by_record(string codec)
    {
        await using var app = await StartAsync();
        var response = await app.PostAsync(AvroBodies.File(4321, codec, 100), Avro);
        Assert.Equal((HttpStatusCode.Accepted, """{"accepted":4321,"rejected":0}"""), (response.StatusCode, await response.Content.ReadAsStringAsync()));
        Assert.Equal(Enumerable.Range(0, 4321).Select(Row), MemoryLog.Rows(app.Log.Read(Samples.Topic), Samples.Contract));
    }

    [Fact]
    public async Task A_file_with_a_broken_block_is_taken_up_to_it_and_the_answer_says_so()
    {
        await using var app = await StartAsync();
        var file = AvroBodies.File(25, "deflate");
        file[^30] ^= 0x55;
        var response = await app.PostAsync(file, Avro);
        var answer = await JsonOf(response);
        Assert.Equal((HttpStatusCode.BadRequest, "framing"), (response.StatusCode, answer.GetProperty("error").GetString()));
        Assert.Equal((20, 1, 20), (answer.GetProperty("accepted").GetInt32(), answer.GetProperty("rejected").GetInt32(), answer.GetProperty("results")[0].GetProperty("index").GetInt32()));
        Assert.Contains("block 2", answer.GetProperty("message").GetString());
        Assert.NotEmpty(app.Log.Read("test.visits.dlq").Single().Original);
    }

    [Fact]
    public async Task A_rejected_record_of_a_file_is_kept_as_a_file_that_can_be_sent_again()
    {
        var nullable = AvroBodies.OldSchema.Replace("""{"name":"place","type":"string"}""", """{"name":"place","type":["null","string"]}""", StringComparison.Ordinal);
        var stream = new MemoryStream();
        var writer = new Contracts.Containers.AvroFileWriter(stream, nullable);
        writer.Add([2, 0, 0, 2, 2, (byte)'x']);
        writer.Add([2, 0, 0, 0]);
        writer.EndBlock();
        await using var app = await StartAsync();
        Assert.Equal(HttpStatusCode.MultiStatus, (await app.PostAsync(stream.ToArray(), Avro)).StatusCode);
        var kept = Assert.Single(app.Log.Read("test.visits.dlq"));
        Assert.Equal(("avro", "place"), (kept.Rule, kept.Json.GetProperty("reason").GetProperty("field").GetString()));
        Assert.Equal(HttpStatusCode.UnprocessableEntity, (await app.PostAsync(kept.Original, kept.Json.GetProperty("content_type").GetString()!)).StatusCode);
        Assert.Equal(kept.Original, app.Log.Read("test.visits.dlq")[1].Original);
    }

    [Theory]
    [InlineData(1, true, "")]
    [InlineData(2, false, "2 records")]
    [InlineData(0, false, "0 records")]
    public async Task A_file_of_one_record_is_an_event_wherever_one_is_expected(int records, bool taken, string found)
    {
        await using var app = await StartAsync();
        var response = await app.PostAsync(AvroBodies.Delimited(AvroBodies.File(records, "null"), AvroBodies.File(1, "deflate")[..^1]), Avro + ";delimited=true");
        var results = (await JsonOf(response)).GetProperty("results").EnumerateArray().Select(row => row.GetProperty("reason").GetProperty("found").GetString()!).ToArray();
        Assert.Equal(taken ? 1 : 0, app.Log.Count(Samples.Topic));
        Assert.Contains("block 0", results[^1]);
        if (!taken)
            Assert.Contains(found, results[0]);
    }

    [Fact]
    public async Task A_file_whose_schema_does_not_fit_is_not_taken()
    {
        await using var app = await StartAsync();
        var stream = new MemoryStream();
        _ = new Contracts.Containers.AvroFileWriter(stream, """{"type":"record","name":"Other","fields":[{"name":"place","type":"long"}]}""");
        var response = await app.PostAsync(stream.ToArray(), Avro);
        Assert.Equal((HttpStatusCode.UnprocessableEntity, "schema"), (response.StatusCode, (await JsonOf(response)).GetProperty("error").GetString()));
        Assert.Equal(HttpStatusCode.BadRequest, (await app.PostAsync([], Avro)).StatusCode);
    }

    [Fact]
    public async Task A_block_cannot_claim_events_that_take_no_bytes()
    {
        var nothing = AvroContract.Parse("""{"type":"record","name":"Visit","namespace":"test","fields":[{"name":"place","type":"string","default":"x"},{"name":"at","type":{"type":"long","logicalType":"timestamp-micros"},"default":0}]}""");
        await using var app = await TestIngestion.StartAsync(Samples.Stream() with { Contract = nothing });
        var stream = new MemoryStream();
        _ = new Contracts.Containers.AvroFileWriter(stream, """{"type":"record","name":"Visit","namespace":"test","fields":[]}""", "null", new byte[16]);
        // 20 million records in a block of no bytes.
        stream.Write([0x80, 0xb4, 0x89, 0x13, 0, .. new byte[16]]);
        var response = await app.PostAsync(stream.ToArray(), Avro);
        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.Contains("20000000 records in 0 bytes", await response.Content.ReadAsStringAsync());
        Assert.Equal((0, 1), (app.Log.Count(Samples.Topic), app.Log.Count("test.visits.dlq")));
    }

    [Fact]
    public async Task Numbers_that_are_not_finite_stay_out_as_they_do_in_JSON()
    {
        await using var app = await StartAsync();
        var header = new byte[AvroFingerprint.HeaderLength];
        AvroFingerprint.WriteHeader(header, AvroFingerprint.Of(Samples.Contract.Record));
        var response = await app.PostAsync([.. header, 2, (byte)'x', 2, 2, .. BitConverter.GetBytes(double.NaN), 0], Avro);
        Assert.Equal(HttpStatusCode.UnprocessableEntity, response.StatusCode);
        Assert.Equal(("type", "score"), (app.Log.Read("test.visits.dlq")[0].Rule, app.Log.Read("test.visits.dlq")[0].Headers["reason_field"]));
    }

    [Theory]
    [InlineData("framed")]
    [InlineData("delimited")]
    [InlineData("null")]
    [InlineData("deflate")]
    [InlineData("snappy")]
    [InlineData("zstandard")]
    public async Task Bodies_cut_anywhere_or_with_bits_changed_are_accounted_for_to_the_last_event(string form)
    {
        await using var app = await StartAsync();
        var whole = form switch
        {
            "framed" => AvroBodies.Framed(3),
            "delimited" => AvroBodies.Delimited(Enumerable.Range(0, 6).Select(i => AvroBodies.Framed(i))),
            _ => AvroBodies.File(12, form, 4),
        };
        var type = form == "delimited" ? Avro + ";delimited=true" : Avro;
        for (var length = 0; length < whole.Length; length++)
            await BodyAttacks.SendAsync(app, whole[..length], type);
        await BodyAttacks.FlipAsync(app, whole, type, seed: 11, cases: 700);
    }
}
