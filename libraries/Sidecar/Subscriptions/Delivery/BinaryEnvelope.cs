using System.Buffers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using RealTimeMesh.Components;

namespace RealTimeMesh.Sidecar.Subscriptions;

/// <summary>
/// CloudEvents in binary mode: attributes in <c>ce_*</c> headers, the value is the data. Only for values whose
/// <c>content-type</c> says that they are bytes; all others are structured JSON.
/// </summary>
internal static class BinaryEnvelope
{
    private const string Prefix = "ce_";
    private const string Bytes = "application/octet-stream";

    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };

    public static bool IsBinary(MessageHeaders headers) => !headers.IsEmpty && headers.Find("content-type") is { } type && EventData.IsMediaType(type, Bytes);

    public static byte[] Write(in DeliveredMessage message)
    {
        var attributes = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var header in message.Headers)
        {
            var name = Encoding.UTF8.GetString(header.Name).ToLowerInvariant();
            if (name.StartsWith(Prefix, StringComparison.Ordinal) && name.Length > Prefix.Length)
                attributes[name[Prefix.Length..]] = Encoding.UTF8.GetString(header.Value);
        }

        attributes["datacontenttype"] = message.Headers.Find("content-type")!;
        attributes.Remove("data");
        attributes.Remove("data_base64");
        var buffer = new ArrayBufferWriter<byte>(message.Value.Length * 4 / 3 + 512);
        using (var writer = new Utf8JsonWriter(buffer, Options))
        {
            writer.WriteStartObject();
            foreach (var (name, value) in attributes)
                writer.WriteString(name, value);
            writer.WriteBase64String("data_base64"u8, message.Value.Span);
            writer.WriteEndObject();
        }

        return buffer.WrittenMemory.ToArray();
    }
}
