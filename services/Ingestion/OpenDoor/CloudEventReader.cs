using System.Text;
using System.Text.Json;

namespace RealTimeMesh.Ingestion.OpenDoor;

/// <summary>Takes id, trace and data out of a CloudEvent in JSON, the form in which Dapr puts events on a topic.</summary>
internal static class CloudEventReader
{
    /// <summary>False where the payload is no CloudEvent: then it is the event's data itself, as a raw publisher sends it.</summary>
    public static bool TryRead(ReadOnlySpan<byte> json, out CloudEventParts parts)
    {
        parts = default;
        int start = -1, end = -1;
        bool versioned = false, text = false, binary = false;
        string? id = null, trace = null, type = null;
        try
        {
            var reader = new Utf8JsonReader(json);
            if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
                return false;
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                if (reader.ValueTextEquals("specversion"u8))
                {
                    versioned = reader.Read();
                }
                else if (reader.ValueTextEquals("id"u8))
                {
                    id = NextText(ref reader);
                }
                else if (reader.ValueTextEquals("traceparent"u8))
                {
                    trace = NextText(ref reader);
                }
                else if (reader.ValueTextEquals("datacontenttype"u8))
                {
                    type = NextText(ref reader);
                }
                else if (reader.ValueTextEquals("data"u8) || reader.ValueTextEquals("data_base64"u8))
                {
                    binary = reader.ValueTextEquals("data_base64"u8);
                    reader.Read();
                    text = reader.TokenType == JsonTokenType.String;
                    start = (int)reader.TokenStartIndex;
                    reader.Skip();
                    end = (int)reader.BytesConsumed;
                    continue;
                }
                else
                {
                    reader.Read();
                }

                reader.Skip();
            }

            reader.Read();
        }
        catch (JsonException)
        {
            // No JSON at all: the row path rejects it, with the reason.
            return false;
        }

        if (!versioned || id is null || start < 0)
            return false;
        parts = new CloudEventParts(id, trace is { Length: 0 } ? null : trace, Data(json[start..end], text, binary), type);
        return true;
    }

    /// <summary>The data's bytes: JSON as it stands, text and base64 decoded.</summary>
    private static byte[] Data(ReadOnlySpan<byte> token, bool text, bool binary)
    {
        if (!text)
            return token.ToArray();
        var reader = new Utf8JsonReader(token);
        reader.Read();
        if (binary && reader.TryGetBytesFromBase64(out var bytes))
            return bytes;
        return Encoding.UTF8.GetBytes(reader.GetString() ?? "");
    }

    private static string? NextText(ref Utf8JsonReader reader)
    {
        reader.Read();
        return reader.TokenType == JsonTokenType.String ? reader.GetString() : null;
    }
}

/// <summary>What the open door needs of a CloudEvent.</summary>
/// <param name="Id">Its id.</param>
/// <param name="TraceParent">Its trace; null where it has none.</param>
/// <param name="Data">The data's bytes.</param>
/// <param name="ContentType">Media type of the data; null where it names none.</param>
internal readonly record struct CloudEventParts(string Id, string? TraceParent, byte[] Data, string? ContentType);
