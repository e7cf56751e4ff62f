using System.Globalization;
using System.Text;
using System.Text.Unicode;
using RealTimeMesh.Contracts;
using RealTimeMesh.Ingestion.Rows;

namespace RealTimeMesh.Ingestion.Sources.Files;

/// <summary>The fields of one CSV record; reused from record to record.</summary>
internal sealed class CsvFields(CsvSyntax syntax)
{
    /// <summary>Rule of a dead letter whose columns can't be told apart, or are not as many as in the header.</summary>
    public const string Rule = "columns";

    private readonly char _delimiter = (char)syntax.Delimiter;
    private readonly char _quote = (char)syntax.Quote;
    private readonly char _escape = (char)syntax.Escape;
    private readonly List<(int Start, int Length, bool Quoted)> _fields = [];
    private char[] _text = new char[1024];

    public int Count => _fields.Count;

    public ReadOnlySpan<char> this[int index] => _text.AsSpan(_fields[index].Start, _fields[index].Length);

    /// <summary>True where nothing stands between the delimiters, not even quotes.</summary>
    public bool IsEmpty(int index) => _fields[index] is { Length: 0, Quoted: false };

    public bool IsQuoted(int index) => _fields[index].Quoted;

    /// <summary>Splits a record; returns what is wrong with it, or null.</summary>
    public RejectReason? Split(ReadOnlySpan<byte> record)
    {
        _fields.Clear();
        if (!Utf8.IsValid(record))
            return new RejectReason(RowRules.Encoding, null, "bytes that are not UTF-8", "UTF-8");
        if (_text.Length < record.Length)
            _text = new char[record.Length * 2];
        var length = Encoding.UTF8.GetChars(record, _text);
        var at = 0;
        while (true)
        {
            if (ReadField(ref at, length) is { } broken)
                return broken;
            if (at >= length)
                return null;
            at++; // the delimiter
            if (at == length)
            {
                _fields.Add((at, 0, false));
                return null;
            }
        }
    }

    private RejectReason? ReadField(ref int at, int length)
    {
        if (_quote != '\0' && at < length && _text[at] == _quote)
            return ReadQuoted(ref at, length);
        if (_escape != '\0')
        {
            ReadEscaped(ref at, length);
            return null;
        }

        var next = _text.AsSpan(at, length - at).IndexOf(_delimiter);
        var end = next < 0 ? length : at + next;
        _fields.Add((at, end - at, false));
        at = end;
        return null;
    }

    /// <summary>A field without quotes; characters that are escaped are folded in place: it can only get shorter.</summary>
    private void ReadEscaped(ref int at, int length)
    {
        var start = at;
        var write = at;
        for (; at < length && _text[at] != _delimiter; at++)
        {
            if (_text[at] == _escape && at + 1 < length)
                at++;
            _text[write++] = _text[at];
        }

        _fields.Add((start, write - start, false));
    }

    private RejectReason? ReadQuoted(ref int at, int length)
    {
        // Doubled quotes are folded in place.
        var start = at + 1;
        var write = start;
        for (var read = start; read < length; read++)
        {
            if (_escape != '\0' && _text[read] == _escape && read + 1 < length)
            {
                _text[write++] = _text[++read];
            }
            else if (_text[read] != _quote)
            {
                _text[write++] = _text[read];
            }
            else if (read + 1 < length && _text[read + 1] == _quote)
            {
                _text[write++] = _quote;
                read++;
            }
            else
            {
                at = read + 1;
                if (at < length && _text[at] != _delimiter)
                    return new RejectReason(Rule, null, string.Create(CultureInfo.InvariantCulture, $"text after the closing quote of column {_fields.Count + 1}"), $"{(_delimiter == ',' ? "a comma" : $"'{_delimiter}'")} or the end of the line");
                _fields.Add((start, write - start, true));
                return null;
            }
        }

        return new RejectReason(Rule, null, string.Create(CultureInfo.InvariantCulture, $"a quote in column {_fields.Count + 1} that is never closed"), "a closing quote");
    }
}
