using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;

namespace RealTimeMesh.Ingestion.Tests;

/// <summary>Arrays longer than a document may be.</summary>
public sealed class JsonArrayTests
{
    private static async Task<JsonElement> JsonOf(HttpResponseMessage response) => await response.Content.ReadFromJsonAsync<JsonElement>();

    [Fact]
    public async Task An_array_of_any_length_is_taken_event_by_event()
    {
        await using var app = await TestIngestion.StartAsync(args: ["--MESH_INGEST_MAX_BODY_BYTES=100000"]);
        var body = Encoding.UTF8.GetBytes($" \n[{string.Join(" ,\n", Enumerable.Range(0, 60_000).Select(i => i == 50_000 ? "{\"place\":\"x,]\\\"\"}" : Samples.Good(i)))}] ");
        var response = await app.PostAsync(body, "application/json");
        var answer = await JsonOf(response);
        Assert.Equal((HttpStatusCode.MultiStatus, 59_999, 1), (response.StatusCode, answer.GetProperty("accepted").GetInt32(), answer.GetProperty("rejected").GetInt32()));
        Assert.Equal(50_000, answer.GetProperty("results")[0].GetProperty("index").GetInt32());
        Assert.Equal(Enumerable.Range(0, 60_000).Where(i => i != 50_000), MemoryLog.Rows(app.Log.Read(Samples.Topic), Samples.Contract).Select(row => int.Parse(row.Split('|')[1])));
        Assert.Equal("{\"place\":\"x,]\\\"\"}", Encoding.UTF8.GetString(app.Log.Read("test.visits.dlq").Single().Original));
    }

    [Theory]
    [InlineData("[ 17 , true,\"a,]}\\\\\", {\"a\":[1,{\"b\":\"}\"}]} ,null,[[]] ]", "17|true|\"a,]}\\\\\"|{\"a\":[1,{\"b\":\"}\"}]}|null|[[]]", null)]
    [InlineData("[17,,18]", "17|,18]", "found ','; expected an event")]
    [InlineData("[17,]", "17|]", "found ']'; expected an event")]
    [InlineData("[17 18]", "17 18", null)]
    [InlineData("[{\"a\":1}{\"b\":2}]", "{\"a\":1}|{\"b\":2}]", "found '{'; expected ',' or ']'")]
    [InlineData("[17] x", "17|x", "found 'x' behind the array; expected nothing")]
    [InlineData("[17,{\"a\":", "17|{\"a\":", "the body's end after 5 bytes")]
    [InlineData("[17", "17", "the body's end after 2 bytes")]
    [InlineData("[17,", "17|", "the body's end")]
    public async Task Elements_end_where_they_end_whatever_they_are(string array, string kept, string? stopped)
    {
        await using var app = await TestIngestion.StartAsync(args: ["--MESH_INGEST_MAX_BODY_BYTES=1"]);
        var response = await app.PostAsync(array);
        Assert.Equal(stopped is null ? HttpStatusCode.UnprocessableEntity : HttpStatusCode.BadRequest, response.StatusCode);
        if (stopped is not null)
            Assert.Contains(stopped, (await JsonOf(response)).GetProperty("message").GetString());
        Assert.Equal(kept, string.Join('|', app.Log.Read("test.visits.dlq").Select(item => Encoding.UTF8.GetString(item.Original))));
    }

    [Fact]
    public async Task An_element_too_long_to_be_kept_is_known_by_its_head_and_the_next_ones_are_taken()
    {
        await using var app = await TestIngestion.StartAsync(args: ["--MESH_INGEST_MAX_BODY_BYTES=1000", "--MESH_INGEST_MAX_EVENT_BYTES=2000", "--MESH_INGEST_KEEP_BYTES=100000"]);
        var body = $"[{Samples.Good(1)},\"{new string('x', 3_000_000)}\",{Samples.Good(2)}]";
        var response = await app.PostAsync(body);
        Assert.Equal("""{"accepted":2,"rejected":1,""", (await response.Content.ReadAsStringAsync())[..27]);
        var dead = app.Log.Read("test.visits.dlq").Single();
        Assert.Equal(("size", 3_000_002L), (dead.Rule, dead.Json.GetProperty("original_length").GetInt64()));
    }

    [Fact]
    public async Task Arrays_cut_anywhere_or_with_bits_changed_are_accounted_for_to_the_last_event()
    {
        await using var app = await TestIngestion.StartAsync(args: ["--MESH_INGEST_MAX_BODY_BYTES=1"]);
        var whole = Encoding.UTF8.GetBytes($"[{Samples.Good(1)}, {Samples.Good(2)},{{\"place\":\"\\\"\\\\\"}}]");
        for (var length = 2; length < whole.Length; length++)
            await BodyAttacks.SendAsync(app, whole[..length], "application/json");
        await BodyAttacks.FlipAsync(app, whole, "application/json", seed: 13, cases: 1500);
    }

    [Fact]
    public async Task A_long_body_that_is_no_array_is_a_document_as_ever()
    {
        await using var app = await TestIngestion.StartAsync();
        var padded = Samples.Good(1).TrimEnd('}') + $",\"more\":\"{new string('x', 600_000)}\"}}";
        Assert.Equal(HttpStatusCode.Accepted, (await app.PostAsync(padded)).StatusCode);
        Assert.Equal(1, app.Log.Count(Samples.Topic));
    }
}
