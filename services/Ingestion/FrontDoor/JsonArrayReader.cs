using System.Buffers;
using System.Security.Cryptography;
using RealTimeMesh.Contracts;
using RealTimeMesh.Ingestion.Rows;

namespace RealTimeMesh.Ingestion.FrontDoor;

/// <summary>
/// Finds the elements of a JSON array of any length as it comes. Only where each ends is looked for: whether it is sound the
/// row reader says. Of an element beyond the keep limit only the head is held, with length and hash.
/// </summary>
internal sealed class JsonArrayReader(BodyBuffer body, IngestionOptions options) : IDisposable
{
    private static readonly SearchValues<byte> TextMarks = SearchValues.Create("\"\\"u8);
    private static readonly SearchValues<byte> InnerMarks = SearchValues.Create("\"{}[]"u8);
    private static readonly SearchValues<byte> OuterMarks = SearchValues.Create("\"{}[],"u8);

    private Place _place;
    private int _scanned;
    private int _depth;
    private bool _inString;
    private bool _escaped;
    private OversizeRecord? _oversize;

    private enum Place
    {
        Start,
        First,
        Element,
        Behind,
        Next,
        End,
    }

    /// <summary>Why no more elements can be read; null where nothing is wrong.</summary>
    public RowFault? Broken { get; private set; }

    /// <summary>Takes the next element out of what has been read. False: call <see cref="FillAsync"/>, unless <see cref="Broken"/>.</summary>
    public bool TryRead(out InputRecord record)
    {
        record = default;
        while (Broken is null)
        {
            if (_place == Place.Element)
                return TryElement(out record);
            body.Consume(body.Length - body.Bytes.TrimStart(" \t\r\n"u8).Length);
            if (body.Length == 0)
            {
                if (body.Ended && _place != Place.End)
                    Break("the body's end", _place == Place.Behind ? "',' or ']'" : "an event or ']'");
                return false;
            }

            Step(body.Bytes[0]);
        }

        return false;
    }

    /// <summary>Reads more bytes. False where there are none: <see cref="TryRead"/> has returned everything.</summary>
    public async ValueTask<bool> FillAsync(CancellationToken cancellationToken) =>
        await body.FillAsync(cancellationToken) || body.Length > 0 || _place != Place.End;

    /// <summary>What is there of what can't be read.</summary>
    public InputRecord Rest()
    {
        if (_oversize is { } oversize)
            return oversize.Complete();
        var rest = body.Bytes;
        return rest.Length <= options.KeepHeadBytes ? new InputRecord(rest) : new InputRecord(rest[..options.KeepHeadBytes], rest.Length, SHA256.HashData(rest));
    }

    public void Dispose() => _oversize?.Dispose();

    /// <summary>Goes over what stands between elements.</summary>
    private void Step(byte next)
    {
        switch (_place, next)
        {
            case (Place.Start, (byte)'['):
                _place = Place.First;
                break;
            case (Place.First or Place.Behind, (byte)']'):
                _place = Place.End;
                break;
            case (Place.Behind, (byte)','):
                _place = Place.Next;
                break;
            case (Place.First or Place.Next, not ((byte)',' or (byte)']')):
                _place = Place.Element;
                (_scanned, _depth, _inString, _escaped) = (0, 0, false, false);
                return;
            default:
                Break($"'{(char)next}'{(_place == Place.End ? " behind the array" : "")}", _place switch
                {
                    Place.Behind => "',' or ']'",
                    Place.End => "nothing",
                    Place.Start => "'[' of an array",
                    _ => "an event",
                });
                return;
        }

        body.Consume(1);
    }

    private bool TryElement(out InputRecord record)
    {
        record = default;
        var bytes = body.Bytes;
        if (!TryEnd(bytes, out var end))
        {
            if (body.Ended)
            {
                Break($"the body's end after {(_oversize?.Length ?? 0) + bytes.Length} bytes", "a whole event and ']' behind the last");
            }
            else if (_oversize is not null || bytes.Length > options.KeepWholeBytes)
            {
                _oversize ??= new OversizeRecord(options.KeepHeadBytes);
                _oversize.Append(bytes);
                body.Consume(bytes.Length);
                _scanned = 0;
            }

            return false;
        }

        var element = bytes[..end];
        body.Consume(end);
        _place = Place.Behind;
        if (_oversize is null)
        {
            record = new InputRecord(element.TrimEnd(" \t\r\n"u8));
            return true;
        }

        _oversize.Append(element);
        record = _oversize.Complete();
        _oversize = null;
        return true;
    }

    /// <summary>Looks for the element's end from where it was looked for last.</summary>
    private bool TryEnd(ReadOnlySpan<byte> bytes, out int end)
    {
        while (_scanned < bytes.Length)
        {
            if (_escaped)
            {
                _escaped = false;
                _scanned++;
                continue;
            }

            var found = bytes[_scanned..].IndexOfAny(_inString ? TextMarks : _depth > 0 ? InnerMarks : OuterMarks);
            if (found < 0)
            {
                _scanned = bytes.Length;
                break;
            }

            end = _scanned + found;
            _scanned = end + 1;
            var at = bytes[end];
            if (_inString)
            {
                (_inString, _escaped) = (at != '"', at == '\\');
                continue;
            }

            // Behind a bare number or word stands what is not its own.
            if (_depth == 0 && (at is (byte)',' or (byte)']'))
                return true;
            if (at == '"')
                _inString = true;
            else if (at is (byte)'{' or (byte)'[')
                _depth++;
            else if (--_depth <= 0)
            {
                end++;
                return true;
            }
        }

        end = 0;
        return false;
    }

    private void Break(string found, string expected) => Broken = new RowFault("", RowRules.Framing, found, expected);
}
