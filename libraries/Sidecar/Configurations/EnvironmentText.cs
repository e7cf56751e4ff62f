using System.Text;

namespace RealTimeMesh.Sidecar.Configurations;

/// <summary>Replaces variables in a text as a shell would, without its operators.</summary>
internal static class EnvironmentText
{
    /// <summary><c>$NAME</c> and <c>${NAME}</c> by their values; nothing where there is none. A <c>$</c> before anything else stays.</summary>
    public static string Expand(string text, Func<string, string?> environment)
    {
        if (!text.Contains('$', StringComparison.Ordinal))
            return text;
        var result = new StringBuilder(text.Length);
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] != '$' || i + 1 == text.Length)
            {
                result.Append(text[i]);
                continue;
            }

            var (name, length) = NameAt(text, i + 1);
            if (name.Length > 0)
                result.Append(environment(name));
            else if (length == 0)
                result.Append('$');
            i += length;
        }

        return result.ToString();
    }

    private static (string Name, int Length) NameAt(string text, int at)
    {
        if (text[at] == '{')
        {
            var end = text.IndexOf('}', at);
            // An open brace without its partner is taken away alone.
            return end < 0 ? ("", 1) : (text[(at + 1)..end], end - at + 1);
        }

        var length = 0;
        while (at + length < text.Length && (char.IsAsciiLetterOrDigit(text[at + length]) || text[at + length] == '_'))
            length++;
        return (text.Substring(at, length), length);
    }
}
