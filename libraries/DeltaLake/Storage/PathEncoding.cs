using System.Globalization;
using System.Text;

namespace RealTimeMesh.DeltaLake;

/// <summary>
/// The two encodings of a path: Hive's escaping of partition values in folder names, and the URI encoding of paths in the log.
/// Each is applied once and undone once; a folder <c>at=10%3A30</c> stands in the log as <c>at=10%253A30</c>.
/// </summary>
internal static class PathEncoding
{
    public const string NullPartition = "__HIVE_DEFAULT_PARTITION__";

    private const string HiveUnsafe = "\"#%'*/:=?\\{[]^ ";

    /// <summary>Percent-encodes what RFC 3986 does not allow in a relative path; also the colon, which would look like a scheme.</summary>
    public static string Encode(string path)
    {
        var output = new StringBuilder(path.Length + 16);
        Span<byte> utf8 = stackalloc byte[4];
        foreach (var rune in path.EnumerateRunes())
        {
            if (rune.IsAscii && (char.IsAsciiLetterOrDigit((char)rune.Value) || "-._~/=+,;@&$!()*".Contains((char)rune.Value, StringComparison.Ordinal)))
            {
                output.Append((char)rune.Value);
                continue;
            }

            var length = rune.EncodeToUtf8(utf8);
            foreach (var part in utf8[..length])
                output.Append('%').Append(part.ToString("X2", CultureInfo.InvariantCulture));
        }

        return output.ToString();
    }

    /// <summary>The file's path from the log's text; a <c>file:</c> URI becomes an absolute path.</summary>
    public static string Decode(string encoded)
    {
        if (encoded.StartsWith("file:", StringComparison.Ordinal))
            return LocalPath(encoded["file:".Length..]);
        if (encoded.Contains("://", StringComparison.Ordinal))
            throw new NotSupportedException($"path '{encoded}' is on another store; expected a path in the table's folder or a file: URI");
        return Uri.UnescapeDataString(encoded);
    }

    /// <summary>The path of a file: URI, which writers give as <c>file:/x</c>, <c>file:///x</c> and <c>file://localhost/x</c>.</summary>
    private static string LocalPath(string text)
    {
        if (text.StartsWith("//", StringComparison.Ordinal))
            text = text.IndexOf('/', 2) is >= 0 and var at ? text[at..] : "/";
        var path = Uri.UnescapeDataString(text);
        // A drive of Windows follows the slash: /C:/x.
        return path.Length > 2 && path[2] == ':' && char.IsAsciiLetter(path[1]) ? path[1..] : path;
    }

    /// <summary>The folder of one partition value, such as <c>day=2026-01-05</c>.</summary>
    public static string PartitionFolder(string column, string? value) => $"{HiveEscape(column)}={(value is null ? NullPartition : HiveEscape(value))}";

    private static string HiveEscape(string text)
    {
        var output = new StringBuilder(text.Length);
        foreach (var c in text)
        {
            if (c < ' ' || c == 0x7F || HiveUnsafe.Contains(c, StringComparison.Ordinal))
                output.Append('%').Append(((int)c).ToString("X2", CultureInfo.InvariantCulture));
            else
                output.Append(c);
        }

        return output.ToString();
    }
}
