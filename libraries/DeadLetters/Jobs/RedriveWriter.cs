using System.Buffers;
using System.Globalization;
using System.Text.Json;
using RealTimeMesh.Components;
using RealTimeMesh.DeadLetters.Checking;
using RealTimeMesh.DeadLetters.Collecting;
using RealTimeMesh.DeadLetters.Letters;

namespace RealTimeMesh.DeadLetters.Jobs;

/// <summary>
/// Makes the message that a letter is redriven as. To its topic it goes as it stood, with key and headers. To a stream's open door it
/// goes as a CloudEvent with the id the event had, so that contract and expectations are asked again and the event is counted once.
/// </summary>
internal static class RedriveWriter
{
    public static OutgoingMessage Write(StoredLetter letter, Destination destination, string job)
    {
        var headers = RedriveHeaders.Add(letter.Content.Headers, job, letter.Id, letter.Redrives + 1, destination.Consumer);
        return destination.Door is { } door
            ? new OutgoingMessage(KeyOf(letter.Current.Span, door.Stream.Key) ?? letter.CurrentKey ?? letter.Content.Origin.Source, Envelope(letter, door, job), headers)
            : new OutgoingMessage(letter.CurrentKey, letter.Current, headers);
    }

    private static ReadOnlyMemory<byte> Envelope(StoredLetter letter, StreamCheck door, string job)
    {
        var content = letter.Content;
        var output = new ArrayBufferWriter<byte>(letter.Current.Length + 512);
        using var json = new Utf8JsonWriter(output);
        json.WriteStartObject();
        json.WriteString("specversion"u8, "1.0"u8);
        json.WriteString("id"u8, content.EventId ?? letter.Id);
        json.WriteString("source"u8, content.Origin.Source ?? "/dead-letters");
        json.WriteString("type"u8, door.Stream.Topic);
        json.WriteString("time"u8, content.ReceivedAt);
        if (content.TraceId is { } trace)
            json.WriteString("traceparent"u8, content.Headers.Find("traceparent") ?? $"00-{trace}-{trace[..16]}-01");
        json.WriteString(RedriveHeaders.Attribute, RedriveHeaders.Value(job, letter.Id));
        json.WriteNumber(RedriveHeaders.CountAttribute, letter.Redrives + 1);
        if (IsJson(letter.Current))
        {
            json.WriteString("datacontenttype"u8, "application/json"u8);
            json.WritePropertyName("data"u8);
            json.WriteRawValue(letter.Current.Span, skipInputValidation: true);
        }
        else
        {
            if (content.ContentType is { } type)
                json.WriteString("datacontenttype"u8, type);
            json.WriteBase64String("data_base64"u8, letter.Current.Span);
        }

        json.WriteEndObject();
        json.Flush();
        return output.WrittenMemory;
    }

    private static bool IsJson(ReadOnlyMemory<byte> value)
    {
        try
        {
            var reader = new Utf8JsonReader(value.Span);
            if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
                return false;
            reader.Skip();
            // Nothing may follow: it would end up in the envelope.
            return !reader.Read();
        }
        catch (JsonException)
        {
            // Not JSON: it travels as bytes, and the door says so again.
            return false;
        }
    }

    /// <summary>The stream's key, so that events of one key keep their order.</summary>
    private static string? KeyOf(ReadOnlySpan<byte> json, string field)
    {
        try
        {
            var reader = new Utf8JsonReader(json);
            if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
                return null;
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                var found = reader.ValueTextEquals(field);
                reader.Read();
                if (!found)
                    reader.Skip();
                else
                    return reader.TokenType switch { JsonTokenType.String => reader.GetString(), JsonTokenType.Number when reader.TryGetInt64(out var number) => number.ToString(CultureInfo.InvariantCulture), _ => null };
            }

            return null;
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            // Not JSON, or a text that is none: it has no key.
            return null;
        }
    }
}
