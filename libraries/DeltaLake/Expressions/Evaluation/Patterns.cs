using System.Collections.Concurrent;
using System.Text;
using System.Text.RegularExpressions;

namespace RealTimeMesh.DeltaLake.Expressions;

/// <summary>LIKE, ILIKE and RLIKE.</summary>
internal static class Patterns
{
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(1);

    public static Vector<bool> Match(LikeTest like, Vector operand, Vector pattern, Rows rows)
    {
        var cache = new ConcurrentDictionary<string, Regex>(StringComparer.Ordinal);
        return VectorMath.Map<string, string, bool>(operand, pattern, (text, form) => cache.GetOrAdd(form, key => Compile(like, key)).IsMatch(text), rows, like);
    }

    /// <summary>The text that every match begins with, and whether the pattern asks for nothing but that beginning.</summary>
    public static (string Prefix, bool IsExact) Prefix(string pattern, char escape)
    {
        var prefix = new StringBuilder();
        for (var i = 0; i < pattern.Length; i++)
        {
            if (pattern[i] == escape && i + 1 < pattern.Length)
                prefix.Append(pattern[++i]);
            else if (pattern[i] is '%' or '_')
                return (prefix.ToString(), false);
            else
                prefix.Append(pattern[i]);
        }

        return (prefix.ToString(), true);
    }

    private static Regex Compile(LikeTest like, string pattern)
    {
        try
        {
            return like.Kind == LikeKind.Regex
                ? new Regex(pattern, RegexOptions.CultureInvariant, s_limit)
                : new Regex(Translate(pattern, like.Escape), RegexOptions.Singleline | RegexOptions.CultureInvariant | (like.Kind == LikeKind.IgnoringCase ? RegexOptions.IgnoreCase : RegexOptions.None), s_limit);
        }
        catch (RegexParseException exception)
        {
            throw new ExpressionException(like.Pattern.Position, $"found pattern '{pattern}': {exception.Message}; expected a regular expression", exception);
        }
    }

    private static string Translate(string pattern, char escape)
    {
        var regex = new StringBuilder("\\A");
        for (var i = 0; i < pattern.Length; i++)
        {
            if (pattern[i] == escape && i + 1 < pattern.Length)
                regex.Append(Regex.Escape(pattern[++i].ToString()));
            else
                regex.Append(pattern[i] switch { '%' => ".*", '_' => "(?:[\\uD800-\\uDBFF][\\uDC00-\\uDFFF]|.)", var c => Regex.Escape(c.ToString()) });
        }

        return regex.Append("\\z").ToString();
    }
}
