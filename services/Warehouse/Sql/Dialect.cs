using System.Text;

namespace RealTimeMesh.Warehouse.Sql;

/// <summary>Writes Snowflake tokens as DuckDB SQL: types, stage-free expressions, functions that differ only in form.</summary>
internal static class Dialect
{
    /// <summary>Snowflake's types by DuckDB's. FLOAT is 64-bit in Snowflake; a NUMBER without precision is NUMBER(38,0).</summary>
    private static readonly Dictionary<string, string> Types = new(StringComparer.Ordinal)
    {
        ["NUMBER"] = "DECIMAL", ["NUMERIC"] = "DECIMAL", ["DECIMAL"] = "DECIMAL",
        ["INT"] = "BIGINT", ["INTEGER"] = "BIGINT", ["BIGINT"] = "BIGINT", ["SMALLINT"] = "BIGINT", ["TINYINT"] = "BIGINT", ["BYTEINT"] = "BIGINT",
        ["FLOAT"] = "DOUBLE", ["FLOAT4"] = "DOUBLE", ["FLOAT8"] = "DOUBLE", ["REAL"] = "DOUBLE", ["DOUBLE"] = "DOUBLE",
        ["STRING"] = "VARCHAR", ["TEXT"] = "VARCHAR", ["CHAR"] = "VARCHAR", ["VARCHAR"] = "VARCHAR",
        ["BINARY"] = "BLOB", ["VARBINARY"] = "BLOB",
        ["TIMESTAMP_NTZ"] = "TIMESTAMP", ["TIMESTAMP"] = "TIMESTAMP", ["DATETIME"] = "TIMESTAMP",
        ["TIMESTAMP_TZ"] = "TIMESTAMPTZ", ["TIMESTAMP_LTZ"] = "TIMESTAMPTZ",
        ["BOOLEAN"] = "BOOLEAN", ["DATE"] = "DATE", ["TIME"] = "TIME", ["VARIANT"] = "JSON",
    };

    private static readonly HashSet<string> NoArguments = new(StringComparer.Ordinal) { "CURRENT_TIMESTAMP", "CURRENT_DATE", "CURRENT_TIME", "LOCALTIMESTAMP" };

    /// <summary>An expression or a query.</summary>
    public static string Translate(IReadOnlyList<Token> tokens)
    {
        var sql = new StringBuilder();
        for (var i = 0; i < tokens.Count; i++)
        {
            var token = tokens[i];
            if (token.Kind == TokenKind.Stage)
                throw SqlFault.Unsupported($"a query of the stage '@{token.Value}'", "stages in COPY INTO only");
            if (i > 0 && (token.SpaceBefore || NeedsSpace(tokens[i - 1], token)))
                sql.Append(' ');
            if (token.Kind == TokenKind.Word && i > 0 && IsTypePosition(tokens, i) && Types.ContainsKey(token.Value))
            {
                i = AppendType(sql, tokens, i);
                continue;
            }

            sql.Append(token.ToDuckDb());
            if (token.Kind == TokenKind.Word && NoArguments.Contains(token.Value) && At(tokens, i + 1, "(") && At(tokens, i + 2, ")"))
                i += 2;
        }

        return sql.ToString();
    }

    /// <summary>The body of CREATE TABLE ( … ): names, types, NOT NULL, DEFAULT. Keys are dropped: Snowflake does not enforce them.</summary>
    public static string TranslateColumns(IReadOnlyList<Token> body)
    {
        var columns = new List<string>();
        foreach (var item in SplitAtCommas(body))
        {
            if (item[0].Kind == TokenKind.Word && item[0].Value is "PRIMARY" or "UNIQUE" or "FOREIGN" or "CONSTRAINT")
                continue;
            if (!item[0].IsName || item.Count < 2)
                throw SqlFault.Syntax($"found '{item[0].Value}'; expected a column's name and type");
            var sql = new StringBuilder(new Token(TokenKind.Quoted, item[0].Value, false).ToDuckDb()).Append(' ');
            if (!Types.ContainsKey(item[1].Value))
                throw SqlFault.Syntax($"column {item[0].Value}: unsupported data type '{item[1].Value}'; expected one of {string.Join(", ", Types.Keys)}");
            var next = AppendType(sql, item, 1) + 1;
            while (next < item.Count)
            {
                if (At(item, next, "PRIMARY") && At(item, next + 1, "KEY"))
                    next += 2;
                else if (At(item, next, "UNIQUE"))
                    next++;
                else if (At(item, next, "COMMENT"))
                    next = item.Count;
                else if (At(item, next, "AUTOINCREMENT") || At(item, next, "IDENTITY"))
                    throw SqlFault.Unsupported($"column {item[0].Value}: {item[next].Value}", "a plain column");
                else
                    sql.Append(' ').Append(item[next++].ToDuckDb());
            }

            columns.Add(sql.ToString());
        }

        return string.Join(", ", columns);
    }

    private static bool IsTypePosition(IReadOnlyList<Token> tokens, int i)
    {
        if (tokens[i - 1].Is("::"))
            return true;
        if (!tokens[i - 1].Is("AS"))
            return false;
        // CAST(x AS type): the type ends at the parenthesis that CAST opened; an alias after AS is followed by something else.
        var depth = 0;
        for (var back = i - 2; back >= 0; back--)
        {
            depth += tokens[back].Is(")") ? 1 : tokens[back].Is("(") ? -1 : 0;
            if (depth < 0)
                return back > 0 && (tokens[back - 1].Is("CAST") || tokens[back - 1].Is("TRY_CAST"));
        }

        return false;
    }

    /// <summary>Writes the type at <paramref name="i"/> and returns the index of its last token.</summary>
    private static int AppendType(StringBuilder sql, IReadOnlyList<Token> tokens, int i)
    {
        var type = Types[tokens[i].Value];
        sql.Append(type);
        var last = i;
        if (tokens[i].Value == "DOUBLE" && At(tokens, i + 1, "PRECISION"))
            last++;
        var arguments = "";
        if (At(tokens, last + 1, "("))
        {
            var end = last + 2;
            while (end < tokens.Count && !tokens[end].Is(")"))
                end++;
            arguments = string.Concat(tokens.Skip(last + 2).Take(end - last - 2).Select(token => token.Value));
            last = end;
        }

        if (type == "DECIMAL")
            sql.Append('(').Append(arguments.Length == 0 ? "38,0" : arguments.Contains(',', StringComparison.Ordinal) ? arguments : $"{arguments},0").Append(')');
        return last;
    }

    private static IEnumerable<IReadOnlyList<Token>> SplitAtCommas(IReadOnlyList<Token> tokens)
    {
        var depth = 0;
        var item = new List<Token>();
        foreach (var token in tokens)
        {
            depth += token.Is("(") ? 1 : token.Is(")") ? -1 : 0;
            if (depth == 0 && token.Is(","))
            {
                yield return item.Count > 0 ? item : throw SqlFault.Syntax("found ','; expected a column");
                item = [];
            }
            else
            {
                item.Add(token);
            }
        }

        yield return item.Count > 0 ? item : throw SqlFault.Syntax("found no columns");
    }

    private static bool At(IReadOnlyList<Token> tokens, int i, string word) => i < tokens.Count && tokens[i].Is(word);

    private static bool NeedsSpace(Token left, Token right) =>
        left.Kind is not TokenKind.Symbol && right.Kind is not TokenKind.Symbol;
}
