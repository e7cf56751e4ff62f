using System.Globalization;
using RealTimeMesh.Contracts;

namespace RealTimeMesh.Pipelines;

/// <summary>A precedence-climbing (Pratt) parser. Operators bind as in PostgreSQL and DuckDB.</summary>
internal sealed class Parser
{
    /// <summary>Nesting beyond this is refused, so that no text can exhaust the stack.</summary>
    private const int MaxDepth = 200;

    /// <summary>A chain of operators is a tree as deep as the chain is long.</summary>
    private const int MaxOperators = 2_000;

    private const int OrLevel = 1;
    private const int AndLevel = 2;
    private const int NotLevel = 3;
    private const int IsLevel = 4;
    private const int CompareLevel = 5;
    private const int MatchLevel = 6;
    private const int ConcatLevel = 7;
    private const int SumLevel = 8;
    private const int ProductLevel = 9;
    private const int UnaryLevel = 10;
    private const int CastLevel = 11;

    private static readonly HashSet<string> Reserved = new(StringComparer.OrdinalIgnoreCase)
    {
        "and", "or", "not", "is", "in", "between", "like", "case", "when", "then", "else", "end", "as", "distinct", "from",
    };

    private readonly List<Token> _tokens;
    private int _next;
    private int _depth;
    private int _operators;

    private Parser(string text) => _tokens = Lexer.Read(text);

    private Token Current => _tokens[_next];

    public static Syntax Parse(string text)
    {
        var parser = new Parser(text);
        var syntax = parser.Expression(0);
        if (parser.Current.Kind != TokenKind.End)
            throw new ExpressionException(parser.Current.Position, $"found {parser.Current.Describe()}; expected an operator or the end");
        return syntax;
    }

    private Syntax Expression(int level)
    {
        if (++_depth > MaxDepth)
            throw new ExpressionException(Current.Position, $"nested more than {MaxDepth} deep");
        var left = Prefix();
        while (InfixLevel() is var infix && infix > level)
        {
            if (++_operators > MaxOperators)
                throw new ExpressionException(Current.Position, $"more than {MaxOperators} operators");
            left = Infix(left, infix);
        }

        _depth--;
        return left;
    }

    private int InfixLevel()
    {
        var token = Current;
        return token.Kind switch
        {
            TokenKind.Symbol => token.Value switch
            {
                "=" or "<>" or "<" or "<=" or ">" or ">=" => CompareLevel,
                "||" => ConcatLevel,
                "+" or "-" => SumLevel,
                "*" or "/" or "%" => ProductLevel,
                "::" => CastLevel,
                _ => 0,
            },
            TokenKind.Name => token.Value.ToLowerInvariant() switch
            {
                "or" => OrLevel,
                "and" => AndLevel,
                "is" => IsLevel,
                "in" or "between" or "like" or "not" => MatchLevel,
                _ => 0,
            },
            _ => 0,
        };
    }

    private Syntax Infix(Syntax left, int level)
    {
        var token = Take();
        if (level == CastLevel)
            return new CastSyntax(token.Position, left, TypeName());
        if (level == IsLevel)
        {
            var negated = TryTakeWord("not");
            var at = Current.Position;
            Syntax test = TryTakeWord("null") ? new IsNullSyntax(token.Position, left)
                : TryTakeWord("true") ? IsBoolean(left, at, true)
                : TryTakeWord("false") ? IsBoolean(left, at, false)
                : throw new ExpressionException(at, $"found {Current.Describe()} after 'is'; expected null, true or false");
            return Negate(test, negated, token.Position);
        }

        if (level == MatchLevel)
        {
            var negated = token.IsWord("not");
            var word = negated ? Take() : token;
            Syntax match = word.Value.ToLowerInvariant() switch
            {
                "in" => new InSyntax(word.Position, left, List()),
                "like" => new LikeSyntax(word.Position, left, Expression(MatchLevel)),
                "between" => Between(word.Position, left),
                _ => throw new ExpressionException(word.Position, $"found {word.Describe()} after 'not'; expected in, like or between"),
            };
            return Negate(match, negated, token.Position);
        }

        return new BinarySyntax(token.Position, token.Value.ToLowerInvariant(), left, Expression(level));
    }

    private static Syntax Negate(Syntax test, bool negated, int position) => negated ? new UnarySyntax(position, "not", test) : test;

    /// <summary><c>x is true</c> is never NULL: <c>coalesce(x = true, false)</c>.</summary>
    private static CallSyntax IsBoolean(Syntax left, int position, bool value) =>
        new(position, "coalesce", [new BinarySyntax(position, "=", left, new BooleanSyntax(position, value)), new BooleanSyntax(position, false)], false, false);

    private BetweenSyntax Between(int position, Syntax left)
    {
        var low = Expression(MatchLevel);
        ExpectWord("and");
        return new BetweenSyntax(position, left, low, Expression(MatchLevel));
    }

    private Syntax Prefix()
    {
        var token = Take();
        switch (token.Kind)
        {
            case TokenKind.Integer:
                return long.TryParse(token.Value, NumberStyles.None, CultureInfo.InvariantCulture, out var integer)
                    ? new LongSyntax(token.Position, integer, FieldType.Int64)
                    : new FloatSyntax(token.Position, double.Parse(token.Value, CultureInfo.InvariantCulture));
            case TokenKind.Float:
                return new FloatSyntax(token.Position, double.Parse(token.Value, CultureInfo.InvariantCulture));
            case TokenKind.Text:
                return new TextSyntax(token.Position, token.Value);
            case TokenKind.QuotedName:
                return new FieldSyntax(token.Position, token.Value);
            case TokenKind.Name:
                return Named(token);
            case TokenKind.Symbol when token.Value == "(":
                var inner = Expression(0);
                ExpectSymbol(")");
                return inner;
            case TokenKind.Symbol when token.Value is "-" or "+":
                var operand = Expression(UnaryLevel);
                return token.Value == "+" ? operand : new UnarySyntax(token.Position, "-", operand);
            default:
                throw new ExpressionException(token.Position, $"found {token.Describe()}; expected a value, a field or '('");
        }
    }

    private Syntax Named(Token token)
    {
        var word = token.Value.ToLowerInvariant();
        switch (word)
        {
            case "true" or "false":
                return new BooleanSyntax(token.Position, word == "true");
            case "null":
                return new NullSyntax(token.Position);
            case "not":
                return new UnarySyntax(token.Position, "not", Expression(NotLevel));
            case "case":
                return Case(token.Position);
            case "cast" when Current.IsSymbol("("):
                return Cast(token.Position);
            case "date" or "timestamp" when Current.Kind == TokenKind.Text:
                return TimeLiteral(word, Take());
        }

        if (Reserved.Contains(word))
            throw new ExpressionException(token.Position, $"found the keyword '{token.Value}'; expected a value, a field or '('; a field of that name is written \"{token.Value}\"");
        return Current.IsSymbol("(") ? Call(token) : new FieldSyntax(token.Position, token.Value);
    }

    private static LongSyntax TimeLiteral(string word, Token text)
    {
        if (word == "date")
        {
            return TimeText.TryParseDate(text.Value, out var days)
                ? new LongSyntax(text.Position, days, FieldType.Date)
                : throw new ExpressionException(text.Position, $"'{text.Value}' is no date; expected such as date '2001-01-31'");
        }

        return TimeText.TryParseTimestamp(text.Value, out var micros)
            ? new LongSyntax(text.Position, micros, FieldType.Timestamp)
            : throw new ExpressionException(text.Position, $"'{text.Value}' is no timestamp; expected such as timestamp '2001-01-31 18:30:00'");
    }

    private CallSyntax Call(Token name)
    {
        ExpectSymbol("(");
        var arguments = new List<Syntax>();
        if (Current.IsSymbol("*"))
        {
            Take();
            ExpectSymbol(")");
            return new CallSyntax(name.Position, name.Value.ToLowerInvariant(), arguments, Star: true, Distinct: false);
        }

        var distinct = TryTakeWord("distinct");
        if (!Current.IsSymbol(")"))
        {
            arguments.Add(Expression(0));
            while (Current.IsSymbol(","))
            {
                Take();
                arguments.Add(Expression(0));
            }
        }

        ExpectSymbol(")");
        return new CallSyntax(name.Position, name.Value.ToLowerInvariant(), arguments, Star: false, distinct);
    }

    private CaseSyntax Case(int position)
    {
        var subject = Current.IsWord("when") ? null : Expression(0);
        var branches = new List<(Syntax, Syntax)>();
        while (TryTakeWord("when"))
        {
            var when = Expression(0);
            ExpectWord("then");
            branches.Add((when, Expression(0)));
        }

        if (branches.Count == 0)
            throw new ExpressionException(Current.Position, $"found {Current.Describe()}; expected 'when'");
        var otherwise = TryTakeWord("else") ? Expression(0) : null;
        ExpectWord("end");
        return new CaseSyntax(position, subject, branches, otherwise);
    }

    private CastSyntax Cast(int position)
    {
        ExpectSymbol("(");
        var operand = Expression(0);
        ExpectWord("as");
        var type = TypeName();
        ExpectSymbol(")");
        return new CastSyntax(position, operand, type);
    }

    private FieldType TypeName()
    {
        var token = Take();
        return token.Value.ToLowerInvariant() switch
        {
            "boolean" or "bool" => FieldType.Boolean,
            "int" or "integer" or "int4" => FieldType.Int32,
            "bigint" or "long" or "int8" => FieldType.Int64,
            "double" or "float8" => FieldType.Float64,
            "float" or "real" or "float4" => FieldType.Float32,
            "varchar" or "string" or "text" => FieldType.String,
            "date" => FieldType.Date,
            "timestamp" => FieldType.Timestamp,
            _ => throw new ExpressionException(token.Position, $"type {token.Describe()} is not known; expected boolean, int, bigint, float, double, varchar, date or timestamp"),
        };
    }

    private List<Syntax> List()
    {
        ExpectSymbol("(");
        var items = new List<Syntax> { Expression(0) };
        while (Current.IsSymbol(","))
        {
            Take();
            items.Add(Expression(0));
        }

        ExpectSymbol(")");
        return items;
    }

    private Token Take()
    {
        var token = Current;
        if (token.Kind != TokenKind.End)
            _next++;
        return token;
    }

    private bool TryTakeWord(string word)
    {
        if (!Current.IsWord(word))
            return false;
        _next++;
        return true;
    }

    private void ExpectWord(string word)
    {
        if (!TryTakeWord(word))
            throw new ExpressionException(Current.Position, $"found {Current.Describe()}; expected '{word}'");
    }

    private void ExpectSymbol(string symbol)
    {
        if (!Current.IsSymbol(symbol))
            throw new ExpressionException(Current.Position, $"found {Current.Describe()}; expected '{symbol}'");
        _next++;
    }
}
