using System.Globalization;
using System.Text;
using Microsoft.AspNetCore.Http;

namespace RealTimeMesh.Console.Tests.Fakes;

/// <summary>Rejected events as the Lakehouse lists them: 47 of the flights, two of the market with personal data.</summary>
internal static class DeadLetters
{
    private static readonly (string Rule, string? Field, string Found, string Expected, string Original)[] s_kinds =
    [
        ("missing", "delay", "no field", "int", """{"date":"2001-01-05T09:15:00","distance":431,"origin":"ORD","destination":"MSP"}"""),
        ("type", "delay", "text 'late'", "int", """{"date":"2001-01-05T09:15:00","delay":"late","distance":431,"origin":"ORD","destination":"MSP"}"""),
        ("expect_column_values_to_be_in_set", "origin", "'ZZZ'", "an airport of the reference 'airports'", """{"date":"2001-01-05T09:15:00","delay":4,"distance":431,"origin":"ZZZ","destination":"MSP"}"""),
        ("expect_column_values_to_be_between", "delay", "100000", "-720 to 2880", """{"date":"2001-01-05T09:15:00","delay":100000,"distance":431,"origin":"ORD","destination":"MSP"}"""),
        ("json", null, "'<' at byte 0", "a JSON object", "<html><head><title>502 Bad Gateway</title></head><body>nginx</body></html>"),
    ];

    public static object? Answer(FakeCounts counts, HttpRequest request)
    {
        var pipeline = request.Query["pipeline"].ToString();
        var limit = int.Parse(request.Query["limit"]!, CultureInfo.InvariantCulture);
        var before = long.TryParse(request.Query["before"], out var cursor) ? cursor : long.MaxValue;
        var all = pipeline == "market" ? Market() : [.. Enumerable.Range(0, (int)counts.DeadLettered).Select(i => Letter(counts, i))];
        var rows = all.Where(letter => letter.Offset < before).OrderByDescending(letter => letter.Offset).ToList();
        var page = rows.Take(limit).ToList();
        return new { dead_letters = page, next = rows.Count > limit ? page[^1].Offset.ToString(CultureInfo.InvariantCulture) : null, total = all.Count };
    }

    private static FakeLetter Letter(FakeCounts counts, int i)
    {
        var (rule, field, found, expected, original) = s_kinds[i * 7 % 11 % s_kinds.Length];
        return new FakeLetter("departures", "flights.departures", new FakeReason("poison", rule, field, found, expected, field is null ? $"event: found {found}; expected {expected}" : $"field '{field}': found {found}; expected {expected}"),
            "/flights/bad-lines.ndjson", i + 1, original, true, Convert.ToBase64String(Encoding.UTF8.GetBytes(original)), original.Length, counts.LastCommit.AddSeconds(-90 - i), "flights.departures.dlq", 0, i);
    }

    private static List<FakeLetter> Market() =>
    [
        Private(0, "expect_column_values_to_be_between", "price", "-4", """{"trade_id":"T-9","account":"ACC-SECRET","price":-4}"""),
        Private(1, "type", "account", "ACC-SECRET", """{"trade_id":"T-10","account":["ACC-SECRET"]}"""),
        Private(2, "json", null, "the end at byte 30", """{"trade_id":"T-11","account":"ACC-SECRET"""),
    ];

    private static FakeLetter Private(int offset, string rule, string? field, string found, string original) =>
        new("trades", "market.trades", new FakeReason("poison", rule, field, found, "something else", $"found {found}"), "/http", null, original, true, "", original.Length, TimeProvider.System.GetUtcNow(), "market.trades.dlq", 0, offset);

    private sealed record FakeLetter(
        string Stream, string Topic, FakeReason Reason, string Source, long? Position, string OriginalText, bool OriginalTextLossless, string OriginalBase64, long OriginalLength,
        DateTimeOffset ReceivedAt, string DeadLetterTopic, int Partition, long Offset);

    private sealed record FakeReason(string Class, string Rule, string? Field, string Found, string Expected, string Message);
}
