using System.Buffers;
using System.Text;
using System.Text.Json;
using System.Text.Unicode;

namespace RealTimeMesh.Sidecar.PubSub;

/// <summary>Writes Dapr's CloudEvents envelope in structured JSON around plain data; fields in the order of their names, as daprd's.</summary>
internal static class EventEnvelope
{
    /// <summary>As deep as Go reads, and the values that follow the first are left alone as there.</summary>
    private static readonly JsonReaderOptions ReaderOptions = new() { MaxDepth = 10_000, AllowMultipleValues = true };

    /// <summary>What the envelope adds, about; for the size of buffers.</summary>
    public const int OverheadBytes = 640;

    public static void Write(IBufferWriter<byte> output, ReadOnlySpan<byte> data, string contentType, Dictionary<string, string>? metadata, in EventOrigin origin)
    {
        var overrides = EventOverrides.Of(metadata);
        var trace = overrides.TraceParent is { Length: > 0 } given ? given : overrides.TraceId ?? origin.TraceParent;
        if (contentType.Length == 0)
            contentType = CloudEvents.DefaultContentType;
        var writer = CloudEvents.WriterTo(output);
        writer.WriteStartObject();
        WriteData(writer, data, contentType);
        writer.WriteString("datacontenttype"u8, contentType);
        if (origin.Expiration is { } expiration)
            CloudEvents.WriteTime(writer, "expiration"u8, expiration);
        if (string.IsNullOrEmpty(overrides.Id))
            writer.WriteString("id"u8, EventIds.Next());
        else
            writer.WriteString("id"u8, overrides.Id);
        writer.WriteString("pubsubname"u8, origin.PubSub);
        // A source that is set to nothing is the default one, not the app.
        writer.WriteString("source"u8, overrides.Source is { } source ? Or(source, CloudEvents.DefaultSource) : origin.Source);
        writer.WriteString("specversion"u8, "1.0"u8);
        if (!string.IsNullOrEmpty(overrides.Subject))
            writer.WriteString("subject"u8, overrides.Subject);
        CloudEvents.WriteTime(writer, "time"u8, origin.Now);
        writer.WriteString("topic"u8, origin.Topic);
        writer.WriteString("traceid"u8, trace);
        writer.WriteString("traceparent"u8, trace);
        writer.WriteString("tracestate"u8, overrides.TraceState ?? origin.TraceState);
        writer.WriteString("type"u8, Or(overrides.Type, CloudEvents.DefaultType));
        writer.WriteEndObject();
        writer.Flush();
    }

    private static void WriteData(Utf8JsonWriter writer, ReadOnlySpan<byte> data, string contentType)
    {
        if (CloudEvents.IsJson(contentType))
        {
            if (FirstValue(data) is { } range)
            {
                // As it stands: parsing it would cost numbers their precision.
                writer.WritePropertyName("data"u8);
                writer.WriteRawValue(data[range], skipInputValidation: true);
                return;
            }
        }
        else if (CloudEvents.IsBinary(contentType, data))
        {
            writer.WriteBase64String("data_base64"u8, data);
            return;
        }

        if (Utf8.IsValid(data))
            writer.WriteString("data"u8, data);
        else
            writer.WriteString("data"u8, Encoding.UTF8.GetString(data));
    }

    /// <summary>Where the JSON value stands; null where there is none.</summary>
    private static Range? FirstValue(ReadOnlySpan<byte> data)
    {
        try
        {
            var reader = new Utf8JsonReader(data, ReaderOptions);
            if (!reader.Read())
                return null;
            var start = (int)reader.TokenStartIndex;
            reader.Skip();
            return start..(int)reader.BytesConsumed;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static string Or(string? text, string fallback) => string.IsNullOrEmpty(text) ? fallback : text;
}
