using System.IO.Compression;
using System.Net;
using System.Text;
using ZstdSharp;

namespace RealTimeMesh.Ingestion.Tests;

public sealed class CompressionTests
{
    private static byte[] Pack(string encoding, byte[] body)
    {
        if (encoding == "zstd")
        {
            using var compressor = new Compressor();
            return compressor.Wrap(body).ToArray();
        }

        var output = new MemoryStream();
        using (Stream packer = encoding switch
        {
            "gzip" => new GZipStream(output, CompressionLevel.Fastest),
            "deflate" => new ZLibStream(output, CompressionLevel.Fastest),
            _ => new BrotliStream(output, CompressionLevel.Fastest),
        })
        {
            packer.Write(body);
        }

        return output.ToArray();
    }

    private static Task<HttpResponseMessage> PostAsync(TestIngestion app, byte[] body, string type, string encoding)
    {
        var content = new ByteArrayContent(body);
        content.Headers.TryAddWithoutValidation("Content-Type", type);
        content.Headers.TryAddWithoutValidation("Content-Encoding", encoding);
        return app.Client.PostAsync($"/v1/streams/{Samples.Topic}/events", content);
    }

    [Theory]
    [InlineData("gzip")]
    [InlineData("deflate")]
    [InlineData("br")]
    [InlineData("zstd")]
    public async Task Bodies_are_unpacked_and_what_is_broken_is_told(string encoding)
    {
        await using var app = await TestIngestion.StartAsync();
        var lines = Encoding.UTF8.GetBytes(string.Join('\n', Enumerable.Range(0, 20_000).Select(Samples.Good)));
        var packed = Pack(encoding, lines);
        Assert.Equal("""{"accepted":20000,"rejected":0}""", await (await PostAsync(app, packed, "application/x-ndjson", encoding)).Content.ReadAsStringAsync());
        var array = Encoding.UTF8.GetBytes($"[{Samples.Good(1)},{Samples.Good(2)}]");
        Assert.Equal(HttpStatusCode.Accepted, (await PostAsync(app, Pack(encoding, array), "application/json", encoding)).StatusCode);

        var cut = await PostAsync(app, packed[..(packed.Length / 2)], "application/x-ndjson", encoding);
        Assert.Equal(HttpStatusCode.BadRequest, cut.StatusCode);
        Assert.Contains($"not readable as {encoding}", await cut.Content.ReadAsStringAsync());
        var foreign = await PostAsync(app, array, "application/json", encoding);
        Assert.Equal(HttpStatusCode.BadRequest, foreign.StatusCode);
        Assert.Contains($"not readable as {encoding}", await foreign.Content.ReadAsStringAsync());

        var random = new Random(3);
        for (var i = 0; i < 100; i++)
        {
            var changed = Pack(encoding, array);
            changed[random.Next(changed.Length)] ^= (byte)(1 << random.Next(8));
            Assert.True((int)(await PostAsync(app, changed, "application/json", encoding)).StatusCode is >= 200 and < 500);
        }
    }

    [Theory]
    [InlineData("gzip")]
    [InlineData("br")]
    [InlineData("zstd")]
    public async Task A_body_that_unpacks_to_far_more_than_it_is_ends_at_the_limit(string encoding)
    {
        await using var app = await TestIngestion.StartAsync(args: ["--MESH_INGEST_MAX_BODY_BYTES=1000000", "--MESH_INGEST_MAX_RATIO=100000000"]);
        var bomb = Pack(encoding, new byte[200_000_000]);
        var before = GC.GetTotalAllocatedBytes(precise: true);
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, (await PostAsync(app, bomb, "application/json", encoding)).StatusCode);
        Assert.True(GC.GetTotalAllocatedBytes(precise: true) - before < 50_000_000);
        // A line without end is kept by its head alone.
        var line = await PostAsync(app, bomb, "application/x-ndjson", encoding);
        Assert.Equal(HttpStatusCode.UnprocessableEntity, line.StatusCode);
        Assert.Equal(200_000_000, app.Log.Read("test.visits.dlq").Single().Json.GetProperty("original_length").GetInt64());
    }

    [Theory]
    [InlineData("gzip, br")]
    [InlineData("compress")]
    [InlineData("identity, gzip")]
    public async Task Encodings_that_are_not_taken_are_told_those_that_are(string encoding)
    {
        await using var app = await TestIngestion.StartAsync();
        var response = await PostAsync(app, [1], "application/json", encoding);
        Assert.Equal(HttpStatusCode.UnsupportedMediaType, response.StatusCode);
        Assert.Contains("gzip, deflate, br or zstd", await response.Content.ReadAsStringAsync());
    }
}
