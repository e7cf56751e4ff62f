using System.Buffers.Text;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using RealTimeMesh.Sidecar.Json;

namespace RealTimeMesh.Sidecar.PubSub;

/// <summary>Reads the body of a bulk publish over HTTP: an array of entries, each with id, event, content type and metadata.</summary>
internal static class BulkPublishBody
{
    private const string GoType = "http.bulkPublishMessageEntry";
    private const string Mismatch = "error: mismatch between contentType and event";

    public static List<BulkPublishEntry> Parse(ReadOnlyMemory<byte> body, BulkPublishFaults faults)
    {
        using var document = GoJsonBody.Parse(body, out var cause) ?? throw faults.Unmarshal(cause);
        var root = document.RootElement;
        if (root.ValueKind == JsonValueKind.Null)
            return [];
        if (root.ValueKind != JsonValueKind.Array)
            throw faults.WrongType(GoJsonText.Kind(root), $"[]{GoType}");
        var fields = new List<Fields>(root.GetArrayLength());
        foreach (var element in root.EnumerateArray())
            fields.Add(Read(element, faults));

        // The shape of all is checked before the content of any.
        var ids = new HashSet<string>(fields.Count, StringComparer.Ordinal);
        var entries = new List<BulkPublishEntry>(fields.Count);
        foreach (var entry in fields)
        {
            var data = EventBytes(entry.Event, entry.ContentType, faults);
            if (entry.Id.Length == 0 || !ids.Add(entry.Id))
                throw faults.EntryId();
            entries.Add(new BulkPublishEntry(entry.Id, data, entry.ContentType, entry.Metadata));
        }

        return entries;
    }

    private static Fields Read(JsonElement element, BulkPublishFaults faults)
    {
        var entry = new Fields();
        if (element.ValueKind == JsonValueKind.Null)
            return entry;
        if (element.ValueKind != JsonValueKind.Object)
            throw faults.WrongType(GoJsonText.Kind(element), GoType);
        foreach (var property in element.EnumerateObject())
        {
            if (GoJsonText.IsField(property, "entryId"))
                entry.Id = Text(property.Value, "entryId", entry.Id, faults);
            else if (GoJsonText.IsField(property, "contentType"))
                entry.ContentType = Text(property.Value, "contentType", entry.ContentType, faults);
            else if (GoJsonText.IsField(property, "event"))
                entry.Event = property.Value;
            else if (GoJsonText.IsField(property, "metadata"))
                ReadMetadata(property.Value, entry.Metadata, faults);
        }

        return entry;
    }

    private static void ReadMetadata(JsonElement element, Dictionary<string, string> metadata, BulkPublishFaults faults)
    {
        if (element.ValueKind == JsonValueKind.Null)
            return;
        if (element.ValueKind != JsonValueKind.Object)
            throw faults.WrongField(GoJsonText.Kind(element), "metadata", "map[string]string");
        foreach (var pair in element.EnumerateObject())
            metadata[GoJsonText.NameOf(pair)] = Text(pair.Value, "metadata", "", faults);
    }

    private static string Text(JsonElement element, string field, string current, BulkPublishFaults faults) => element.ValueKind switch
    {
        JsonValueKind.String => GoJsonText.Of(element),
        JsonValueKind.Null => current,
        _ => throw faults.WrongField(GoJsonText.Kind(element), field, "string"),
    };

    /// <summary>Binary content types carry base64, text carries a string, JSON is kept as it stands; no other type is known.</summary>
    private static ReadOnlyMemory<byte> EventBytes(JsonElement data, string contentType, BulkPublishFaults faults)
    {
        if (CloudEvents.IsJson(contentType) || CloudEvents.IsCloudEvent(contentType))
            return data.ValueKind == JsonValueKind.Undefined ? "null"u8.ToArray() : JsonMarshal.GetRawUtf8Value(data).ToArray();
        if (data.ValueKind != JsonValueKind.String)
            throw faults.Envelope(Mismatch);
        if (contentType.StartsWith("text/", StringComparison.OrdinalIgnoreCase) || CloudEvents.Is(contentType, "application/xml"))
            return Encoding.UTF8.GetBytes(GoJsonText.Of(data));
        if (CloudEvents.Is(contentType, "application/octet-stream"))
            return Base64Bytes(GoJsonText.Of(data), faults);
        throw faults.Envelope(Mismatch);
    }

    private static ReadOnlyMemory<byte> Base64Bytes(string text, BulkPublishFaults faults)
    {
        if (Base64.IsValid(text))
            return Convert.FromBase64String(text);
        throw faults.Envelope($"error: unable to decode base64 application/octect-stream data: illegal base64 data at input byte {FaultAt(text)}");
    }

    /// <summary>The place Go names: the first character that cannot stand there, or the beginning of an unfinished group of four.</summary>
    private static int FaultAt(string text)
    {
        var inGroup = 0;
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] is '\r' or '\n')
                continue;
            var isPadding = text[i] == '=' && inGroup >= 2;
            if (!isPadding && !char.IsAsciiLetterOrDigit(text[i]) && text[i] is not ('+' or '/'))
                return i;
            inGroup = (inGroup + 1) % 4;
        }

        return text.Length - inGroup;
    }

    private sealed class Fields
    {
        public string Id = "";
        public string ContentType = "";
        public JsonElement Event;
        public readonly Dictionary<string, string> Metadata = new(StringComparer.Ordinal);
    }
}
