using System.Globalization;
using System.Text.Json;

namespace RealTimeMesh.DeadLetters.Collecting;

/// <summary>The attributes of a CloudEvent in JSON, the form in which Dapr puts events on a topic.</summary>
internal sealed record CloudEventAttributes(string? Id, string? Source, string? Topic, string? TraceParent, DateTimeOffset? Time, string? RedriveOf, int Redrives)
{
    /// <summary>Null where a message is no CloudEvent.</summary>
    public static CloudEventAttributes? Read(ReadOnlyMemory<byte> message)
    {
        if (message.Span.TrimStart(" \t\r\n"u8) is not [(byte)'{', ..])
            return null;
        try
        {
            using var document = JsonDocument.Parse(message);
            var root = document.RootElement;
            return Text(root, "specversion") is null
                ? null
                : new CloudEventAttributes(
                    Text(root, "id"), Text(root, "source"), Text(root, "topic"), Text(root, "traceparent"),
                    DateTimeOffset.TryParse(Text(root, "time"), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time) ? time : null,
                    Text(root, RedriveHeaders.Attribute)?.Split('/', 2) is [_, var letter] ? letter : null,
                    root.TryGetProperty(RedriveHeaders.CountAttribute, out var count) && count.ValueKind == JsonValueKind.Number && count.TryGetInt32(out var redrives) ? redrives : 0);
        }
        catch (JsonException)
        {
            // Bytes that happen to begin as JSON does: kept as they are.
            return null;
        }
    }

    private static string? Text(JsonElement root, string name) =>
        root.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
}
