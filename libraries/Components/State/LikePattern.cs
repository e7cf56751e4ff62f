using System.Text;
using System.Text.RegularExpressions;

namespace RealTimeMesh.Components;

/// <summary>SQL LIKE patterns with <c>\</c> as escape, as Dapr's state stores take them.</summary>
public static class LikePattern
{
    /// <summary>The same as a regular expression over whole keys; linear in the key's length. Throws <see cref="StatePatternException"/> where the pattern is empty.</summary>
    public static Regex ToRegex(string pattern)
    {
        var text = new StringBuilder("^", pattern.Length + 8);
        Translate(pattern, literal => text.Append(Regex.Escape(literal.ToString())), any: () => text.Append(".*"), one: () => text.Append('.'));
        return new Regex(text.Append("\\z").ToString(), RegexOptions.NonBacktracking | RegexOptions.Singleline | RegexOptions.CultureInvariant);
    }

    /// <summary>The same as the glob of Redis's SCAN. Throws <see cref="StatePatternException"/> where the pattern is empty.</summary>
    public static string ToGlob(string pattern)
    {
        var text = new StringBuilder(pattern.Length + 8);
        Translate(
            pattern,
            literal =>
            {
                if (literal is '*' or '?' or '[' or ']' or '\\')
                    text.Append('\\');
                text.Append(literal);
            },
            any: () => text.Append('*'),
            one: () => text.Append('?'));
        return text.ToString();
    }

    private static void Translate(string pattern, Action<char> literal, Action any, Action one)
    {
        if (pattern.Length == 0)
            throw StatePatternException.EmptyPattern();
        for (var i = 0; i < pattern.Length; i++)
        {
            switch (pattern[i])
            {
                case '\\' when i + 1 < pattern.Length:
                    literal(pattern[++i]);
                    break;
                case '%':
                    any();
                    break;
                case '_':
                    one();
                    break;
                default:
                    literal(pattern[i]);
                    break;
            }
        }
    }
}
