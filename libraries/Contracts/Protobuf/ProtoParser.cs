using System.Globalization;

namespace RealTimeMesh.Contracts;

/// <summary>Reads <c>.proto</c> documents: proto2, proto3 and editions.</summary>
internal sealed partial class ProtoParser
{
    public const int HighestTag = 536_870_911;

    private const int MaxDepth = 64;

    private readonly ProtoLexer _lexer;
    private int _depth;

    private ProtoParser(string text)
    {
        _lexer = new ProtoLexer(text);
        _lexer.Next();
    }

    /// <summary>Reads a document. Throws <see cref="ContractException"/> with the line that is wrong.</summary>
    public static ProtoFile Parse(string text) => new ProtoParser(text).ParseFile();

    private ProtoFile ParseFile()
    {
        var file = new ProtoFile();
        var first = true;
        while (_lexer.Kind != ProtoTokenKind.End)
        {
            if (TrySymbol(";"))
                continue;

            if (_lexer.Kind != ProtoTokenKind.Word)
                throw _lexer.Fault("a declaration");

            var word = _lexer.Token;
            switch (word)
            {
                case "syntax" or "edition" when first:
                    _lexer.Next();
                    Symbol("=");
                    ReadSyntax(file, word);
                    Symbol(";");
                    break;
                case "package" when file.Package is null:
                    _lexer.Next();
                    file.Package = FullName();
                    Symbol(";");
                    break;
                case "import":
                    ReadImport(file);
                    break;
                case "option":
                    file.Options.Add(ReadOptionStatement());
                    break;
                case "message":
                    file.Types.Add(ReadMessage());
                    break;
                case "enum":
                    file.Types.Add(ReadEnum());
                    break;
                case "extend":
                    file.Extends.Add(ReadExtend(null, file.Types));
                    break;
                case "service":
                    file.Services.Add(ReadService());
                    break;
                default:
                    throw _lexer.Fault("syntax, package, import, option, message, enum, extend or service");
            }

            first = false;
        }

        return file;
    }

    private void ReadSyntax(ProtoFile file, string word)
    {
        var value = Text();
        if (word == "edition")
            file.Edition = value;
        else if (value is "proto2" or "proto3")
            file.Syntax = value;
        else
            throw new ContractException($"line {_lexer.Line}: found syntax '{value}'; expected proto2 or proto3");
    }

    private void ReadImport(ProtoFile file)
    {
        _lexer.Next();
        var target = file.Imports;
        if (TryWord("public"))
            target = file.PublicImports;
        else
            _ = TryWord("weak");

        target.Add(Text());
        Symbol(";");
    }

    private ProtoService ReadService()
    {
        _lexer.Next();
        var service = new ProtoService(Name());
        Symbol("{");
        while (!TrySymbol("}"))
        {
            if (TrySymbol(";"))
                continue;

            if (_lexer.IsWord("option"))
                service.Options.Add(ReadOptionStatement());
            else if (_lexer.IsWord("rpc"))
                service.Rpcs.Add(ReadRpc());
            else
                throw _lexer.Fault("rpc, option or }");
        }

        return service;
    }

    private ProtoRpc ReadRpc()
    {
        _lexer.Next();
        var name = Name();
        var (request, requestStreams) = ReadRpcType();
        if (!TryWord("returns"))
            throw _lexer.Fault("returns");

        var (response, responseStreams) = ReadRpcType();
        var options = new List<ProtoOption>();
        if (TrySymbol("{"))
        {
            while (!TrySymbol("}"))
            {
                if (!TrySymbol(";"))
                    options.Add(ReadOptionStatement());
            }
        }
        else
        {
            Symbol(";");
        }

        return new ProtoRpc(name, request, requestStreams, response, responseStreams, options);
    }

    private (string Type, bool Streams) ReadRpcType()
    {
        Symbol("(");
        var streams = false;
        string type;
        if (_lexer.Token == "stream" && _lexer.Kind == ProtoTokenKind.Word)
        {
            _lexer.Next();
            streams = !(_lexer.Kind == ProtoTokenKind.Symbol && _lexer.Token is ")" or ".") || _lexer.Token == ".";
            type = _lexer.Token == ")" ? "stream" : TypeName();
        }
        else
        {
            type = TypeName();
        }

        Symbol(")");
        return (type, streams);
    }

    private void Deeper()
    {
        if (++_depth > MaxDepth)
            throw new ContractException($"line {_lexer.Line}: found declarations nested more than {MaxDepth} deep; expected a shallower document");
    }

    private string FullName() => Dotted(_lexer.Start, 0);

    private string TypeName()
    {
        var start = _lexer.Start;
        return Dotted(start, TrySymbol(".") ? 1 : 0);
    }

    /// <summary>A name with its dots. Where nothing stands between its parts, which is nearly always, it is one piece of the document.</summary>
    /// <param name="start">Where it begins.</param>
    /// <param name="length">Characters that were read of it.</param>
    private string Dotted(int start, int length)
    {
        var parts = length > 0 ? "." : "";
        var whole = true;
        while (true)
        {
            if (_lexer.Kind != ProtoTokenKind.Word)
                throw _lexer.Fault("a name");

            whole &= _lexer.Start == start + length;
            if (!whole && parts.Length < length)
                parts = _lexer.Between(start, start + length);
            length += _lexer.Span.Length;
            if (!whole)
                parts += _lexer.Token;

            _lexer.Next();
            if (!_lexer.IsSymbol('.'))
                return whole ? _lexer.Between(start, start + length) : parts;

            whole &= _lexer.Start == start + length;
            if (!whole && parts.Length < length)
                parts = _lexer.Between(start, start + length);
            length++;
            if (!whole)
                parts += ".";

            _lexer.Next();
        }
    }

    private string Name()
    {
        if (_lexer.Kind != ProtoTokenKind.Word)
            throw _lexer.Fault("a name");

        var name = _lexer.Token;
        _lexer.Next();
        return name;
    }

    private string Text()
    {
        if (_lexer.Kind != ProtoTokenKind.Text)
            throw _lexer.Fault("a quoted text");

        var text = _lexer.Token;
        _lexer.Next();
        if (_lexer.Kind != ProtoTokenKind.Text)
            return text;

        var all = new System.Text.StringBuilder(text);
        for (; _lexer.Kind == ProtoTokenKind.Text; _lexer.Next())
            all.Append(_lexer.Token);

        return all.ToString();
    }

    private int Integer()
    {
        var negative = TrySymbol("-");
        if (_lexer.Kind != ProtoTokenKind.Number || !TryInteger(_lexer.Span, out var number))
            throw _lexer.Fault("a whole number");

        number = negative ? -number : number;
        if (number is < int.MinValue or > int.MaxValue)
            throw _lexer.Fault("a number of 32 bits");

        _lexer.Next();
        return (int)number;
    }

    private static bool TryInteger(ReadOnlySpan<char> text, out long number)
    {
        if (text.StartsWith("0x", StringComparison.OrdinalIgnoreCase))
            return long.TryParse(text[2..], NumberStyles.HexNumber, CultureInfo.InvariantCulture, out number) && number >= 0;

        if (text.Length < 2 || text[0] != '0')
            return long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number);

        number = 0;
        foreach (var c in text)
        {
            if (c is < '0' or > '7' || number > int.MaxValue)
                return false;

            number = (number * 8) + (c - '0');
        }

        return true;
    }

    private bool TryWord(string word)
    {
        if (!_lexer.IsWord(word))
            return false;

        _lexer.Next();
        return true;
    }

    private bool IsSymbol(string symbol) => _lexer.IsSymbol(symbol[0]);

    private bool TrySymbol(string symbol)
    {
        if (!_lexer.IsSymbol(symbol[0]))
            return false;

        _lexer.Next();
        return true;
    }

    private void Symbol(string symbol)
    {
        if (!TrySymbol(symbol))
            throw _lexer.Fault($"'{symbol}'");
    }
}
