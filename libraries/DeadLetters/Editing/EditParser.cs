using RealTimeMesh.Topics.Requests;

namespace RealTimeMesh.DeadLetters.Editing;

/// <summary>Takes an edit's text apart: <c>set FIELD = EXPRESSION, … drop FIELD, … where CONDITION</c>. What stands in quotes, parentheses or a CASE is passed over.</summary>
internal static class EditParser
{
    private const string Form = "set FIELD = EXPRESSION, … drop FIELD, … where CONDITION, such as: set price = cast(price as double) where venue = 'X'";

    public static EditRequest Parse(string text)
    {
        var (set, drop, where) = (new Dictionary<string, string>(StringComparer.Ordinal), new List<string>(), (string?)null);
        foreach (var (word, rest) in Clauses(text))
        {
            switch (word)
            {
                case "set":
                    foreach (var part in Split(rest))
                    {
                        var equals = part.IndexOf('=');
                        var name = equals < 0 ? "" : Name(part[..equals]);
                        if (name.Length == 0 || part[(equals + 1)..].Trim().Length == 0 || !set.TryAdd(name, part[(equals + 1)..].Trim()))
                            throw Refuse.Invalid("expression", $"'{part.Trim()}'", "FIELD = EXPRESSION, each field once");
                    }

                    break;
                case "drop":
                    drop.AddRange(Split(rest).Select(Name));
                    break;
                default:
                    where = rest.Trim();
                    break;
            }
        }

        if ((set.Count == 0 && drop.Count == 0) || drop.Contains("") || where is "")
            throw Refuse.Invalid("expression", $"'{text.Trim()}'", Form);
        return new EditRequest { Set = set, Drop = drop, Where = where };
    }

    private static IEnumerable<(string Word, string Text)> Clauses(string text)
    {
        string? word = null;
        var start = 0;
        foreach (var (at, token) in Words(text))
        {
            if (token is not ("set" or "drop" or "where") || word == "where")
                continue;
            if (word is not null)
                yield return (word, text[start..at]);
            else if (text[..at].Trim().Length > 0)
                throw Refuse.Invalid("expression", $"'{text[..at].Trim()}'", Form);
            (word, start) = (token, at + token.Length);
        }

        if (word is null)
            throw Refuse.Invalid("expression", $"'{text.Trim()}'", Form);
        yield return (word, text[start..]);
    }

    private static IEnumerable<string> Split(string text)
    {
        var start = 0;
        foreach (var (at, token) in Words(text))
        {
            if (token != ",")
                continue;
            yield return text[start..at];
            start = at + 1;
        }

        yield return text[start..];
    }

    /// <summary>Words in lower case, and commas, outside of quotes, parentheses and CASE … END.</summary>
    private static IEnumerable<(int At, string Word)> Words(string text)
    {
        var depth = 0;
        for (var i = 0; i < text.Length; i++)
        {
            var c = text[i];
            if (c is '\'' or '"')
            {
                i = text.IndexOf(c, i + 1) is >= 0 and var end ? end : text.Length;
            }
            else if (c is '(' or ')')
            {
                depth += c == '(' ? 1 : -1;
            }
            else if (c == ',' && depth == 0)
            {
                yield return (i, ",");
            }
            else if (char.IsLetter(c) || c == '_')
            {
                var start = i;
                while (i + 1 < text.Length && (char.IsLetterOrDigit(text[i + 1]) || text[i + 1] == '_'))
                    i++;
                var word = text[start..(i + 1)].ToLowerInvariant();
                if (word is "case" or "end")
                    depth += word == "case" ? 1 : -1;
                else if (depth == 0)
                    yield return (start, word);
            }
        }
    }

    private static string Name(string text) => text.Trim() is ['"', .., '"'] quoted ? quoted[1..^1] : text.Trim();
}
