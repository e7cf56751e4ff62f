using System.Buffers;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;

namespace RealTimeMesh.Sidecar.Json;

/// <summary>JSON strings as Go reads them: what is no valid Unicode becomes U+FFFD instead of an error.</summary>
internal static class GoJsonText
{
    public static string Of(JsonElement text) => Decode(JsonMarshal.GetRawUtf8Value(text)[1..^1]);

    public static string NameOf(JsonProperty property) => Decode(JsonMarshal.GetRawUtf8PropertyName(property));

    /// <summary>Go matches the names of fields without case.</summary>
    public static bool IsField(JsonProperty property, string field) => NameOf(property).Equals(field, StringComparison.OrdinalIgnoreCase);

    /// <summary>What Go's errors call the kind of a value.</summary>
    public static string Kind(JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.True or JsonValueKind.False => "bool",
        _ => element.ValueKind.ToString().ToLowerInvariant(),
    };

    /// <summary>The text of a string literal without its quotes.</summary>
    public static string Decode(ReadOnlySpan<byte> raw)
    {
        if (!raw.Contains((byte)'\\'))
            return Encoding.UTF8.GetString(raw);
        var text = new StringBuilder(raw.Length);
        while (true)
        {
            var escape = raw.IndexOf((byte)'\\');
            if (escape < 0)
                return text.Append(Encoding.UTF8.GetString(raw)).ToString();
            text.Append(Encoding.UTF8.GetString(raw[..escape]));
            raw = raw[escape..];
            raw = raw[1] == 'u' ? Unit(raw, text) : Simple(raw, text);
        }
    }

    private static ReadOnlySpan<byte> Simple(ReadOnlySpan<byte> raw, StringBuilder text)
    {
        text.Append((char)raw[1] switch { 'b' => '\b', 'f' => '\f', 'n' => '\n', 'r' => '\r', 't' => '\t', var same => same });
        return raw[2..];
    }

    private static ReadOnlySpan<byte> Unit(ReadOnlySpan<byte> raw, StringBuilder text)
    {
        var unit = Hex(raw);
        if (!char.IsSurrogate(unit))
        {
            text.Append(unit);
            return raw[6..];
        }

        if (char.IsHighSurrogate(unit) && raw.Length >= 12 && raw[6] == '\\' && raw[7] == 'u' && Hex(raw[6..]) is var low && char.IsLowSurrogate(low))
        {
            text.Append(unit).Append(low);
            return raw[12..];
        }

        text.Append('\uFFFD');
        return raw[6..];
    }

    private static char Hex(ReadOnlySpan<byte> escape) => (char)ushort.Parse(escape.Slice(2, 4), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);
}
