namespace RealTimeMesh.DeltaLake.Expressions;

/// <summary>Reads expressions by Spark's grammar: from the weakest operator (OR) down to names and literals.</summary>
internal sealed partial class Parser
{
    // Deeper nesting than any person writes, and shallow enough for the stack.
    private const int MaxDepth = 400;

    private static readonly Dictionary<string, BinaryOperator> s_comparisons = new(StringComparer.Ordinal)
    {
        ["="] = BinaryOperator.Equal,
        ["=="] = BinaryOperator.Equal,
        ["<=>"] = BinaryOperator.NullSafeEqual,
        ["<>"] = BinaryOperator.NotEqual,
        ["!="] = BinaryOperator.NotEqual,
        ["<"] = BinaryOperator.Less,
        ["<="] = BinaryOperator.LessOrEqual,
        [">"] = BinaryOperator.Greater,
        [">="] = BinaryOperator.GreaterOrEqual,
    };

    private readonly string _sql;
    private readonly List<Token> _tokens;
    private int _at;
    private int _depth;

    public Parser(string sql)
    {
        _sql = sql;
        _tokens = new Lexer(sql).ReadAll();
    }

    private Token Current => _tokens[_at];

    public DeltaExpression ParseAll()
    {
        var result = ParseExpression();
        return Current.Kind == TokenKind.End ? result : throw Fault(Current, "an operator or the end");
    }

    public DeltaType ParseTypeAll()
    {
        var result = ParseType();
        return Current.Kind == TokenKind.End ? result : throw Fault(Current, "the end of the type");
    }

    private DeltaExpression ParseExpression()
    {
        if (++_depth > MaxDepth)
            throw Fault(Current, $"at most {MaxDepth} nested parts");
        var left = ParseAnd();
        while (Current.IsWord("or"))
            left = Binary(BinaryOperator.Or, left, Take().Position, ParseAnd());
        _depth--;
        return left;
    }

    private DeltaExpression ParseAnd()
    {
        var left = ParseNot();
        while (Current.IsWord("and"))
            left = Binary(BinaryOperator.And, left, Take().Position, ParseNot());
        return left;
    }

    private DeltaExpression ParseNot()
    {
        if (!Current.IsWord("not") && !Current.IsSymbol("!"))
            return ParsePredicate();
        var position = Take().Position;
        if (++_depth > MaxDepth)
            throw Fault(Current, $"at most {MaxDepth} nested parts");
        var operand = ParseNot();
        _depth--;
        return new UnaryOperation(UnaryOperator.Not, operand) { Position = position };
    }

    private DeltaExpression ParsePredicate()
    {
        var left = ParseComparison();
        while (true)
        {
            var start = Current;
            var negated = start.IsWord("not") && (Next.IsWord("in") || Next.IsWord("between") || Next.IsWord("like") || Next.IsWord("ilike") || Next.IsWord("rlike") || Next.IsWord("regexp"));
            if (negated)
                _at++;
            DeltaExpression test;
            if (TryWord("is"))
                test = ParseIs(left, start.Position);
            else if (TryWord("in"))
                test = ParseIn(left, start.Position);
            else if (TryWord("between"))
                test = ParseBetween(left, start.Position);
            else if (Current.IsWord("like") || Current.IsWord("ilike") || Current.IsWord("rlike") || Current.IsWord("regexp"))
                test = ParseLike(left, start.Position);
            else
                return left;
            left = negated ? new UnaryOperation(UnaryOperator.Not, test) { Position = start.Position } : test;
        }
    }

    private DeltaExpression ParseIs(DeltaExpression operand, int position)
    {
        var negated = TryWord("not");
        DeltaExpression test;
        if (TryWord("null") || TryWord("unknown"))
        {
            test = new NullTest(operand) { Position = position };
        }
        else if (Current.IsWord("true") || Current.IsWord("false"))
        {
            test = Binary(BinaryOperator.NullSafeEqual, operand, position, ParsePrimary());
        }
        else if (TryWord("distinct"))
        {
            Expect("from");
            test = Binary(BinaryOperator.NullSafeEqual, operand, position, ParseBits());
            negated = !negated;
        }
        else
        {
            throw Fault(Current, "NULL, TRUE, FALSE, UNKNOWN or DISTINCT FROM after IS");
        }

        return negated ? new UnaryOperation(UnaryOperator.Not, test) { Position = position } : test;
    }

    private InList ParseIn(DeltaExpression operand, int position)
    {
        ExpectSymbol("(");
        if (Current.IsWord("select") || Current.IsWord("with"))
            throw Fault(Current, "a list of values; subqueries are not supported");
        List<DeltaExpression> items = [ParseExpression()];
        while (TrySymbol(","))
            items.Add(ParseExpression());
        ExpectSymbol(")");
        return new InList(operand, items) { Position = position };
    }

    private BinaryOperation ParseBetween(DeltaExpression operand, int position)
    {
        var low = ParseBits();
        Expect("and");
        var high = ParseBits();
        return Binary(BinaryOperator.And, Binary(BinaryOperator.GreaterOrEqual, operand, position, low), position, Binary(BinaryOperator.LessOrEqual, operand, position, high));
    }

    private LikeTest ParseLike(DeltaExpression operand, int position)
    {
        var word = Take();
        if (Current.IsWord("any") || Current.IsWord("some") || Current.IsWord("all"))
            throw Fault(Current, $"one pattern; {word.Text} {Current.Text} is not supported");
        var pattern = ParseBits();
        var kind = word.IsWord("like") ? LikeKind.Like : word.IsWord("ilike") ? LikeKind.IgnoringCase : LikeKind.Regex;
        var escape = '\\';
        if (kind != LikeKind.Regex && TryWord("escape"))
        {
            var text = Take();
            if (text.Kind != TokenKind.Text || text.Text.Length != 1)
                throw Fault(text, "a text of one character after ESCAPE");
            escape = text.Text[0];
        }

        return new LikeTest(operand, pattern, kind, escape) { Position = position };
    }

    private DeltaExpression ParseComparison()
    {
        var left = ParseBits();
        while (Current.Kind == TokenKind.Symbol && s_comparisons.TryGetValue(Current.Text, out var operation))
            left = Binary(operation, left, Take().Position, ParseBits());
        return left;
    }

    private DeltaExpression ParseBits()
    {
        var left = ParseBitXor();
        while (Current.IsSymbol("|"))
            left = Binary(BinaryOperator.BitOr, left, Take().Position, ParseBitXor());
        return left;
    }

    private DeltaExpression ParseBitXor()
    {
        var left = ParseBitAnd();
        while (Current.IsSymbol("^"))
            left = Binary(BinaryOperator.BitXor, left, Take().Position, ParseBitAnd());
        return left;
    }

    private DeltaExpression ParseBitAnd()
    {
        var left = ParseSum();
        while (Current.IsSymbol("&"))
            left = Binary(BinaryOperator.BitAnd, left, Take().Position, ParseSum());
        return left;
    }

    private DeltaExpression ParseSum()
    {
        var left = ParseProduct();
        while (Current.IsSymbol("+") || Current.IsSymbol("-") || Current.IsSymbol("||"))
        {
            var symbol = Take();
            if (symbol.Text != "||" && IsInterval())
                left = ParseInterval(left, symbol);
            else
                left = Binary(symbol.Text switch { "+" => BinaryOperator.Add, "-" => BinaryOperator.Subtract, _ => BinaryOperator.Concat }, left, symbol.Position, ParseProduct());
        }

        return left;
    }

    private DeltaExpression ParseProduct()
    {
        var left = ParseUnary();
        while (Current.IsSymbol("*") || Current.IsSymbol("/") || Current.IsSymbol("%") || Current.IsWord("div"))
        {
            var symbol = Take();
            var operation = symbol.Text switch { "*" => BinaryOperator.Multiply, "/" => BinaryOperator.Divide, "%" => BinaryOperator.Modulo, _ => BinaryOperator.IntegerDivide };
            left = Binary(operation, left, symbol.Position, ParseUnary());
        }

        return left;
    }

    private DeltaExpression ParseUnary()
    {
        if (!Current.IsSymbol("-") && !Current.IsSymbol("+") && !Current.IsSymbol("~"))
            return ParsePostfix();
        var symbol = Take();
        if (++_depth > MaxDepth)
            throw Fault(Current, $"at most {MaxDepth} nested parts");
        // The sign belongs to the literal: -2147483648 is an integer, 2147483648 is not.
        var isLiteral = symbol.Text == "-" && Current.Kind == TokenKind.Number;
        var operand = isLiteral ? ParsePostfix(ParseNumber(Take(), negative: true)) : ParseUnary();
        _depth--;
        return symbol.Text switch
        {
            "+" => operand,
            "~" => new UnaryOperation(UnaryOperator.BitNot, operand) { Position = symbol.Position },
            _ when isLiteral => operand,
            _ => new UnaryOperation(UnaryOperator.Negate, operand) { Position = symbol.Position },
        };
    }

    private DeltaExpression ParsePostfix() => ParsePostfix(ParsePrimary());

    private DeltaExpression ParsePostfix(DeltaExpression operand)
    {
        while (true)
        {
            var position = Current.Position;
            if (TrySymbol("["))
            {
                operand = new ElementAccess(operand, ParseExpression()) { Position = position };
                ExpectSymbol("]");
            }
            else if (TrySymbol("."))
            {
                operand = new FieldAccess(operand, TakeName()) { Position = position };
            }
            else if (TrySymbol("::"))
            {
                operand = new Cast(operand, ParseType(), Try: false) { Position = position };
            }
            else
            {
                return operand;
            }
        }
    }

    private static BinaryOperation Binary(BinaryOperator operation, DeltaExpression left, int position, DeltaExpression right) => new(operation, left, right) { Position = position };

    private Token Next => _tokens[Math.Min(_at + 1, _tokens.Count - 1)];

    private Token Take() => Current.Kind == TokenKind.End ? Current : _tokens[_at++];

    private bool TryWord(string word)
    {
        if (!Current.IsWord(word))
            return false;
        _at++;
        return true;
    }

    private bool TrySymbol(string symbol)
    {
        if (!Current.IsSymbol(symbol))
            return false;
        _at++;
        return true;
    }

    private void Expect(string word)
    {
        if (!TryWord(word))
            throw Fault(Current, word.ToUpperInvariant());
    }

    private void ExpectSymbol(string symbol)
    {
        if (!TrySymbol(symbol))
            throw Fault(Current, $"'{symbol}'");
    }

    private string TakeName()
    {
        var token = Take();
        return token.Kind is TokenKind.Word or TokenKind.Quoted ? token.Text : throw Fault(token, "a name");
    }

    private ExpressionException Fault(Token found, string expected) => ExpressionException.In(_sql, found.Position, $"found {found}; expected {expected}");
}
