using System.Diagnostics.CodeAnalysis;
using System.Text.Json;

namespace RealTimeMesh.Contracts.DeadLetters;

/// <summary>Reads messages of a dead-letter topic. Records of earlier producers lack fields: they get what can be known of them.</summary>
public static class DeadLetterReader
{
    /// <summary>False, with the reason, where a message is not in the form of a dead letter.</summary>
    /// <param name="message">The message's value.</param>
    /// <param name="record">The record; its <see cref="DeadLetterRecord.Fingerprint"/> is always set.</param>
    /// <param name="error">Why not.</param>
    public static bool TryRead(ReadOnlyMemory<byte> message, [NotNullWhen(true)] out DeadLetterRecord? record, out string error)
    {
        record = null;
        try
        {
            using var document = JsonDocument.Parse(message);
            if (document.RootElement is not { ValueKind: JsonValueKind.Object } root || Object(root, "reason") is not { } reason || Object(root, "origin") is not { } origin
                || !root.TryGetProperty("original_base64", out var original) || original.ValueKind != JsonValueKind.String)
            {
                error = "found other JSON; expected an object with reason, origin and original_base64";
                return false;
            }

            record = Read(root, reason, origin, original.GetBytesFromBase64());
            error = "";
            return true;
        }
        catch (Exception exception) when (exception is JsonException or FormatException or InvalidOperationException)
        {
            error = exception.Message;
            return false;
        }
    }

    private static DeadLetterRecord Read(JsonElement root, JsonElement reason, JsonElement origin, byte[] original)
    {
        var received = Time(root, "received_at") ?? default;
        var record = new DeadLetterRecord
        {
            Reason = new DeadLetterReason(
                Text(reason, "class") ?? DeadLetterClasses.Poison, Text(reason, "rule") ?? "", Text(reason, "field"), Text(reason, "found"), Text(reason, "expected"), Text(reason, "message") ?? ""),
            // Before consumers had dead letters, all were the door's.
            Origin = new DeadLetterOrigin(Text(origin, "consumer") ?? DeadLetterOrigin.Door, Text(origin, "topic") ?? "")
            {
                Source = Text(origin, "source") ?? "",
                Position = Number(origin, "position"),
                Partition = (int?)Number(origin, "partition"),
                Offset = Number(origin, "offset"),
                Key = Text(origin, "key"),
            },
            Original = original,
            OriginalLength = Number(root, "original_length") ?? original.Length,
            OriginalSha256 = Text(root, "original_sha256"),
            ContentType = Text(root, "content_type"),
            Headers = Headers(root),
            ReceivedAt = received,
            FailedAt = Time(root, "failed_at") ?? received,
            Attempts = (int)Math.Clamp(Number(root, "attempts") ?? 1, 1, int.MaxValue),
            TraceId = Text(root, "trace_id"),
            Redrives = (int)Math.Clamp(Number(root, "redrives") ?? 0, 0, int.MaxValue),
            RedriveOf = Text(root, "redrive_of"),
        };
        return record with { Fingerprint = Text(root, "fingerprint") is { Length: Fingerprint.Length } given ? given : Fingerprint.Of(record.Reason, record.Origin.Consumer, record.Origin.Topic) };
    }

    private static IReadOnlyDictionary<string, string>? Headers(JsonElement root)
    {
        if (Object(root, "headers") is not { } headers)
            return null;
        var all = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        foreach (var header in headers.EnumerateObject())
            all[header.Name] = header.Value.ValueKind == JsonValueKind.String ? header.Value.GetString()! : header.Value.GetRawText();
        return all.Count == 0 ? null : all;
    }

    private static JsonElement? Object(JsonElement parent, string name) =>
        parent.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Object ? value : null;

    private static string? Text(JsonElement parent, string name) =>
        parent.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    private static long? Number(JsonElement parent, string name) =>
        parent.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out var number) ? number : null;

    private static DateTimeOffset? Time(JsonElement parent, string name) =>
        parent.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String && value.TryGetDateTimeOffset(out var time) ? time : null;
}
