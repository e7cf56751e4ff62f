using System.Net;
using System.Text;

namespace RealTimeMesh.Lakehouse.Tests;

public sealed class DeadLetterTests
{
    private const string Topic = Samples.Topic + ".dlq";

    [Fact]
    public async Task A_dead_letter_keeps_reason_origin_and_original_bytes()
    {
        await using var lake = await TestLakehouse.StartAsync();
        byte[] original = [0xFF, 0xFE, (byte)'a'];
        Assert.Equal(HttpStatusCode.OK, await lake.DeliverAsync(Topic, new Sent(Samples.DeadLetter("encoding", original), "file#7", 2, 0, 7)));
        var letter = (await lake.GetAsync("/v1/dead-letters?pipeline=test")).GetProperty("dead_letters")[0];
        Assert.Equal("encoding", letter.GetProperty("reason").GetProperty("rule").GetString());
        Assert.Equal("int", letter.GetProperty("reason").GetProperty("expected").GetString());
        Assert.Equal("/test/file", letter.GetProperty("source").GetString());
        Assert.Equal(7, letter.GetProperty("position").GetInt64());
        Assert.Equal(Convert.ToBase64String(original), letter.GetProperty("original_base64").GetString());
        Assert.False(letter.GetProperty("original_text_lossless").GetBoolean());
        Assert.Equal(new DateTimeOffset(2026, 1, 5, 10, 0, 0, TimeSpan.Zero), letter.GetProperty("received_at").GetDateTimeOffset());
        Assert.Equal((0, 1, 0, 0), await lake.LedgerAsync());
    }

    [Fact]
    public async Task A_reject_published_again_is_kept_once()
    {
        await using var lake = await TestLakehouse.StartAsync();
        var payload = Samples.DeadLetter("type", "x"u8.ToArray());
        await lake.DeliverAsync(Topic, new Sent(payload, "file#7", 0, 0, 7));
        await lake.DeliverAsync(Topic, new Sent(payload, "file#7", 0, 1, 7));
        Assert.Equal((0, 1, 0, 1), await lake.LedgerAsync());
    }

    [Fact]
    public async Task Pages_go_back_without_gap_or_repeat()
    {
        await using var lake = await TestLakehouse.StartAsync();
        await lake.DeliverAsync(Topic, Enumerable.Range(0, 25).Select(i => new Sent(Samples.DeadLetter("type", Encoding.UTF8.GetBytes($"line {i}")), $"file#{i}", i % 3, i, i)));
        List<string> seen = [];
        var before = "";
        while (true)
        {
            var page = await lake.GetAsync($"/v1/dead-letters?pipeline=test&limit=10&before={Uri.EscapeDataString(before)}");
            seen.AddRange(page.GetProperty("dead_letters").EnumerateArray().Select(letter => letter.GetProperty("original_text").GetString()!));
            Assert.Equal(25, page.GetProperty("total").GetInt64());
            if (page.GetProperty("next").GetString() is not { } next)
                break;
            before = next;
        }

        Assert.Equal(25, seen.Count);
        Assert.Equal(25, seen.Distinct().Count());
        Assert.Equal(HttpStatusCode.BadRequest, (await lake.Http.GetAsync("/v1/dead-letters?pipeline=test&before=nonsense")).StatusCode);
    }

    [Fact]
    public async Task A_record_of_another_form_is_kept_whole()
    {
        await using var lake = await TestLakehouse.StartAsync();
        await lake.DeliverAsync(Topic, new Sent("not json"u8.ToArray(), "x", 0, 0));
        var letter = (await lake.GetAsync("/v1/dead-letters?pipeline=test&stream=visits")).GetProperty("dead_letters")[0];
        Assert.Equal("unreadable", letter.GetProperty("reason").GetProperty("rule").GetString());
        Assert.Equal("not json", letter.GetProperty("original_text").GetString());
        Assert.True(letter.GetProperty("original_text_lossless").GetBoolean());
    }
}
