using System.Buffers;
using System.Globalization;
using System.Text;

namespace RealTimeMesh.Sidecar.Invocation;

/// <summary>
/// Turns a method name into the path of a URL as daprd's URL parser does: percent-encoded parts stand for what they
/// encode, and where a character has no place in a path, the whole path is encoded anew.
/// </summary>
internal static class GoPath
{
    private const string Unreserved = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.~";

    /// <summary>Stay as they stand where the path is sound.</summary>
    private static readonly SearchValues<char> Sound = SearchValues.Create(Unreserved + "!$&'()*+,;=:@[]/%");

    /// <summary>Stay as they stand where the path is encoded anew.</summary>
    private static readonly SearchValues<char> Plain = SearchValues.Create(Unreserved + "$&+,/:;=@");

    private static readonly SearchValues<char> Visible = SearchValues.Create(Enumerable.Range('!', '~' - '!' + 1).Select(code => (char)code).ToArray());

    /// <summary>Throws <see cref="InvokeException"/> where a percent sign begins no encoding.</summary>
    public static string Escape(string path, string url)
    {
        RequireEncodings(path, url);
        if (!path.AsSpan().ContainsAnyExcept(Sound))
            return path;
        var escaped = new StringBuilder(path.Length + 16);
        foreach (var octet in Unescape(path))
        {
            if (octet < 0x80 && Plain.Contains((char)octet))
                escaped.Append((char)octet);
            else
                escaped.Append('%').Append(octet.ToString("X2", CultureInfo.InvariantCulture));
        }

        return escaped.ToString();
    }

    /// <summary>A query is handed on as it came, save what cannot be in a request line.</summary>
    public static string Query(string query)
    {
        if (!query.AsSpan().ContainsAnyExcept(Visible))
            return query;
        var escaped = new StringBuilder(query.Length + 16);
        foreach (var octet in Encoding.UTF8.GetBytes(query))
        {
            if (octet is > 0x20 and < 0x7f)
                escaped.Append((char)octet);
            else
                escaped.Append('%').Append(octet.ToString("X2", CultureInfo.InvariantCulture));
        }

        return escaped.ToString();
    }

    private static void RequireEncodings(string path, string url)
    {
        for (var at = path.IndexOf('%'); at >= 0; at = path.IndexOf('%', at + 1))
        {
            if (at + 2 >= path.Length || !char.IsAsciiHexDigit(path[at + 1]) || !char.IsAsciiHexDigit(path[at + 2]))
                throw new InvokeException($"parse {GoText.Quote(url)}: invalid URL escape {GoText.Quote(path[at..Math.Min(path.Length, at + 3)])}");
        }
    }

    private static byte[] Unescape(string path)
    {
        var source = Encoding.UTF8.GetBytes(path);
        var target = new List<byte>(source.Length);
        for (var i = 0; i < source.Length; i++)
        {
            if (source[i] != '%')
            {
                target.Add(source[i]);
                continue;
            }

            target.Add(Convert.FromHexString([(char)source[i + 1], (char)source[i + 2]])[0]);
            i += 2;
        }

        return [.. target];
    }
}
