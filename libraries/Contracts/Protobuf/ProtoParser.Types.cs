namespace RealTimeMesh.Contracts;

/// <summary>Messages, enums and what stands in them.</summary>
internal sealed partial class ProtoParser
{
    private ProtoMessage ReadMessage()
    {
        _lexer.Next();
        var message = new ProtoMessage(Name());
        ReadMessageBody(message);
        return message;
    }

    private void ReadMessageBody(ProtoMessage message)
    {
        Deeper();
        Symbol("{");
        while (!TrySymbol("}"))
        {
            if (TrySymbol(";"))
                continue;

            ReadMember(message);
        }

        _depth--;
    }

    private void ReadMember(ProtoMessage message)
    {
        // A field's type may have the name of a keyword: a keyword is followed by what it introduces.
        switch (_lexer.Kind == ProtoTokenKind.Word ? _lexer.Span : default)
        {
            case "message":
                message.Types.Add(ReadMessage());
                break;
            case "enum":
                message.Types.Add(ReadEnum());
                break;
            case "option":
                message.Options.Add(ReadOptionStatement());
                break;
            case "oneof":
                message.OneOfs.Add(ReadOneOf(message));
                break;
            case "extend":
                message.Extends.Add(ReadExtend(message, null));
                break;
            case "reserved":
                ReadRanges(message.Reserved, names: true);
                break;
            case "extensions":
                ReadRanges(message.Extensions, names: false);
                break;
            default:
                message.Fields.Add(ReadField(message));
                break;
        }
    }

    private ProtoField ReadField(ProtoMessage message, bool labels = true) => ReadField(message, null, labels);

    /// <param name="message">What declares the message of a group; null where it is the document.</param>
    /// <param name="document">The types of the document.</param>
    /// <param name="labels">Whether a label may stand before the type.</param>
    private ProtoField ReadField(ProtoMessage? message, List<ProtoType>? document, bool labels)
    {
        string? label = null;
        if (labels && _lexer.Kind == ProtoTokenKind.Word && _lexer.Span is "optional" or "required" or "repeated")
        {
            label = _lexer.Token;
            _lexer.Next();
        }

        if (_lexer.IsWord("group"))
            return ReadGroup(label, document ?? message!.Types);

        var type = TypeName();
        if (type == "map" && IsSymbol("<"))
            type = label is null ? ReadMapType() : throw _lexer.Fault($"a map without '{label}'");

        var name = Name();
        Symbol("=");
        var number = Integer();
        var options = ReadBracketedOptions();
        Symbol(";");
        return new ProtoField(label, type, name, number, options);
    }

    private string ReadMapType()
    {
        Symbol("<");
        var key = Name();
        if (key is not ("int32" or "int64" or "uint32" or "uint64" or "sint32" or "sint64" or "fixed32" or "fixed64" or "sfixed32" or "sfixed64" or "bool" or "string"))
            throw new ContractException($"line {_lexer.Line}: found a map with keys of type '{key}'; expected an integer type, bool or string");

        Symbol(",");
        var value = TypeName();
        Symbol(">");
        return $"map<{key}, {value}>";
    }

    private ProtoField ReadGroup(string? label, List<ProtoType> declared)
    {
        _lexer.Next();
        var group = new ProtoMessage(Name());
        Symbol("=");
        var number = Integer();
        var options = ReadBracketedOptions();
        ReadMessageBody(group);
        declared.Add(group);
        return new ProtoField(label, group.Name, group.Name.ToLowerInvariant(), number, options, group);
    }

    private ProtoOneOf ReadOneOf(ProtoMessage message)
    {
        _lexer.Next();
        var oneOf = new ProtoOneOf(Name());
        Symbol("{");
        while (!TrySymbol("}"))
        {
            if (TrySymbol(";"))
                continue;

            if (_lexer.IsWord("option"))
                oneOf.Options.Add(ReadOptionStatement());
            else
                oneOf.Fields.Add(ReadField(message, labels: false));
        }

        return oneOf;
    }

    private ProtoExtend ReadExtend(ProtoMessage? message, List<ProtoType>? document)
    {
        _lexer.Next();
        var extend = new ProtoExtend(TypeName(), []);
        Symbol("{");
        while (!TrySymbol("}"))
        {
            if (!TrySymbol(";"))
                extend.Fields.Add(ReadField(message, document, labels: true));
        }

        return extend;
    }

    private ProtoEnum ReadEnum()
    {
        _lexer.Next();
        var found = new ProtoEnum(Name());
        Symbol("{");
        while (!TrySymbol("}"))
        {
            if (TrySymbol(";"))
                continue;

            var name = Name();
            if (name == "option" && !IsSymbol("="))
            {
                found.Options.Add(ReadOption());
                Symbol(";");
            }
            else if (name == "reserved" && !IsSymbol("="))
            {
                ReadRangeList(found.Reserved, names: true, int.MaxValue);
            }
            else
            {
                Symbol("=");
                var number = Integer();
                found.Constants.Add(new ProtoConstant(name, number, ReadBracketedOptions()));
                Symbol(";");
            }
        }

        return found;
    }

    private void ReadRanges(List<ProtoReserved> ranges, bool names)
    {
        _lexer.Next();
        ReadRangeList(ranges, names, HighestTag);
    }

    private void ReadRangeList(List<ProtoReserved> ranges, bool names, int highest)
    {
        var line = _lexer.Line;
        do
        {
            if (names && _lexer.Kind == ProtoTokenKind.Text)
            {
                ranges.Add(new ProtoReserved(0, 0, Text(), line));
                continue;
            }

            // Editions write reserved names without quotes.
            if (names && _lexer.Kind == ProtoTokenKind.Word)
            {
                ranges.Add(new ProtoReserved(0, 0, Name(), line));
                continue;
            }

            var from = Integer();
            var to = from;
            if (TryWord("to"))
                to = TryWord("max") ? highest : Integer();

            if (to < from)
                throw new ContractException($"line {line}: found the range {from} to {to}; expected its lower end first");

            ranges.Add(new ProtoReserved(from, to, null, line));
        }
        while (TrySymbol(","));

        _ = names ? [] : ReadBracketedOptions();
        Symbol(";");
    }
}
