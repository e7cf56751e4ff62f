using System.Text.Json;
using Google.Protobuf;

namespace RealTimeMesh.Sidecar.Subscriptions;

/// <summary>The data of a CloudEvent as bytes, the way a gRPC app gets it.</summary>
internal static class EventData
{
    private const string Unexpected = "unexpected data type encountered in envelope";

    /// <summary>Null, and a cause, where the data contradicts its type.</summary>
    /// <remarks>Data of a type that is neither text nor JSON is left out, as daprd does, unless it is in base64.</remarks>
    public static ByteString? Read(JsonElement root, string contentType, out string cause)
    {
        cause = "";
        if (root.TryGetProperty("data_base64"u8, out var base64) && base64.ValueKind != JsonValueKind.Null)
        {
            if (base64.ValueKind == JsonValueKind.String && base64.TryGetBytesFromBase64(out var bytes))
                return UnsafeByteOperations.UnsafeWrap(bytes);
            cause = base64.ValueKind == JsonValueKind.String ? "illegal base64 data" : Unexpected;
            return null;
        }

        if (!root.TryGetProperty("data"u8, out var data) || data.ValueKind == JsonValueKind.Null)
            return ByteString.Empty;
        if (IsText(contentType))
        {
            if (data.ValueKind == JsonValueKind.String)
                return ByteString.CopyFromUtf8(data.GetString()!);
            cause = Unexpected;
            return null;
        }

        return IsMediaType(contentType, "application/json") || IsMediaType(contentType, "application/cloudevents+json")
            ? ByteString.CopyFromUtf8(data.GetRawText())
            : ByteString.Empty;
    }

    /// <summary>True where a content type, parameters aside, is that one.</summary>
    public static bool IsMediaType(ReadOnlySpan<char> contentType, ReadOnlySpan<char> mediaType)
    {
        var parameters = contentType.IndexOf(';');
        return (parameters < 0 ? contentType : contentType[..parameters]).Equals(mediaType, StringComparison.OrdinalIgnoreCase);
    }

    private static bool IsText(string contentType) =>
        contentType.StartsWith("text/", StringComparison.OrdinalIgnoreCase) || IsMediaType(contentType, "application/xml");
}
