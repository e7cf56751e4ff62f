using System.Globalization;
using System.Text;
using System.Text.Unicode;

namespace RealTimeMesh.Sidecar.Json;

/// <summary>
/// JSON whose strings hold what is no Unicode: broken UTF-8, or the escape of half a surrogate pair. Go reads both as
/// U+FFFD; .NET's documents throw, and only when such a string is touched.
/// </summary>
internal static class GoUnicode
{
    private const int EscapeLength = 6;

    private static ReadOnlySpan<byte> Replacement => "\\ufffd"u8;

    /// <summary>The JSON with U+FFFD for such places; itself where it has none.</summary>
    public static ReadOnlyMemory<byte> Repaired(ReadOnlyMemory<byte> json) => RepairedCopy(json.Span) ?? json;

    /// <inheritdoc cref="Repaired(ReadOnlyMemory{byte})"/>
    public static ReadOnlySpan<byte> Repaired(ReadOnlySpan<byte> json) => RepairedCopy(json) is { } copy ? copy : json;

    private static byte[]? RepairedCopy(ReadOnlySpan<byte> json)
    {
        byte[]? copy = null;
        if (!Utf8.IsValid(json))
            json = copy = Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(json));
        for (var at = 0; Next(json, at) is var escape and >= 0;)
        {
            var length = EscapeLength;
            if (Unit(json, escape) is { } unit && char.IsSurrogate(unit))
            {
                if (char.IsHighSurrogate(unit) && Unit(json, escape + EscapeLength) is { } low && char.IsLowSurrogate(low))
                {
                    length = 2 * EscapeLength;
                }
                else
                {
                    if (copy is null)
                        json = copy = json.ToArray();
                    Replacement.CopyTo(copy.AsSpan(escape));
                }
            }
            else
            {
                // Past the escaped character: it may be a backslash itself.
                length = 2;
            }

            at = escape + length;
        }

        return copy;
    }

    private static int Next(ReadOnlySpan<byte> json, int from)
    {
        if (from >= json.Length)
            return -1;
        var found = json[from..].IndexOf((byte)'\\');
        return found < 0 ? -1 : from + found;
    }

    /// <summary>The code unit that an escape names; null where there is no whole <c>\uXXXX</c>.</summary>
    private static char? Unit(ReadOnlySpan<byte> json, int at) =>
        at + EscapeLength <= json.Length && json[at] == '\\' && json[at + 1] == 'u'
            && ushort.TryParse(json.Slice(at + 2, 4), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var unit)
            ? (char)unit
            : null;
}
