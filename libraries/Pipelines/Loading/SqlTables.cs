namespace RealTimeMesh.Pipelines;

/// <summary>A name that a query reads from, with its line in the SQL text.</summary>
internal readonly record struct SqlName(string Name, int Line);

/// <summary>
/// Finds the tables that a query reads: the names after FROM and JOIN, and in the comma lists that follow FROM.
/// A tokenizer, not a parser: strings and comments are passed over, names of common table expressions left out.
/// </summary>
internal static class SqlTables
{
    // In these calls FROM separates arguments: extract(hour from t).
    private static readonly HashSet<string> CallsWithFrom = new(StringComparer.OrdinalIgnoreCase) { "extract", "trim", "substring", "overlay", "position" };

    private static readonly HashSet<string> ClauseEnds = new(StringComparer.OrdinalIgnoreCase)
    {
        "where", "group", "order", "having", "limit", "union", "intersect", "except", "window", "qualify", "select", "values", "on", "using",
    };

    private static readonly HashSet<string> NotNames = new(StringComparer.OrdinalIgnoreCase) { "select", "values", "lateral", "unnest", "with" };

    public static IReadOnlyList<SqlName> Find(string sql)
    {
        var words = Read(sql);
        var ctes = CommonTableExpressions(words);
        var found = new List<SqlName>();
        var calls = new Stack<(bool SplitsByFrom, bool InFrom)>();
        var inFrom = false;
        var splitsByFrom = false;
        for (var i = 0; i < words.Count; i++)
        {
            var word = words[i];
            if (word.Is("("))
            {
                calls.Push((splitsByFrom, inFrom));
                splitsByFrom = i > 0 && CallsWithFrom.Contains(words[i - 1].Text);
                // "from (a join b)" is still the from clause; a call's arguments and an alias' columns are not.
                inFrom &= i == 0 || !words[i - 1].IsName || words[i - 1].Is("from") || words[i - 1].Is("join");
                if (inFrom)
                    AddName(words, i + 1, ctes, found);
            }
            else if (word.Is(")"))
            {
                if (calls.TryPop(out var outer))
                    (splitsByFrom, inFrom) = outer;
            }
            else if (word.IsWord && (word.Is("from") || word.Is("join")))
            {
                if (splitsByFrom || (i > 0 && words[i - 1].Is("distinct") && !IsSelectDistinct(words, i - 1)))
                    continue;
                inFrom = true;
                AddName(words, i + 1, ctes, found);
            }
            else if (word.Is(",") && inFrom)
                AddName(words, i + 1, ctes, found);
            else if (word.IsWord && ClauseEnds.Contains(word.Text))
                inFrom = false;
        }

        return found;
    }

    private static bool IsSelectDistinct(List<Word> words, int distinct) => distinct > 0 && words[distinct - 1].Is("select");

    private static void AddName(List<Word> words, int at, HashSet<string> ctes, List<SqlName> found)
    {
        if (at >= words.Count || !words[at].IsName || (words[at].IsWord && NotNames.Contains(words[at].Text)))
            return;
        var name = words[at].Text;
        var line = words[at].Line;
        while (at + 2 < words.Count && words[at + 1].Is(".") && words[at + 2].IsName)
        {
            at += 2;
            name += "." + words[at].Text;
        }

        var isCall = at + 1 < words.Count && words[at + 1].Is("(");
        if (!isCall && !ctes.Contains(name) && !found.Exists(f => f.Name == name))
            found.Add(new SqlName(name, line));
    }

    /// <summary>Names in <c>with name [(columns)] as (</c> and <c>, name as (</c>.</summary>
    private static HashSet<string> CommonTableExpressions(List<Word> words)
    {
        var names = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        if (!words.Exists(w => w.IsWord && w.Is("with")))
            return names;
        for (var i = 1; i < words.Count; i++)
        {
            if (!words[i].IsName || !(words[i - 1].Is("with") || words[i - 1].Is("recursive") || words[i - 1].Is(",")))
                continue;
            var next = i + 1;
            if (next < words.Count && words[next].Is("("))
            {
                while (next < words.Count && !words[next].Is(")"))
                    next++;
                next++;
            }

            if (next + 1 < words.Count && words[next].Is("as") && (words[next + 1].Is("(") || words[next + 1].Is("materialized") || words[next + 1].Is("not")))
                names.Add(words[i].Text);
        }

        return names;
    }

    private static List<Word> Read(string sql)
    {
        var words = new List<Word>();
        var line = 1;
        var i = 0;
        while (i < sql.Length)
        {
            var start = i;
            var c = sql[i];
            if (c == '-' && i + 1 < sql.Length && sql[i + 1] == '-')
                i = IndexOrEnd(sql, "\n", i);
            else if (c == '/' && i + 1 < sql.Length && sql[i + 1] == '*')
                i = Math.Min(sql.Length, IndexOrEnd(sql, "*/", i + 2) + 2);
            else if (c is '\'' or '"' or '`')
            {
                do
                    i = Math.Min(sql.Length, IndexOrEnd(sql, c.ToString(), i + 1) + 1);
                while (i < sql.Length && sql[i] == c);
                if (c != '\'')
                    words.Add(new Word(sql[(start + 1)..Math.Max(start + 1, i - 1)], line, Quoted: true));
            }
            else if (char.IsLetterOrDigit(c) || c == '_')
            {
                while (i < sql.Length && (char.IsLetterOrDigit(sql[i]) || sql[i] is '_' or '$'))
                    i++;
                words.Add(new Word(sql[start..i], line, Quoted: false));
            }
            else
            {
                if (!char.IsWhiteSpace(c))
                    words.Add(new Word(c.ToString(), line, Quoted: false));
                i++;
            }

            line += sql.AsSpan(start, i - start).Count('\n');
        }

        return words;
    }

    private static int IndexOrEnd(string sql, string what, int from)
    {
        var index = from >= sql.Length ? -1 : sql.IndexOf(what, from, StringComparison.Ordinal);
        return index < 0 ? sql.Length : index;
    }

    private readonly record struct Word(string Text, int Line, bool Quoted)
    {
        public bool IsWord => !Quoted && IsName;

        public bool IsName => Quoted || char.IsLetter(Text[0]) || Text[0] == '_';

        public bool Is(string text) => !Quoted && Text.Equals(text, StringComparison.OrdinalIgnoreCase);
    }
}
