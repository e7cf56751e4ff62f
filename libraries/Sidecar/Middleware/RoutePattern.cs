using System.Text;
using System.Text.RegularExpressions;
using RealTimeMesh.Cel;

namespace RealTimeMesh.Sidecar.Middleware;

/// <summary>
/// A path with variables as the router of daprd's component reads it: <c>{name}</c> stands for one segment,
/// <c>{name:expression}</c> for what the expression (RE2) matches. A path that cannot be read matches nothing.
/// </summary>
internal sealed class RoutePattern
{
    private const string OneSegment = "[^/]+";

    private readonly Regex? _regex;
    private readonly IReadOnlyList<string> _names;

    private RoutePattern(Regex? regex, IReadOnlyList<string> names) => (_regex, _names) = (regex, names);

    public static RoutePattern Parse(string template)
    {
        if (!template.StartsWith('/'))
            return new RoutePattern(null, []);
        var text = new StringBuilder("^");
        var names = new List<string>();
        for (var at = 0; at < template.Length;)
        {
            if (template[at] == '}')
                return new RoutePattern(null, []);
            if (template[at] != '{')
            {
                var end = template.AsSpan(at).IndexOfAny('{', '}') is var brace and >= 0 ? at + brace : template.Length;
                text.Append(Quote(template[at..end]));
                at = end;
                continue;
            }

            if (EndOf(template, at) is not { } close || Variable(template[(at + 1)..close]) is not { } variable || names.Contains(variable.Name, StringComparer.Ordinal))
                return new RoutePattern(null, []);
            text.Append("(?P<v").Append(names.Count).Append('>').Append(variable.Expression).Append(')');
            names.Add(variable.Name);
            at = close + 1;
        }

        // Groups of the user's own are refused: variables count groups.
        return Re2Pattern.TryCompile(text.Append('$').ToString(), out _) is { } regex && regex.GetGroupNumbers().Length == names.Count + 1
            ? new RoutePattern(regex, names)
            : new RoutePattern(null, []);
    }

    /// <summary>The values of the variables, null where the path is another.</summary>
    public IReadOnlyList<KeyValuePair<string, string>>? Match(string path)
    {
        if (_regex is null)
            return null;
        if (_names.Count == 0)
            return _regex.IsMatch(path) ? [] : null;
        var match = _regex.Match(path);
        return match.Success ? [.. _names.Select((name, i) => KeyValuePair.Create(name, match.Groups["v" + i].Value))] : null;
    }

    /// <summary>The place of the brace that closes the one at a place; braces may be nested.</summary>
    private static int? EndOf(string template, int open)
    {
        var depth = 0;
        for (var at = open; at < template.Length; at++)
        {
            depth += template[at] switch { '{' => 1, '}' => -1, _ => 0 };
            if (depth == 0)
                return at;
        }

        return null;
    }

    private static (string Name, string Expression)? Variable(string text)
    {
        var colon = text.IndexOf(':', StringComparison.Ordinal);
        var (name, expression) = colon < 0 ? (text, OneSegment) : (text[..colon], text[(colon + 1)..]);
        return name.Length > 0 && expression.Length > 0 ? (name, expression) : null;
    }

    /// <summary>In RE2 everything but letters, digits and underscores may be escaped; .NET takes the same for ASCII.</summary>
    private static string Quote(string literal)
    {
        var quoted = new StringBuilder(literal.Length + 8);
        foreach (var next in literal)
        {
            if (@"\.+*?()|[]{}^$".Contains(next, StringComparison.Ordinal))
                quoted.Append('\\');
            quoted.Append(next);
        }

        return quoted.ToString();
    }
}
