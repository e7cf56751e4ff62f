using System.Globalization;
using System.Text;

namespace RealTimeMesh.Contracts;

internal enum ProtoTokenKind
{
    End,
    Word,
    Number,
    Text,
    Symbol,
}

/// <summary>Splits a <c>.proto</c> document into words, numbers, texts and signs; comments and white space are dropped.</summary>
internal sealed class ProtoLexer(string source)
{
    private const int LongestName = 1024;

    // Documents say the same words again and again; a power of two.
    private const int KnownWords = 1024;

    private readonly string[] _words = new string[KnownWords];
    private int _position = source.StartsWith('\uFEFF') ? 1 : 0;
    private int _start;
    private string? _token;

    public ProtoTokenKind Kind { get; private set; }

    /// <summary>The token; of a text, what it stands for. Most tokens are only compared: those are never made.</summary>
    public string Token => _token ??= Known(Span);

    /// <summary>The token as the document has it; of a text, with its quotes.</summary>
    public ReadOnlySpan<char> Span => Kind == ProtoTokenKind.End ? default : source.AsSpan(_start, _position - _start);

    /// <summary>Where the token begins in the document.</summary>
    public int Start => _start;

    public int Line { get; private set; } = 1;

    public void Next()
    {
        SkipSpace();
        _token = null;
        _start = _position;
        if (_position >= source.Length)
        {
            (Kind, _token) = (ProtoTokenKind.End, "");
            return;
        }

        var c = source[_position];
        var start = _position;
        if (char.IsAsciiLetter(c) || c == '_')
        {
            while (_position < source.Length && (char.IsAsciiLetterOrDigit(source[_position]) || source[_position] == '_'))
                _position++;

            // Names are looked up within names: one of a megabyte would be copied for each field.
            if (_position - start > LongestName)
                throw new ContractException($"line {Line}: found a name of {_position - start} characters; expected at most {LongestName}");

            Kind = ProtoTokenKind.Word;
        }
        else if (char.IsAsciiDigit(c) || (c == '.' && _position + 1 < source.Length && char.IsAsciiDigit(source[_position + 1])))
        {
            ReadNumber(start);
        }
        else if (c is '"' or '\'')
        {
            (Kind, _token) = (ProtoTokenKind.Text, ReadText(c));
        }
        else
        {
            _position++;
            Kind = ProtoTokenKind.Symbol;
        }
    }

    public bool IsSymbol(char symbol) => Kind == ProtoTokenKind.Symbol && source[_start] == symbol;

    public bool IsWord(string word) => Kind == ProtoTokenKind.Word && Span.SequenceEqual(word);

    /// <summary>The document from one place to another, as a text that was met lately where it is one.</summary>
    public string Between(int start, int end) => Known(source.AsSpan(start, end - start));

    public ContractException Fault(string expected) =>
        new($"line {Line}: found {(Kind == ProtoTokenKind.End ? "the end" : $"'{RowFaults.Cut(Token)}'")}; expected {expected}");

    /// <summary>The text of a token: one that was met lately is not made again.</summary>
    private string Known(ReadOnlySpan<char> word)
    {
        ref var known = ref _words[((word.Length * 31 + word[0]) * 31 + word[^1] + (word[word.Length / 2] * 7)) & (KnownWords - 1)];
        if (known is null || !word.SequenceEqual(known))
            known = word.ToString();
        return known;
    }

    private void ReadNumber(int start)
    {
        while (_position < source.Length && (char.IsAsciiLetterOrDigit(source[_position]) || source[_position] == '.'
            || (source[_position] is '+' or '-' && source[_position - 1] is 'e' or 'E' && !source.AsSpan(start, _position - start).StartsWith("0x", StringComparison.OrdinalIgnoreCase))))
        {
            _position++;
        }

        Kind = ProtoTokenKind.Number;
    }

    private void SkipSpace()
    {
        while (_position < source.Length)
        {
            var c = source[_position];
            if (c == '\n')
            {
                Line++;
                _position++;
            }
            else if (char.IsWhiteSpace(c))
            {
                _position++;
            }
            else if (c == '/' && _position + 1 < source.Length && source[_position + 1] == '/')
            {
                while (_position < source.Length && source[_position] != '\n')
                    _position++;
            }
            else if (c == '/' && _position + 1 < source.Length && source[_position + 1] == '*')
            {
                var end = source.IndexOf("*/", _position + 2, StringComparison.Ordinal);
                if (end < 0)
                    throw new ContractException($"line {Line}: found a comment without an end; expected '*/'");

                Line += source.AsSpan(_position, end - _position).Count('\n');
                _position = end + 2;
            }
            else
            {
                return;
            }
        }
    }

    private string ReadText(char quote)
    {
        var text = new StringBuilder();
        _position++;
        while (true)
        {
            if (_position >= source.Length || source[_position] == '\n')
                throw new ContractException($"line {Line}: found a text without an end; expected {quote}");

            var c = source[_position++];
            if (c == quote)
                return Whole(text.ToString());

            if (c == '\\')
                ReadEscape(text);
            else
                text.Append(c);
        }
    }

    // Half a character can be written as an escape, but not stored.
    private string Whole(string text)
    {
        for (var i = 0; i < text.Length; i++)
        {
            if (i + 1 < text.Length && char.IsSurrogatePair(text[i], text[i + 1]))
                i++;
            else if (char.IsSurrogate(text[i]))
                throw new ContractException($"line {Line}: found a text with half a character; expected Unicode");
        }

        return text;
    }

    private void ReadEscape(StringBuilder text)
    {
        if (_position >= source.Length)
            throw new ContractException($"line {Line}: found the end within a text");

        var c = source[_position++];
        switch (c)
        {
            case 'n': text.Append('\n'); break;
            case 't': text.Append('\t'); break;
            case 'r': text.Append('\r'); break;
            case 'a': text.Append('\a'); break;
            case 'b': text.Append('\b'); break;
            case 'f': text.Append('\f'); break;
            case 'v': text.Append('\v'); break;
            case 'x' or 'X': text.Append((char)ReadDigits(2, 16)); break;
            case 'u': text.Append((char)ReadDigits(4, 16)); break;
            case >= '0' and <= '7':
                _position--;
                text.Append((char)(ReadDigits(3, 8) & 0xFF));
                break;
            default: text.Append(c); break;
        }
    }

    private int ReadDigits(int most, int numberBase)
    {
        var (value, count) = (0, 0);
        while (count < most && _position < source.Length && char.IsAsciiHexDigit(source[_position]))
        {
            var digit = int.Parse(source.AsSpan(_position, 1), NumberStyles.HexNumber, CultureInfo.InvariantCulture);
            if (digit >= numberBase)
                break;

            value = (value * numberBase) + digit;
            _position++;
            count++;
        }

        return count > 0 ? value : throw new ContractException($"line {Line}: found an escape without digits");
    }
}
