using System.Text.Json;

namespace RealTimeMesh.Sidecar.Json;

/// <summary>A body of JSON as Go's decoder takes it: one value; what follows it does not count.</summary>
internal static class GoJsonBody
{
    /// <summary>Far above what people write, far below what a stack holds. Go's own limit is 10,000.</summary>
    public static readonly JsonDocumentOptions Options = new() { MaxDepth = 1000 };

    /// <summary>The document, or null and what Go says of the text.</summary>
    public static JsonDocument? Parse(ReadOnlyMemory<byte> body, out string cause)
    {
        cause = "";
        try
        {
            return JsonDocument.Parse(GoUnicode.Repaired(body), Options);
        }
        catch (JsonException)
        {
            var fault = GoJsonSyntax.Fault(body.Span, out var end);
            if (fault is null && end < body.Length)
                return Parse(body[..end], out cause);
            // Go has no fault to find: the text is deeper than we read.
            cause = fault ?? GoJsonSyntax.TooDeep;
            return null;
        }
    }
}
