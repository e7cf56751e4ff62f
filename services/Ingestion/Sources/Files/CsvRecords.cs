using System.Buffers;
using RealTimeMesh.Ingestion.Rows;

namespace RealTimeMesh.Ingestion.Sources.Files;

/// <summary>
/// Splits text into CSV records: lines whose line breaks may stand within quotes. A quote counts at the start of a field
/// alone, so that one within a field can't swallow the lines behind it; one that is never closed ends with its line. Blank
/// lines, comments and a byte order mark are passed over. A record is valid until the next call.
/// </summary>
internal sealed class CsvRecords(Stream text, IngestionOptions options, CsvSyntax syntax, long offset = 0) : IDisposable
{
    private const int FirstCapacity = 128 * 1024;

    private static readonly byte[] Bom = [0xEF, 0xBB, 0xBF];

    private readonly SearchValues<byte> _special = SearchValues.Create([(byte)'\n', .. syntax.Quote == 0 ? (byte[])[] : [syntax.Quote], .. syntax.Escape == 0 ? (byte[])[] : [syntax.Escape]]);
    private byte[] _buffer = ArrayPool<byte>.Shared.Rent(FirstCapacity);
    private int _start;
    private int _end;
    private int _scanned;
    private int _closed = -1;
    private bool _inQuotes;
    private bool _inComment;
    private bool _ended;
    private bool _reading;
    private bool _bomPassed = offset != 0;
    private OversizeRecord? _oversize;

    /// <summary>Offset in the text of the byte after the last record and its line break.</summary>
    public long Offset { get; private set; } = offset;

    /// <summary>The text has been read to its end; records may be left.</summary>
    public bool Ended => _ended;

    /// <summary>Takes the next record out of what has been read. False: call <see cref="FillAsync"/>.</summary>
    public bool TryRead(out InputRecord record)
    {
        while (FindEnd(out var end, out var next))
        {
            var bytes = _buffer.AsSpan(_start, end - _start);
            var comment = _inComment;
            if (_oversize is not null)
                _oversize.Append(bytes);
            else if (bytes is [.., (byte)'\r'])
                bytes = bytes[..^1];
            Consume(next);
            if (_oversize is { } oversize)
            {
                record = oversize.Complete();
                _oversize = null;
                return true;
            }

            if (comment || bytes.IndexOfAnyExcept((byte)' ', (byte)'\t', (byte)'\r') < 0)
                continue;
            record = new InputRecord(bytes);
            return true;
        }

        record = default;
        return false;
    }

    /// <summary>Reads more bytes. False where there are none: <see cref="TryRead"/> has returned everything.</summary>
    public async ValueTask<bool> FillAsync(CancellationToken cancellationToken)
    {
        if (_ended)
            return false;
        MakeRoom();
        _reading = true;
        // A record beyond the keep limit is noticed soon after it.
        var most = Math.Max(FirstCapacity, options.KeepWholeBytes + 1 - (_end - _start));
        var read = await text.ReadAsync(_buffer.AsMemory(_end, Math.Min(_buffer.Length - _end, most)), cancellationToken);
        _reading = false;
        _end += read;
        _ended = read == 0;
        if (!_bomPassed && (_end - _start >= Bom.Length || _ended))
        {
            _bomPassed = true;
            if (_buffer.AsSpan(_start, _end - _start).StartsWith(Bom))
                Consume(_start + Bom.Length);
        }

        // At the end a last record without line break may still be there.
        return !_ended || _start < _end || _oversize is not null;
    }

    public void Dispose()
    {
        // A read that was abandoned may still write into the buffer: that one is left to the collector.
        if (_buffer.Length > 0 && !_reading)
            ArrayPool<byte>.Shared.Return(_buffer);
        _buffer = [];
        _oversize?.Dispose();
    }

    private bool FindEnd(out int end, out int next)
    {
        end = next = 0;
        if (!_bomPassed || !TryBegin())
            return false;
        while (_scanned < _end)
        {
            var rest = _buffer.AsSpan(_scanned, _end - _scanned);
            var found = _inComment || _oversize is not null ? rest.IndexOf((byte)'\n') : rest.IndexOfAny(_special);
            if (found < 0)
            {
                _scanned = _end;
                break;
            }

            var at = _scanned + found;
            if (_buffer[at] == syntax.Escape && syntax.Escape != 0 && !_inComment && _oversize is null)
            {
                // The byte that it escapes may not be here yet.
                if (at + 1 == _end && !_ended)
                {
                    _scanned = at;
                    break;
                }

                _scanned = Math.Min(at + 2, _end);
                continue;
            }

            _scanned = at + 1;
            if (_buffer[at] != (byte)'\n')
            {
                Quote(at);
                continue;
            }

            if (_inQuotes)
                continue;
            end = at;
            next = at + 1;
            return true;
        }

        return FindLast(out end, out next);
    }

    /// <summary>Sees whether a record begins as a comment. False where that can't be told yet.</summary>
    private bool TryBegin()
    {
        if (syntax.Comment.Length == 0 || _scanned != _start || _inComment || _oversize is not null)
            return true;
        var here = _buffer.AsSpan(_start, _end - _start);
        _inComment = here.StartsWith(syntax.Comment);
        return here.Length >= syntax.Comment.Length || _ended;
    }

    private void Quote(int at)
    {
        if (_inQuotes)
        {
            _inQuotes = false;
            _closed = at - _start;
        }
        else if (at == _start || _buffer[at - 1] == syntax.Delimiter || _closed == at - 1 - _start)
        {
            // At the start of a field, or the second of a doubled pair.
            _inQuotes = true;
        }
    }

    private bool FindLast(out int end, out int next)
    {
        end = next = 0;
        // A quote that is never closed must not swallow the rest of the file: its first line becomes the record.
        if (_inQuotes && (_ended || _end - _start > options.MaxEventBytes) && _oversize is null)
        {
            var newline = _buffer.AsSpan(_start, _end - _start).IndexOf((byte)'\n');
            if (newline >= 0)
            {
                end = _start + newline;
                next = end + 1;
                return true;
            }
        }

        if (!_ended || (_start == _end && _oversize is null))
            return false;
        end = next = _end;
        return true;
    }

    private void Consume(int next)
    {
        Offset += next - _start;
        _start = _scanned = next;
        _inQuotes = _inComment = false;
        _closed = -1;
    }

    private void MakeRoom()
    {
        if (_end - _start > options.KeepWholeBytes || _oversize is not null || (_inComment && _end == _buffer.Length))
            DropPending();
        if (_end < _buffer.Length)
            return;
        if (_start > 0)
        {
            _buffer.AsSpan(_start, _end - _start).CopyTo(_buffer);
        }
        else
        {
            var larger = ArrayPool<byte>.Shared.Rent(_buffer.Length * 2);
            _buffer.AsSpan(0, _end).CopyTo(larger);
            ArrayPool<byte>.Shared.Return(_buffer);
            _buffer = larger;
        }

        _end -= _start;
        _scanned -= _start;
        _start = 0;
    }

    /// <summary>Of a record beyond the keep limit only head, length and hash are held, of a comment nothing.</summary>
    private void DropPending()
    {
        var pending = _buffer.AsSpan(_start, _end - _start);
        if (!_inComment)
        {
            _oversize ??= new OversizeRecord(options.KeepHeadBytes);
            _oversize.Append(pending);
        }

        _inQuotes = false;
        Offset += pending.Length;
        _start = _end = _scanned = 0;
    }
}
