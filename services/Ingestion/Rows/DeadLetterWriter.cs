using System.Text.Json;

namespace RealTimeMesh.Ingestion.Rows;

/// <summary>Writes the payload of a dead-letter topic: reason, origin and the original bytes.</summary>
internal sealed class DeadLetterWriter : IDisposable
{
    /// <summary>More than this of a value in a reason helps nobody and may be all of a giant event.</summary>
    private const int MaxTextLength = 200;

    private readonly Utf8JsonWriter _json = new(Stream.Null);

    public void Write(PayloadBuffer output, in RejectReason reason, EventOrigin origin, string topic, long position, DateTimeOffset receivedAt, InputRecord original)
    {
        _json.Reset(output);
        _json.WriteStartObject();
        _json.WriteStartObject("reason"u8);
        _json.WriteString("class"u8, "poison"u8);
        _json.WriteString("rule"u8, reason.Rule);
        if (reason.Field is null)
            _json.WriteNull("field"u8);
        else
            _json.WriteString("field"u8, reason.Field);
        _json.WriteString("found"u8, Clip(reason.Found));
        _json.WriteString("expected"u8, Clip(reason.Expected));
        _json.WriteString("message"u8, Clip(reason.Message, 2 * MaxTextLength));
        _json.WriteEndObject();
        _json.WriteStartObject("origin"u8);
        _json.WriteString("source"u8, origin.Source);
        _json.WriteNumber("position"u8, position);
        _json.WriteString("topic"u8, topic);
        _json.WriteEndObject();
        _json.WriteBase64String("original_base64"u8, original.Bytes);
        if (original.Sha256 is not null)
        {
            _json.WriteNumber("original_length"u8, original.Length);
            _json.WriteString("original_sha256"u8, Convert.ToHexStringLower(original.Sha256));
        }

        _json.WriteString("received_at"u8, receivedAt);
        _json.WriteNumber("attempts"u8, 1);
        _json.WriteEndObject();
        _json.Flush();
    }

    public void Dispose() => _json.Dispose();

    /// <summary>Shortens a text without cutting a surrogate pair in two.</summary>
    public static string Clip(string text, int length = MaxTextLength)
    {
        if (text.Length <= length)
            return text;
        return string.Concat(text.AsSpan(0, char.IsHighSurrogate(text[length - 1]) ? length - 1 : length), "…");
    }
}
