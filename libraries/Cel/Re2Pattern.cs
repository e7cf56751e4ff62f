using System.Text;
using System.Text.RegularExpressions;

namespace RealTimeMesh.Cel;

/// <summary>
/// Regular expressions in RE2's dialect, matched in linear time: written anew for .NET where the dialects differ.
/// </summary>
internal static class Re2Pattern
{
    private static readonly Dictionary<string, string> PosixClasses = new(StringComparer.Ordinal)
    {
        ["alnum"] = "0-9A-Za-z",
        ["alpha"] = "A-Za-z",
        ["ascii"] = @"\x00-\x7F",
        ["blank"] = @"\t ",
        ["cntrl"] = @"\x00-\x1F\x7F",
        ["digit"] = "0-9",
        ["graph"] = "!-~",
        ["lower"] = "a-z",
        ["print"] = " -~",
        ["punct"] = @"!-/:-@\[-`{-~",
        ["space"] = @"\t\n\v\f\r ",
        ["upper"] = "A-Z",
        ["word"] = "0-9A-Za-z_",
        ["xdigit"] = "0-9A-Fa-f",
    };

    /// <summary>Null with the fault where the pattern is none.</summary>
    public static Regex? TryCompile(string pattern, out string fault)
    {
        try
        {
            fault = "";
            return new Regex(Translate(pattern), RegexOptions.NonBacktracking | RegexOptions.CultureInvariant);
        }
        catch (Exception exception) when (exception is ArgumentException or NotSupportedException)
        {
            fault = $"error parsing regexp: {exception.Message}";
            return null;
        }
    }

    private static string Translate(string pattern)
    {
        var text = new StringBuilder(pattern.Length + 16);
        var isMultiline = false;
        for (var i = 0; i < pattern.Length; i++)
        {
            var next = pattern[i];
            if (next == '\\' && i + 1 < pattern.Length)
            {
                i = Escape(pattern, i, text, inClass: false);
            }
            else if (next == '[')
            {
                i = Class(pattern, i, text);
            }
            else if (next == '(' && pattern.AsSpan(i).StartsWith("(?P<", StringComparison.Ordinal))
            {
                text.Append("(?<");
                i += 3;
            }
            else if (next == '(' && pattern.AsSpan(i).StartsWith("(?", StringComparison.Ordinal))
            {
                var end = pattern.AsSpan(i).IndexOfAny(')', ':');
                var flags = end < 0 ? "" : pattern[(i + 2)..(i + end)];
                var (on, off) = flags.IndexOf('-', StringComparison.Ordinal) is var minus and >= 0 ? (flags[..minus], flags[minus..]) : (flags, "");
                isMultiline = (isMultiline || on.Contains('m', StringComparison.Ordinal)) && !off.Contains('m', StringComparison.Ordinal);
                text.Append(next);
            }
            else if (next == '$' && !isMultiline)
            {
                // .NET's $ is also true before a last line end.
                text.Append(@"\z");
            }
            else
            {
                text.Append(next);
            }
        }

        return text.ToString();
    }

    /// <summary>Writes the escape at a place; gives the place of its last character.</summary>
    private static int Escape(string pattern, int i, StringBuilder text, bool inClass)
    {
        var (open, close) = inClass ? ("", "") : ("[", "]");
        switch (pattern[i + 1])
        {
            case 'd':
                text.Append(open).Append("0-9").Append(close);
                return i + 1;
            case 'w':
                text.Append(open).Append("0-9A-Za-z_").Append(close);
                return i + 1;
            case 's':
                text.Append(open).Append(@"\t\n\f\r ").Append(close);
                return i + 1;
            case 'D' when !inClass:
                text.Append("[^0-9]");
                return i + 1;
            case 'W' when !inClass:
                text.Append("[^0-9A-Za-z_]");
                return i + 1;
            case 'S' when !inClass:
                text.Append(@"[^\t\n\f\r ]");
                return i + 1;
            case 'Q' when !inClass:
                var end = pattern.IndexOf(@"\E", i + 2, StringComparison.Ordinal);
                var literal = end < 0 ? pattern[(i + 2)..] : pattern[(i + 2)..end];
                text.Append(Regex.Escape(literal));
                return end < 0 ? pattern.Length - 1 : end + 1;
            case 'x' when i + 2 < pattern.Length && pattern[i + 2] == '{' && pattern.IndexOf('}', i) is var brace and > 0:
                var code = int.TryParse(pattern.AsSpan(i + 3, brace - i - 3), System.Globalization.NumberStyles.AllowHexSpecifier, System.Globalization.CultureInfo.InvariantCulture, out var value) && Rune.IsValid(value)
                    ? new Rune(value).ToString()
                    : throw new ArgumentException($"invalid escape sequence: `{pattern[i..(brace + 1)]}`");
                text.Append(Regex.Escape(code));
                return brace;
            case 'p' or 'P' when i + 2 < pattern.Length && pattern[i + 2] != '{':
                text.Append('\\').Append(pattern[i + 1]).Append('{').Append(pattern[i + 2]).Append('}');
                return i + 2;
            case >= '1' and <= '9' or 'Z' or 'G' or 'k':
                throw new ArgumentException($"invalid escape sequence: `{pattern[i..(i + 2)]}`");
            default:
                text.Append(pattern, i, 2);
                return i + 1;
        }
    }

    private static int Class(string pattern, int i, StringBuilder text)
    {
        text.Append('[');
        i++;
        if (i < pattern.Length && pattern[i] == '^')
            text.Append(pattern[i++]);
        var isFirst = true;
        for (; i < pattern.Length && (pattern[i] != ']' || isFirst); i++, isFirst = false)
        {
            if (pattern[i] == '\\' && i + 1 < pattern.Length)
            {
                i = Escape(pattern, i, text, inClass: true);
            }
            else if (pattern[i] == '[' && i + 1 < pattern.Length && pattern[i + 1] == ':' && pattern.IndexOf(":]", i + 2, StringComparison.Ordinal) is var end and > 0)
            {
                text.Append(PosixClasses.TryGetValue(pattern[(i + 2)..end], out var set) ? set : throw new ArgumentException($"invalid character class range: `{pattern[i..(end + 2)]}`"));
                i = end + 1;
            }
            else
            {
                // .NET reads an opening bracket after a dash as the start of a subtraction.
                text.Append(pattern[i] is '[' or ']' ? "\\" : "").Append(pattern[i]);
            }
        }

        text.Append(']');
        return i;
    }
}
