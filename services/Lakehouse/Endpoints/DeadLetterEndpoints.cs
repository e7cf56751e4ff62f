using System.Globalization;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using RealTimeMesh.DuckDb;
using RealTimeMesh.Lakehouse.Queries;
using RealTimeMesh.Lakehouse.Requests;
using RealTimeMesh.Lakehouse.Tables;

namespace RealTimeMesh.Lakehouse.Endpoints;

/// <summary><c>/v1/dead-letters</c>: newest first, page by page.</summary>
internal static class DeadLetterEndpoints
{
    private const int MaxLimit = 500;

    /// <summary>Bytes of an original that a list carries; the rest is only counted.</summary>
    private const int PreviewBytes = 4_096;

    private static readonly UTF8Encoding s_strictUtf8 = new(false, throwOnInvalidBytes: true);

    public static WebApplication MapDeadLetters(this WebApplication app)
    {
        app.MapGet("/v1/dead-letters", ListAsync).AddEndpointFilter<DeltaFaults>();
        return app;
    }

    /// <summary><c>pipeline</c>, <c>stream</c>, <c>limit</c>, <c>before</c>: the cursor of the page before; <c>full</c> carries originals whole.</summary>
    private static async Task<IResult> ListAsync(HttpRequest request, LakeCatalog catalog, LakeQueries queries, CancellationToken cancellationToken)
    {
        var parameters = new RequestParameters(request.Query);
        var (pipeline, stream, before) = (parameters.Text("pipeline"), parameters.Text("stream"), parameters.Text("before"));
        var (limit, full) = (parameters.Limit(50, MaxLimit), parameters.Flag("full"));
        if (pipeline is null)
            parameters.Fault("pipeline", "", "the name of a pipeline", "give one");
        if (!TryCursor(before, out var where))
            parameters.Fault("before", before!, "the 'next' of an earlier answer");
        if (parameters.Refusal() is { } refusal)
            return refusal;
        var table = catalog.Find(pipeline!, "bronze.dead_letters");
        var snapshot = table is null ? null : await table.GetSnapshotAsync(null, cancellationToken);
        if (snapshot is null || snapshot.Files.Count == 0)
            return TypedResults.Ok(new DeadLettersAnswer([], null, 0));
        var files = stream is null ? snapshot.Files : [.. snapshot.Files.Where(file => file.PartitionValues.GetValueOrDefault("stream") == stream)];
        var bytes = full ? "original" : $"original[1:{PreviewBytes}]";
        var sql = $"SELECT stream, topic, reason_class, reason_rule, reason_field, found, expected, message, source, position, {bytes}, octet_length(original), epoch_us(received_at), _id, _topic, _partition, _offset, epoch_us(_ingested_at) FROM t {where} ORDER BY epoch_us(_ingested_at) DESC, _topic DESC, _partition DESC, _offset DESC";
        var page = await queries.RunAsync(table!, snapshot, files, sql, limit, cancellationToken);
        var rows = page.Rows.Select(Row).ToList();
        var last = page.Rows.Count > 0 ? page.Rows[^1] : null;
        var next = page.More && last is not null ? $"{last[17]}_{last[14]}_{last[15]}_{last[16]}" : null;
        return TypedResults.Ok(new DeadLettersAnswer(rows, next, files.Sum(file => Math.Max(0, file.NumRecords))));
    }

    private static DeadLetterAnswer Row(object?[] row)
    {
        var original = (byte[]?)row[10] ?? [];
        var length = Number(row[11]) ?? 0;
        var (text, lossless) = TextOf(original, isWhole: length == original.Length);
        return new DeadLetterAnswer(
            (string?)row[0], (string?)row[1],
            new ReasonAnswer((string?)row[2], (string?)row[3], (string?)row[4], (string?)row[5], (string?)row[6], (string?)row[7]),
            (string?)row[8], Number(row[9]), text, lossless, Convert.ToBase64String(original), length,
            TimeOf(row[12]), (string?)row[13], (string?)row[14], (int)(Number(row[15]) ?? -1), Number(row[16]) ?? -1, TimeOf(row[17]));
    }

    /// <summary>The text of the bytes, and whether they can be had back from it.</summary>
    private static (string Text, bool Lossless) TextOf(byte[] bytes, bool isWhole)
    {
        try
        {
            return (s_strictUtf8.GetString(bytes), isWhole);
        }
        catch (DecoderFallbackException)
        {
            return (Encoding.UTF8.GetString(bytes), false);
        }
    }

    private static bool TryCursor(string? before, out string where)
    {
        where = "";
        if (string.IsNullOrEmpty(before))
            return true;
        // The topic may hold underscores itself: take numbers from both ends.
        var parts = before.Split('_');
        if (parts.Length < 4 || !long.TryParse(parts[0], out var time) || !int.TryParse(parts[^2], out var partition) || !long.TryParse(parts[^1], out var offset))
            return false;
        var topic = string.Join('_', parts[1..^2]);
        where = string.Create(CultureInfo.InvariantCulture, $"WHERE (epoch_us(_ingested_at), _topic, _partition, _offset) < ({time}, {SqlText.Literal(topic)}, {partition}, {offset})");
        return true;
    }

    private static long? Number(object? value) => value is null ? null : Convert.ToInt64(value, CultureInfo.InvariantCulture);

    private static DateTimeOffset? TimeOf(object? micros) => Number(micros) is { } value ? DateTimeOffset.UnixEpoch.AddTicks(value * 10) : null;

    internal sealed record DeadLettersAnswer(IReadOnlyList<DeadLetterAnswer> DeadLetters, string? Next, long Total);

    internal sealed record ReasonAnswer(string? Class, string? Rule, string? Field, string? Found, string? Expected, string? Message);

    internal sealed record DeadLetterAnswer(
        string? Stream, string? Topic, ReasonAnswer Reason, string? Source, long? Position, string OriginalText, bool OriginalTextLossless, string OriginalBase64, long OriginalLength,
        DateTimeOffset? ReceivedAt, string? Id, string? DeadLetterTopic, int Partition, long Offset, DateTimeOffset? IngestedAt);
}
