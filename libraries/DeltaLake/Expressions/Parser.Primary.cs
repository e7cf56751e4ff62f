using System.Globalization;

namespace RealTimeMesh.DeltaLake.Expressions;

/// <content>Names, calls, literals and everything in parentheses.</content>
internal sealed partial class Parser
{
    private static readonly Dictionary<string, string> s_wordFunctions = new(StringComparer.OrdinalIgnoreCase)
    {
        ["current_date"] = "current_date",
        ["current_timestamp"] = "current_timestamp",
        ["localtimestamp"] = "localtimestamp",
    };

    private DeltaExpression ParsePrimary()
    {
        var token = Current;
        switch (token.Kind)
        {
            case TokenKind.Number:
                return ParseNumber(Take(), negative: false);
            case TokenKind.Text:
                return ParseText();
            case TokenKind.Quoted:
                return ParseColumn();
            case TokenKind.Symbol when TrySymbol("("):
                if (Current.IsWord("select") || Current.IsWord("with"))
                    throw Fault(Current, "an expression; subqueries are not supported");
                var inner = ParseExpression();
                if (Current.IsSymbol(","))
                    throw Fault(Current, "')'; tuples are not supported");
                ExpectSymbol(")");
                return inner;
            case TokenKind.Word:
                return ParseWord();
            default:
                throw Fault(token, "a column, a literal, a function or '('");
        }
    }

    private Literal ParseText()
    {
        var first = Take();
        var text = first.Text;
        // Neighbouring texts are one.
        while (Current.Kind == TokenKind.Text)
            text += Take().Text;
        return Literal.Of(text) with { Position = first.Position };
    }

    private DeltaExpression ParseWord()
    {
        var token = Current;
        if (Next.Kind == TokenKind.Text && TypedLiteral(token) is { } typed)
            return typed;
        if (TryWord("true") || TryWord("false"))
            return Literal.Of(token.IsWord("true")) with { Position = token.Position };
        if (TryWord("null"))
            return Literal.Null with { Position = token.Position };
        if (Current.IsWord("case"))
            return ParseCase();
        if (Next.IsSymbol("("))
            return ParseCall();
        if (s_wordFunctions.TryGetValue(token.Text, out var function))
        {
            _at++;
            return new FunctionCall(function, []) { Position = token.Position };
        }

        if (IsInterval())
            throw Fault(token, "a date or timestamp with '+' or '-' before an interval");
        if (Keywords.IsReserved(token.Text))
            throw Fault(token, "a column, a literal, a function or '('; quote a column of this name with backquotes");
        return ParseColumn();
    }

    private ColumnReference ParseColumn()
    {
        var position = Current.Position;
        List<string> names = [TakeName()];
        while (Current.IsSymbol(".") && Next.Kind is TokenKind.Word or TokenKind.Quoted)
        {
            _at++;
            names.Add(TakeName());
        }

        return new ColumnReference(names) { Position = position };
    }

    private CaseWhen ParseCase()
    {
        var position = Take().Position;
        var operand = Current.IsWord("when") ? null : ParseExpression();
        List<(DeltaExpression, DeltaExpression)> branches = [];
        while (TryWord("when"))
        {
            var when = ParseExpression();
            Expect("then");
            branches.Add((operand is null ? when : Binary(BinaryOperator.Equal, operand, when.Position, when), ParseExpression()));
        }

        if (branches.Count == 0)
            throw Fault(Current, "WHEN");
        DeltaExpression otherwise = TryWord("else") ? ParseExpression() : Literal.Null with { Position = position };
        Expect("end");
        return new CaseWhen(branches, otherwise) { Position = position };
    }

    private DeltaExpression ParseCall()
    {
        var name = Take();
        ExpectSymbol("(");
        if (name.IsWord("cast") || name.IsWord("try_cast"))
        {
            var operand = ParseExpression();
            Expect("as");
            var type = ParseType();
            ExpectSymbol(")");
            return new Cast(operand, type, name.IsWord("try_cast")) { Position = name.Position };
        }

        List<DeltaExpression> arguments = [];
        if (name.IsWord("extract"))
        {
            arguments.Add(Literal.Of(Current.Kind == TokenKind.Text ? Take().Text : TakeName()));
            if (!TrySymbol(","))
                Expect("from");
            arguments.Add(ParseExpression());
        }
        else if (name.IsWord("exists"))
        {
            throw Fault(name, "an expression; subqueries are not supported");
        }
        else if (!Current.IsSymbol(")"))
        {
            ParseArguments(name, arguments);
        }

        ExpectSymbol(")");
        return new FunctionCall(name.Text.ToLowerInvariant(), arguments) { Position = name.Position };
    }

    private void ParseArguments(Token name, List<DeltaExpression> arguments)
    {
        if (name.IsWord("trim") && (Current.IsWord("both") || Current.IsWord("leading") || Current.IsWord("trailing")))
            throw Fault(Current, "trim(text), ltrim(text) or rtrim(text)");
        if (Current.IsWord("distinct"))
            throw Fault(Current, "an argument; aggregates are not supported");
        do
            arguments.Add(ParseExpression());
        // substring(x FROM 2 FOR 3)
        while (TrySymbol(",") || (name.Text.StartsWith("substr", StringComparison.OrdinalIgnoreCase) && (TryWord("from") || TryWord("for"))));
    }

    private DeltaExpression? TypedLiteral(Token word)
    {
        var text = Next.Text;
        Literal? literal = null;
        switch (word.Text.ToUpperInvariant())
        {
            case "DATE":
                literal = CivilTime.TryParseDate(text, out var days) ? new Literal(days) { Type = PrimitiveType.Date } : throw Fault(Next, "a date such as DATE '2024-12-31'");
                break;
            case "TIMESTAMP" or "TIMESTAMP_LTZ":
                literal = CivilTime.TryParseTimestamp(text, out var instant, out _) ? new Literal(instant) { Type = PrimitiveType.Timestamp } : throw Fault(Next, "a timestamp such as TIMESTAMP '2024-12-31 23:59:59.999Z'");
                break;
            case "TIMESTAMP_NTZ":
                literal = CivilTime.TryParseTimestamp(text, out var local, out var hasZone) && !hasZone ? new Literal(local) { Type = PrimitiveType.TimestampNtz } : throw Fault(Next, "a local time such as TIMESTAMP_NTZ '2024-12-31 23:59:59'");
                break;
            case "X":
                literal = Hex(Next);
                break;
            default:
                break;
        }

        if (literal is not null)
            _at += 2;
        return literal is null ? null : literal with { Position = word.Position };
    }

    private Literal Hex(Token token)
    {
        var text = token.Text.Length % 2 == 0 ? token.Text : "0" + token.Text;
        return text.All(char.IsAsciiHexDigit) ? Literal.Of(Convert.FromHexString(text)) : throw Fault(token, "hexadecimal digits");
    }

    private Literal ParseNumber(Token token, bool negative)
    {
        var digits = token.Text;
        var suffix = "";
        var end = digits.Length;
        while (end > 0 && !char.IsAsciiDigit(digits[end - 1]) && digits[end - 1] != '.')
            end--;
        // 1e5 has no suffix, 1e5D has one; an exponent's digits end the scan above.
        (digits, suffix) = (digits[..end], digits[end..].ToUpperInvariant());
        var sign = negative ? "-" : "";
        var isWhole = digits.All(char.IsAsciiDigit);
        Literal? literal = suffix switch
        {
            "" when isWhole => Whole(sign + digits),
            "" when digits.AsSpan().IndexOfAny('e', 'E') >= 0 => Real(sign + digits, PrimitiveType.Double),
            "" or "BD" => ExactDecimal.TryParse(sign + digits, out var exact) && exact.Precision <= 38 ? Literal.Of(exact) : null,
            "L" when isWhole => Integer(sign + digits, PrimitiveType.Long, long.MinValue, long.MaxValue),
            "S" when isWhole => Integer(sign + digits, PrimitiveType.Short, short.MinValue, short.MaxValue),
            "Y" when isWhole => Integer(sign + digits, PrimitiveType.Byte, sbyte.MinValue, sbyte.MaxValue),
            "D" => Real(sign + digits, PrimitiveType.Double),
            "F" => Real(sign + digits, PrimitiveType.Float),
            _ => null,
        };
        return literal is null ? throw Fault(token, "a number that fits its type, such as 1, 1L, 1.5, 1.5BD or 1e5") : literal with { Position = token.Position };
    }

    private static Literal? Whole(string text)
    {
        if (!long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var value))
            return ExactDecimal.TryParse(text, out var exact) && exact.Precision <= 38 ? Literal.Of(exact) : null;
        return value is >= int.MinValue and <= int.MaxValue ? Literal.Of((int)value) : Literal.Of(value);
    }

    private static Literal? Integer(string text, DeltaType type, long least, long greatest) =>
        long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var value) && value >= least && value <= greatest ? new Literal(value) { Type = type } : null;

    private static Literal? Real(string text, DeltaType type)
    {
        if (!double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var value))
            return null;
        return new Literal(type.Kind == DeltaTypeKind.Float ? (double)(float)value : value) { Type = type };
    }
}
