using System.Globalization;
using System.Text;
using System.Text.Unicode;
using RealTimeMesh.Contracts;
using RealTimeMesh.Ingestion.Rows;

namespace RealTimeMesh.Ingestion.Sources;

/// <summary>The fields of one CSV record (RFC 4180); reused from record to record.</summary>
internal sealed class CsvFields
{
    private readonly List<(int Start, int Length, bool Quoted)> _fields = [];
    private char[] _text = new char[1024];

    public int Count => _fields.Count;

    public ReadOnlySpan<char> this[int index] => _text.AsSpan(_fields[index].Start, _fields[index].Length);

    /// <summary>True where nothing stands between the commas, not even quotes.</summary>
    public bool IsEmpty(int index) => _fields[index] is { Length: 0, Quoted: false };

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
            at++; // the comma
            if (at == length)
            {
                _fields.Add((at, 0, false));
                return null;
            }
        }
    }

    private RejectReason? ReadField(ref int at, int length)
    {
        if (at >= length || _text[at] != '"')
        {
            var comma = _text.AsSpan(at, length - at).IndexOf(',');
            var end = comma < 0 ? length : at + comma;
            _fields.Add((at, end - at, false));
            at = end;
            return null;
        }

        // Doubled quotes are folded in place: the field can only get shorter.
        var start = at + 1;
        var write = start;
        for (var read = start; read < length; read++)
        {
            if (_text[read] != '"')
            {
                _text[write++] = _text[read];
            }
            else if (read + 1 < length && _text[read + 1] == '"')
            {
                _text[write++] = '"';
                read++;
            }
            else
            {
                at = read + 1;
                if (at < length && _text[at] != ',')
                    return new RejectReason("columns", null, string.Create(CultureInfo.InvariantCulture, $"text after the closing quote of column {_fields.Count + 1}"), "a comma or the end of the line");
                _fields.Add((start, write - start, true));
                return null;
            }
        }

        return new RejectReason("columns", null, string.Create(CultureInfo.InvariantCulture, $"a quote in column {_fields.Count + 1} that is never closed"), "a closing quote");
    }
}
