using System.Buffers;
using System.Text.Json;

namespace RealTimeMesh.Contracts.DeadLetters;

/// <summary>Writes messages of a dead-letter topic, UTF-8 JSON. One writer serves many records, one after the other.</summary>
public sealed class DeadLetterWriter : IDisposable
{
    /// <summary>More than this of a value in a reason helps nobody and may be all of a giant event; characters.</summary>
    public const int MaxTextLength = 200;

    private const int MaxMessageLength = 2 * MaxTextLength;

    private static readonly JsonWriterOptions s_options = new() { SkipValidation = true };

    private readonly Utf8JsonWriter _json = new(Stream.Null, s_options);
    private DeadLetterReason _reason;
    private DeadLetterOrigin? _origin;

    /// <summary>Writes a record.</summary>
    public void Write(IBufferWriter<byte> output, DeadLetterRecord record)
    {
        Begin(output, record.Reason, record.Origin);
        WriteOriginal(record.Original.Span, record.OriginalLength, record.OriginalSha256);
        if (record.Headers is { Count: > 0 })
        {
            _json.WriteStartObject("headers"u8);
            foreach (var (name, value) in record.Headers)
                _json.WriteString(name, value);
            _json.WriteEndObject();
        }

        End(new DeadLetterCircumstances(record.ReceivedAt, record.FailedAt)
        {
            ContentType = record.ContentType,
            Attempts = record.Attempts,
            TraceId = record.TraceId,
            Redrives = record.Redrives,
            RedriveOf = record.RedriveOf,
        }, record.Fingerprint);
    }

    /// <summary>Writes a record of parts, for producers that have many with much in common.</summary>
    /// <param name="output">Where to.</param>
    /// <param name="reason">Long texts in it are shortened.</param>
    /// <param name="origin">Where the event came from.</param>
    /// <param name="original">The event, or its head.</param>
    /// <param name="originalLength">Length of the whole event where <paramref name="original"/> is its head.</param>
    /// <param name="originalSha256">Hash of the whole event where <paramref name="original"/> is its head.</param>
    /// <param name="headers">The event's headers, one JSON object of texts, or empty.</param>
    /// <param name="circumstances">The rest.</param>
    public void Write(
        IBufferWriter<byte> output, in DeadLetterReason reason, DeadLetterOrigin origin, ReadOnlySpan<byte> original, long? originalLength, string? originalSha256, ReadOnlySpan<byte> headers,
        in DeadLetterCircumstances circumstances)
    {
        Begin(output, reason, origin);
        WriteOriginal(original, originalLength, originalSha256);
        if (headers.Length > 0)
        {
            _json.WritePropertyName("headers"u8);
            _json.WriteRawValue(headers);
        }

        End(circumstances, null);
    }

    public void Dispose() => _json.Dispose();

    /// <summary>Shortens a text without cutting a surrogate pair in two.</summary>
    public static string Clip(string text, int length = MaxTextLength)
    {
        if (text.Length <= length)
            return text;
        return string.Concat(text.AsSpan(0, char.IsHighSurrogate(text[length - 1]) ? length - 1 : length), "…");
    }

    private void Begin(IBufferWriter<byte> output, in DeadLetterReason reason, DeadLetterOrigin origin)
    {
        _origin = origin;
        _reason = reason with
        {
            Found = reason.Found is null ? null : Clip(reason.Found),
            Expected = reason.Expected is null ? null : Clip(reason.Expected),
            Message = Clip(reason.Message, MaxMessageLength),
        };
        _json.Reset(output);
        _json.WriteStartObject();
        _json.WriteStartObject("reason"u8);
        _json.WriteString("class"u8, _reason.Class);
        _json.WriteString("rule"u8, _reason.Rule);
        _json.WriteString("field"u8, _reason.Field);
        _json.WriteString("found"u8, _reason.Found);
        _json.WriteString("expected"u8, _reason.Expected);
        _json.WriteString("message"u8, _reason.Message);
        _json.WriteEndObject();
        _json.WriteStartObject("origin"u8);
        _json.WriteString("source"u8, origin.Source);
        WriteNumber("position"u8, origin.Position);
        _json.WriteString("topic"u8, origin.Topic);
        WriteNumber("partition"u8, origin.Partition);
        WriteNumber("offset"u8, origin.Offset);
        _json.WriteString("key"u8, origin.Key);
        _json.WriteString("consumer"u8, origin.Consumer);
        _json.WriteEndObject();
    }

    private void WriteOriginal(ReadOnlySpan<byte> original, long? length, string? sha256)
    {
        _json.WriteBase64String("original_base64"u8, original);
        if (length is not null)
            _json.WriteNumber("original_length"u8, length.Value);
        if (sha256 is not null)
            _json.WriteString("original_sha256"u8, sha256);
    }

    private void End(in DeadLetterCircumstances circumstances, string? fingerprint)
    {
        _json.WriteString("content_type"u8, circumstances.ContentType);
        _json.WriteString("received_at"u8, circumstances.ReceivedAt);
        _json.WriteString("failed_at"u8, circumstances.FailedAt);
        _json.WriteNumber("attempts"u8, circumstances.Attempts);
        _json.WriteString("trace_id"u8, circumstances.TraceId);
        if (fingerprint is null)
        {
            Span<char> digits = stackalloc char[Fingerprint.Length];
            Fingerprint.Write(_reason, _origin!.Consumer, _origin.Topic, digits);
            _json.WriteString("fingerprint"u8, digits);
        }
        else
        {
            _json.WriteString("fingerprint"u8, fingerprint);
        }

        _json.WriteNumber("redrives"u8, circumstances.Redrives);
        _json.WriteString("redrive_of"u8, circumstances.RedriveOf);
        _json.WriteEndObject();
        _json.Flush();
    }

    private void WriteNumber(ReadOnlySpan<byte> name, long? value)
    {
        if (value is null)
            _json.WriteNull(name);
        else
            _json.WriteNumber(name, value.Value);
    }
}
