using System.Text;
using System.Text.Json;

namespace RealTimeMesh.Sidecar.PubSub;

/// <summary>Reads the body of a bulk publish over HTTP. The texts of faults are those clients of daprd see.</summary>
internal static class BulkPublishBody
{
    private const string GoType = "[]http.bulkPublishMessageEntry";

    /// <summary>The entries, or null and the cause.</summary>
    public static List<BulkPublishEntry>? Parse(ReadOnlyMemory<byte> body, out string cause)
    {
        cause = "";
        if (body.IsEmpty)
        {
            cause = "EOF";
            return null;
        }

        JsonDocument document;
        try
        {
            document = JsonDocument.Parse(body);
        }
        catch (JsonException exception)
        {
            cause = IsCutOff(body.Span) ? "unexpected EOF" : exception.Message;
            return null;
        }

        using (document)
        {
            if (document.RootElement.ValueKind != JsonValueKind.Array)
            {
                cause = $"json: cannot unmarshal {Kind(document.RootElement)} into Go value of type {GoType}";
                return null;
            }

            var entries = new List<BulkPublishEntry>(document.RootElement.GetArrayLength());
            foreach (var element in document.RootElement.EnumerateArray())
            {
                if (ParseEntry(element, out cause) is not { } entry)
                    return null;
                entries.Add(entry);
            }

            return entries;
        }
    }

    private static BulkPublishEntry? ParseEntry(JsonElement element, out string cause)
    {
        cause = "";
        if (element.ValueKind != JsonValueKind.Object)
        {
            cause = $"json: cannot unmarshal {Kind(element)} into Go value of type http.bulkPublishMessageEntry";
            return null;
        }

        string id = "", contentType = "";
        JsonElement? value = null;
        var metadata = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var property in element.EnumerateObject())
        {
            if (Is(property, "entryId"))
                id = Text(property, ref cause);
            else if (Is(property, "contentType"))
                contentType = Text(property, ref cause);
            else if (Is(property, "event"))
                value = property.Value;
            else if (Is(property, "metadata") && property.Value.ValueKind == JsonValueKind.Object)
                foreach (var pair in property.Value.EnumerateObject())
                    metadata[pair.Name] = Text(pair, ref cause);
        }

        if (cause.Length > 0)
            return null;
        return EventBytes(value, contentType, out cause) is { } bytes ? new BulkPublishEntry(id, bytes, contentType, metadata) : null;
    }

    /// <summary>Binary content types carry base64, text carries a string, anything else is kept as JSON.</summary>
    private static byte[]? EventBytes(JsonElement? value, string contentType, out string cause)
    {
        cause = "";
        if (value is not { } element)
            return [];
        if (contentType.StartsWith("application/octet-stream", StringComparison.OrdinalIgnoreCase))
        {
            if (element.ValueKind == JsonValueKind.String && element.TryGetBytesFromBase64(out var bytes))
                return bytes;
            cause = $"failed to decode event for content type {contentType}: found {Kind(element)}; expected a base64 string";
            return null;
        }

        var isText = !contentType.StartsWith("application/json", StringComparison.OrdinalIgnoreCase) && !CloudEvents.IsCloudEvent(contentType);
        return Encoding.UTF8.GetBytes(isText && element.ValueKind == JsonValueKind.String ? element.GetString()! : element.GetRawText());
    }

    private static bool Is(JsonProperty property, string name) => property.Name.Equals(name, StringComparison.OrdinalIgnoreCase);

    private static string Text(JsonProperty property, ref string cause)
    {
        if (property.Value.ValueKind == JsonValueKind.String)
            return property.Value.GetString()!;
        if (property.Value.ValueKind != JsonValueKind.Null)
            cause = $"json: cannot unmarshal {Kind(property.Value)} into Go struct field bulkPublishMessageEntry.{property.Name} of type string";
        return "";
    }

    private static string Kind(JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.True or JsonValueKind.False => "bool",
        _ => element.ValueKind.ToString().ToLowerInvariant(),
    };

    private static bool IsCutOff(ReadOnlySpan<byte> body)
    {
        // An unfinished document reads without error as long as more may follow.
        try
        {
            var reader = new Utf8JsonReader(body, isFinalBlock: false, default);
            while (reader.Read())
            {
            }

            return true;
        }
        catch (JsonException)
        {
            return false;
        }
    }
}
