namespace RealTimeMesh.Cel;

/// <summary>Reads an expression by CEL's grammar, with bounds on its size and depth.</summary>
internal sealed class CelParser
{
    /// <summary>Most characters of an expression (cel-go's bound).</summary>
    public const int MaxLength = 100_000;

    /// <summary>Most levels of nesting (cel-go's bound); evaluation recurses as deep.</summary>
    public const int MaxDepth = 250;

    private static readonly HashSet<string> Reserved =
        ["as", "break", "const", "continue", "else", "for", "function", "if", "import", "let", "loop", "package", "namespace", "return", "var", "void", "while"];

    private static readonly Dictionary<string, string> Relations = new()
    {
        ["<"] = "_<_",
        ["<="] = "_<=_",
        [">="] = "_>=_",
        [">"] = "_>_",
        ["=="] = "_==_",
        ["!="] = "_!=_",
    };

    private readonly string _text;
    private readonly List<CelToken> _tokens;
    private int _next;
    private int _depth;

    private CelParser(string text)
    {
        _text = text;
        _tokens = CelLexer.Read(text);
    }

    private CelToken Current => _tokens[_next];

    /// <exception cref="CelSyntaxException">The text is no expression.</exception>
    public static CelAst Parse(string text)
    {
        if (text.Length > MaxLength)
            throw new CelSyntaxException("", 0, $"expression code point size exceeds limit: size: {text.Length}, limit {MaxLength}");
        var parser = new CelParser(text);
        var expression = parser.Expression();
        return parser.Current.Kind == CelTokenKind.End ? expression : throw parser.Unexpected("<EOF>");
    }

    private CelAst Expression()
    {
        if (++_depth > MaxDepth)
            throw TooDeep(Current.Position);
        var condition = Logic("||", isAnd: false, () => Logic("&&", isAnd: true, Relation));
        if (TryTake("?", out var position))
        {
            var then = Logic("||", isAnd: false, () => Logic("&&", isAnd: true, Relation));
            Expect(":");
            condition = Bounded(new ConditionalAst(position, condition, then, Expression()));
        }

        _depth--;
        return condition;
    }

    private CelAst Logic(string symbol, bool isAnd, Func<CelAst> operand)
    {
        var first = operand();
        if (!Current.Is(symbol))
            return first;
        var position = Current.Position;
        var terms = new List<CelAst> { first };
        while (TryTake(symbol, out _))
            terms.Add(operand());
        return Bounded(new LogicAst(position, isAnd, terms));
    }

    private CelAst Relation()
    {
        var left = Addition();
        while (Operator() is { } function)
        {
            var position = Take().Position;
            left = Bounded(new CallAst(position, function, false, [left, Addition()]));
        }

        return left;

        string? Operator() => Current.IsWord("in") ? "@in" : Current.Kind == CelTokenKind.Symbol ? Relations.GetValueOrDefault(Current.Text) : null;
    }

    private CelAst Addition()
    {
        var left = Multiplication();
        while (Current.Is("+") || Current.Is("-"))
        {
            var token = Take();
            left = Bounded(new CallAst(token.Position, token.Text == "+" ? "_+_" : "_-_", false, [left, Multiplication()]));
        }

        return left;
    }

    private CelAst Multiplication()
    {
        var left = Unary();
        while (Current.Is("*") || Current.Is("/") || Current.Is("%"))
        {
            var token = Take();
            left = Bounded(new CallAst(token.Position, $"_{token.Text}_", false, [left, Unary()]));
        }

        return left;
    }

    /// <summary>Pairs of signs cancel out, whatever they stand before: so does cel-go.</summary>
    private CelAst Unary()
    {
        if (!Current.Is("!") && !Current.Is("-"))
            return Member(isNegative: false);
        var sign = Current;
        var count = 0;
        while (Current.Is(sign.Text))
        {
            _next++;
            count++;
        }

        if (sign.Text == "-" && count % 2 == 1 && Current.Kind is CelTokenKind.Int or CelTokenKind.Uint or CelTokenKind.Double)
            return Member(isNegative: true);
        var operand = Member(isNegative: false);
        return count % 2 == 0 ? operand : Bounded(new CallAst(sign.Position, sign.Text == "!" ? "!_" : "-_", false, [operand]));
    }

    private CelAst Member(bool isNegative)
    {
        var value = Primary(isNegative);
        while (true)
        {
            if (TryTake(".", out var dot))
            {
                var name = Current.Kind == CelTokenKind.Identifier && Current.Text is not ("in" or "true" or "false" or "null") ? Take() : throw Unexpected("IDENTIFIER");
                value = Current.Is("(") ? Method(value, name) : Bounded(new SelectAst(dot, value, name.Text, IsTest: false));
            }
            else if (TryTake("[", out var bracket))
            {
                value = Bounded(new CallAst(bracket, "_[_]", false, [value, Expression()]));
                Expect("]");
            }
            else if (Current.Is("{") && value is NameAst or SelectAst)
            {
                throw Fault(Current.Position, "message literals are not supported here: events are JSON; use a map literal");
            }
            else
            {
                return value;
            }
        }
    }

    private CelAst Method(CelAst target, CelToken name)
    {
        var position = Current.Position;
        var arguments = Arguments();
        return CelMacros.Expand(target, name.Text, arguments, Fault) is { } macro ? Bounded(macro) : Bounded(new CallAst(position, name.Text, true, [target, .. arguments]));
    }

    private CelAst Primary(bool isNegative)
    {
        var token = Current;
        switch (token.Kind)
        {
            case CelTokenKind.Int or CelTokenKind.Uint or CelTokenKind.Double:
                _next++;
                return new LiteralAst(token.Position, CelLiterals.Number(token, isNegative) ?? throw Fault(token.Position, $"Syntax error: invalid {token.Kind.ToString().ToLowerInvariant()} literal"));
            case CelTokenKind.String:
                _next++;
                return new LiteralAst(token.Position, CelValue.String(CelLiterals.Text(token.Text, out var textFault) ?? throw Fault(token.Position, textFault)));
            case CelTokenKind.Bytes:
                _next++;
                return new LiteralAst(token.Position, CelValue.Bytes(CelLiterals.Bytes(token.Text, out var bytesFault) ?? throw Fault(token.Position, bytesFault)));
            case CelTokenKind.Identifier:
                return Name(isRooted: false);
            case CelTokenKind.Symbol when token.Text == ".":
                _next++;
                return Current.Kind == CelTokenKind.Identifier ? Name(isRooted: true) : throw Unexpected("IDENTIFIER");
            case CelTokenKind.Symbol when token.Text == "(":
                _next++;
                var inner = Expression();
                Expect(")");
                return inner;
            case CelTokenKind.Symbol when token.Text == "[":
                _next++;
                return Bounded(new ListAst(token.Position, Items("]", Expression)));
            case CelTokenKind.Symbol when token.Text == "{":
                _next++;
                return Bounded(new MapAst(token.Position, Items("}", Entry)));
            default:
                throw Unexpected("an expression");
        }
    }

    private CelAst Name(bool isRooted)
    {
        var token = Take();
        switch (token.Text)
        {
            case "true" or "false" when !isRooted:
                return new LiteralAst(token.Position, CelValue.Bool(token.Text == "true"));
            case "null" when !isRooted:
                return new LiteralAst(token.Position, CelValue.Null);
            case "in" or "true" or "false" or "null":
                throw Fault(token.Position, $"Syntax error: mismatched input '{token.Text}' expecting IDENTIFIER");
        }

        if (Reserved.Contains(token.Text))
            throw Fault(token.Position, $"Syntax error: reserved identifier: {token.Text}");
        if (!Current.Is("("))
            return new NameAst(token.Position, token.Text, isRooted);
        var position = Current.Position;
        var arguments = Arguments();
        return token.Text == "has" && arguments.Count == 1 ? CelMacros.Has(arguments[0], Fault) : Bounded(new CallAst(position, token.Text, false, arguments));
    }

    private (CelAst Key, CelAst Value) Entry()
    {
        var key = Expression();
        Expect(":");
        return (key, Expression());
    }

    private List<CelAst> Arguments()
    {
        Expect("(");
        var arguments = new List<CelAst>();
        if (TryTake(")", out _))
            return arguments;
        do
            arguments.Add(Expression());
        while (TryTake(",", out _));
        Expect(")");
        return arguments;
    }

    /// <summary>A list up to its closing bracket; a comma may end it.</summary>
    private List<T> Items<T>(string end, Func<T> read)
    {
        var items = new List<T>();
        while (!TryTake(end, out _))
        {
            items.Add(read());
            if (TryTake(",", out _))
                continue;
            Expect(end);
            break;
        }

        return items;
    }

    private T Bounded<T>(T node)
        where T : CelAst => node.Height <= MaxDepth ? node : throw TooDeep(node.Position);

    private CelToken Take() => _tokens[_next++];

    private bool TryTake(string symbol, out int position)
    {
        position = Current.Position;
        if (!Current.Is(symbol))
            return false;
        _next++;
        return true;
    }

    private void Expect(string symbol)
    {
        if (!TryTake(symbol, out _))
            throw Unexpected($"'{symbol}'");
    }

    private CelSyntaxException Unexpected(string expected) => Fault(Current.Position, $"Syntax error: mismatched input '{Current.Text}' expecting {expected}");

    private CelSyntaxException TooDeep(int position) => Fault(position, $"expression recursion limit exceeded: {MaxDepth}");

    private CelSyntaxException Fault(int position, string fault) => new(_text, position, fault);
}
