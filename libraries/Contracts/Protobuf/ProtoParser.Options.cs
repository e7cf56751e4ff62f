namespace RealTimeMesh.Contracts;

/// <summary>Options and their values.</summary>
internal sealed partial class ProtoParser
{
    private ProtoOption ReadOptionStatement()
    {
        if (!TryWord("option"))
            throw _lexer.Fault("option");

        var option = ReadOption();
        Symbol(";");
        return option;
    }

    private IReadOnlyList<ProtoOption> ReadBracketedOptions()
    {
        if (!TrySymbol("["))
            return [];

        var options = new List<ProtoOption>();
        do
        {
            if (IsSymbol("]"))
                break;

            options.Add(ReadOption());
        }
        while (TrySymbol(","));

        Symbol("]");
        return options;
    }

    private ProtoOption ReadOption()
    {
        var name = OptionNamePart();
        while (TrySymbol("."))
            name += "." + OptionNamePart();

        Symbol("=");
        return new ProtoOption(name, ReadValue());
    }

    private string OptionNamePart()
    {
        if (!TrySymbol("("))
            return Name();

        var name = $"({TypeName()})";
        Symbol(")");
        return name;
    }

    private ProtoValue ReadValue()
    {
        if (_lexer.Kind == ProtoTokenKind.Text)
            return new ProtoText(Text());

        if (IsSymbol("{"))
            return ReadMap("{", "}");

        if (IsSymbol("<"))
            return ReadMap("<", ">");

        if (IsSymbol("["))
            return ReadList();

        var sign = TrySymbol("-") ? "-" : TrySymbol("+") ? "" : "";
        if (_lexer.Kind == ProtoTokenKind.Number)
        {
            var number = sign + _lexer.Token;
            _lexer.Next();
            return new ProtoWord(number);
        }

        return new ProtoWord(sign + FullName());
    }

    private ProtoList ReadList()
    {
        Deeper();
        var items = new List<ProtoValue>();
        Symbol("[");
        while (!TrySymbol("]"))
        {
            items.Add(ReadValue());
            if (!TrySymbol(",") && !IsSymbol("]"))
                throw _lexer.Fault("',' or ']'");
        }

        _depth--;
        return new ProtoList(items);
    }

    private ProtoMap ReadMap(string open, string close)
    {
        Deeper();
        var members = new List<KeyValuePair<string, ProtoValue>>();
        Symbol(open);
        while (!TrySymbol(close))
        {
            var key = MapKey();
            if (!TrySymbol(":") && !TrySymbol("=") && !IsSymbol("{") && !IsSymbol("<"))
                throw _lexer.Fault("':'");

            members.Add(KeyValuePair.Create(key, ReadValue()));
            _ = TrySymbol(",") || TrySymbol(";");
        }

        _depth--;
        return new ProtoMap(members);
    }

    private string MapKey()
    {
        if (_lexer.Kind == ProtoTokenKind.Text)
            return Text();

        if (!TrySymbol("["))
            return Name();

        var name = FullName();
        while (TrySymbol("/"))
            name += "/" + FullName();

        Symbol("]");
        return $"[{name}]";
    }
}
