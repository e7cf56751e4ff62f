using System.Text;
using System.Text.Unicode;
using Microsoft.AspNetCore.Http;
using RealTimeMesh.Contracts;

namespace RealTimeMesh.Ingestion.CloudEvents;

/// <summary>The binary mode of the HTTP binding: attributes are headers <c>ce-*</c>, the data is the body.</summary>
internal static class BinaryMode
{
    private const string Prefix = "ce-";

    /// <summary>The header that says so.</summary>
    private const string Mark = "ce-specversion";

    public static bool Is(HttpRequest request) =>
        request.Headers.ContainsKey(Mark) && request.ContentType?.StartsWith("application/cloudevents", StringComparison.OrdinalIgnoreCase) != true;

    /// <summary>The headers of a request that are attributes, in the order of their names.</summary>
    public static IReadOnlyList<KeyValuePair<string, string>> Headers(HttpRequest request) =>
    [
        .. request.Headers.Where(header => header.Key.StartsWith(Prefix, StringComparison.OrdinalIgnoreCase))
            .SelectMany(header => header.Value.Select(value => new KeyValuePair<string, string>(header.Key[Prefix.Length..].ToLowerInvariant(), value ?? "")))
            .OrderBy(header => header.Key, StringComparer.Ordinal),
    ];

    /// <summary>Reads the attributes. False, with the name of the one that is wrong, where they are none of an event.</summary>
    public static bool TryRead(IReadOnlyList<KeyValuePair<string, string>> headers, string contentType, out EventAttributes attributes, out RowFault fault)
    {
        attributes = new EventAttributes();
        if (contentType.Length > 0 && !attributes.TryAdd("datacontenttype", contentType, out fault))
            return false;
        foreach (var (name, value) in headers)
        {
            if (!TryDecode(value, out var text))
                return EventAttributes.Refuse(name, $"'{value}'", "UTF-8 behind the percent encoding", out fault);
            if (!attributes.TryAdd(name, text, out fault))
                return false;
        }

        return attributes.TryComplete(out fault);
    }

    /// <summary>A header's text, of which each character is a byte as it came: UTF-8 where it is that, else ISO 8859-1.</summary>
    public static string Text(string value) =>
        !Ascii.IsValid(value) && Encoding.Latin1.GetBytes(value) is var bytes && Utf8.IsValid(bytes) ? Encoding.UTF8.GetString(bytes) : value;

    /// <summary>Takes off quotes and percent encoding, as the binding says; a % that encodes nothing is one, as some clients mean it.</summary>
    private static bool TryDecode(string value, out string text)
    {
        text = value = Text(value);
        if (value is ['"', .. var quoted, '"'])
            text = quoted.Replace("\\\"", "\"", StringComparison.Ordinal).Replace("\\\\", "\\", StringComparison.Ordinal);
        if (!text.Contains('%'))
            return true;
        var bytes = new List<byte>(text.Length);
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] != '%' || i + 2 >= text.Length || !char.IsAsciiHexDigit(text[i + 1]) || !char.IsAsciiHexDigit(text[i + 2]))
            {
                bytes.AddRange(Encoding.UTF8.GetBytes(text, i, char.IsHighSurrogate(text[i]) && i + 1 < text.Length ? 2 : 1));
                if (char.IsHighSurrogate(text[i]))
                    i++;
                continue;
            }

            bytes.Add(Convert.FromHexString(text.AsSpan(i + 1, 2))[0]);
            i += 2;
        }

        var decoded = bytes.ToArray();
        text = Encoding.UTF8.GetString(decoded);
        return Utf8.IsValid(decoded);
    }
}
