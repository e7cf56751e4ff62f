using System.Buffers;
using System.Text.Json;

namespace RealTimeMesh.Sidecar.Invocation.Http;

/// <summary>A gRPC app's error as an HTTP client reads it: the status as protobuf's JSON, unset fields left out.</summary>
internal static class StatusJson
{
    public static byte[] Write(InvokeAnswer answer)
    {
        var buffer = new ArrayBufferWriter<byte>(128);
        using var writer = new Utf8JsonWriter(buffer);
        writer.WriteStartObject();
        if (answer.Code != 0)
            writer.WriteNumber("code"u8, answer.Code);
        if (answer.Message.Length > 0)
            writer.WriteString("message"u8, answer.Message);
        if (answer.Details.Count > 0)
        {
            writer.WriteStartArray("details"u8);
            foreach (var detail in answer.Details)
            {
                writer.WriteStartObject();
                writer.WriteString("@type"u8, detail.TypeUrl);
                writer.WriteBase64String("value"u8, detail.Value.Span);
                writer.WriteEndObject();
            }

            writer.WriteEndArray();
        }

        writer.WriteEndObject();
        writer.Flush();
        return buffer.WrittenSpan.ToArray();
    }
}
