using System.Buffers;
using System.Text;
using System.Text.Json;
using RealTimeMesh.Contracts.DeadLetters;
using Xunit;

namespace RealTimeMesh.Contracts.Tests.DeadLetters;

public class DeadLetterRecordTests
{
    private static readonly DeadLetterReason s_reason = new("poison", "type", "seconds", "abc", "int", "field 'seconds': found abc; expected int");

    private static readonly DateTimeOffset s_time = new(2026, 11, 23, 16, 0, 0, 123, TimeSpan.Zero);

    [Fact]
    public void A_record_comes_back_as_it_was_written()
    {
        var record = Full();
        var read = Read(Write(record));
        Assert.Equal(record with { Original = read.Original, Headers = read.Headers, Fingerprint = read.Fingerprint }, read);
        Assert.Equal(record.Original.ToArray(), read.Original.ToArray());
        Assert.Equal(record.Headers, read.Headers);
        Assert.Equal(Fingerprint.Of(s_reason, "billing", "shop.orders"), read.Fingerprint);
    }

    [Fact]
    public void Every_field_stands_in_the_json_even_where_nothing_is_known()
    {
        using var json = JsonDocument.Parse(Write(new DeadLetterRecord { Reason = new DeadLetterReason("undelivered", "delivery", null, null, null, "m"), Origin = new DeadLetterOrigin("app", "t"), Original = default }));
        var origin = json.RootElement.GetProperty("origin");
        foreach (var name in new[] { "position", "partition", "offset", "key" })
            Assert.Equal(JsonValueKind.Null, origin.GetProperty(name).ValueKind);
        Assert.Equal(JsonValueKind.Null, json.RootElement.GetProperty("trace_id").ValueKind);
        Assert.Equal(16, json.RootElement.GetProperty("fingerprint").GetString()!.Length);
        Assert.Equal(0, json.RootElement.GetProperty("redrives").GetInt32());
        Assert.False(json.RootElement.TryGetProperty("headers", out _));
    }

    [Fact]
    public void A_record_from_before_there_were_consumers_is_the_doors()
    {
        var old = """{"reason":{"class":"poison","rule":"type","field":"seconds","found":"abc","expected":"int","message":"field 'seconds': found abc; expected int"},"origin":{"source":"/http","position":3,"topic":"flights.departures"},"original_base64":"e30=","received_at":"2026-11-23T16:00:00+00:00","attempts":1}""";
        var read = Read(Encoding.UTF8.GetBytes(old));
        Assert.Equal((DeadLetterOrigin.Door, 3L, (int?)null, (long?)null), (read.Origin.Consumer, read.Origin.Position, read.Origin.Partition, read.Origin.Offset));
        Assert.Equal((read.ReceivedAt, 1, 0, 2L), (read.FailedAt, read.Attempts, read.Redrives, read.OriginalLength));
        Assert.Equal(Fingerprint.Of(s_reason, DeadLetterOrigin.Door, "flights.departures"), read.Fingerprint);
    }

    [Theory]
    [InlineData("")]
    [InlineData("{")]
    [InlineData("7")]
    [InlineData("[]")]
    [InlineData("{}")]
    [InlineData("""{"reason":{},"origin":7,"original_base64":""}""")]
    [InlineData("""{"reason":{},"origin":{},"original_base64":"*"}""")]
    [InlineData("""{"specversion":"1.0","id":"1","data":{"a":1}}""")]
    public void Other_messages_are_no_dead_letters_and_the_reason_says_why(string message)
    {
        Assert.False(DeadLetterReader.TryRead(Encoding.UTF8.GetBytes(message), out var record, out var error));
        Assert.Null(record);
        Assert.NotEmpty(error);
    }

    [Fact]
    public void Long_texts_are_shortened_and_keep_their_fingerprint()
    {
        var giant = s_reason with { Found = new string('x', 5_000) + "😀", Message = $"field 'seconds': found {new string('x', 5_000)}; expected int" };
        var written = Write(Full() with { Reason = giant });
        Assert.True(written.Length < 3_000);
        var read = Read(written);
        Assert.Equal(Fingerprint.Of(read.Reason, "billing", "shop.orders"), read.Fingerprint);
    }

    [Fact]
    public void One_cause_has_one_fingerprint_whatever_the_values()
    {
        var prints = Enumerable.Range(0, 100)
            .Select(i => Fingerprint.Of(s_reason with { Found = $"v{i}", Message = $"field 'seconds': found v{i}; expected int" }, "billing", "shop.orders"))
            .Distinct();
        Assert.Single(prints);
    }

    [Fact]
    public void Each_part_of_the_cause_changes_the_fingerprint()
    {
        var others = new[]
        {
            Fingerprint.Of(s_reason, "billing", "shop.orders"), Fingerprint.Of(s_reason, "lakehouse", "shop.orders"), Fingerprint.Of(s_reason, "billing", "shop.returns"),
            Fingerprint.Of(s_reason with { Class = "schema" }, "billing", "shop.orders"), Fingerprint.Of(s_reason with { Rule = "missing" }, "billing", "shop.orders"),
            Fingerprint.Of(s_reason with { Field = "minutes" }, "billing", "shop.orders"), Fingerprint.Of(s_reason with { Field = null }, "billing", "shop.orders"),
            Fingerprint.Of(s_reason with { Expected = "long" }, "billing", "shop.orders"), Fingerprint.Of(s_reason with { Message = "other" }, "billing", "shop.orders"),
            Fingerprint.Of(s_reason, "billingshop", ".orders"),
        };
        Assert.Equal(others.Length, others.Distinct().Count());
        Assert.All(others, print => Assert.Matches("^[0-9a-f]{16}$", print));
    }

    [Theory]
    [InlineData("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", "0af7651916cd43dd8448eb211c80319c")]
    [InlineData("00-00000000000000000000000000000000-b7ad6b7169203331-01", null)]
    [InlineData("00-0af7651916cd43dd8448eb211c8031!c-b7ad6b7169203331-01", null)]
    [InlineData("garbage", null)]
    [InlineData(null, null)]
    public void A_trace_is_taken_from_the_trace_context(string? traceParent, string? id) => Assert.Equal(id, TraceIds.Of(traceParent));

    private static DeadLetterRecord Full() => new()
    {
        Reason = s_reason,
        Origin = new DeadLetterOrigin("billing", "shop.orders") { Source = "/shop", Position = 7, Partition = 3, Offset = 1_234_567_890_123, Key = "k\u00fc" },
        Original = new byte[] { 0, 1, 2, 255 },
        OriginalLength = 4,
        ContentType = "application/avro",
        Headers = new Dictionary<string, string> { ["ce_id"] = "x", ["traceparent"] = "\"" },
        ReceivedAt = s_time,
        FailedAt = s_time.AddSeconds(1),
        Attempts = 4,
        TraceId = "0af7651916cd43dd8448eb211c80319c",
        Redrives = 2,
        RedriveOf = "shop.orders.dlq/0/17",
    };

    private static ReadOnlyMemory<byte> Write(DeadLetterRecord record)
    {
        using var writer = new DeadLetterWriter();
        var output = new ArrayBufferWriter<byte>();
        writer.Write(output, record);
        return output.WrittenMemory;
    }

    private static DeadLetterRecord Read(ReadOnlyMemory<byte> message)
    {
        Assert.True(DeadLetterReader.TryRead(message, out var record, out var error), error);
        return record;
    }
}
