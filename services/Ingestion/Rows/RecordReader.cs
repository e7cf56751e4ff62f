using System.Buffers;
using System.Security.Cryptography;

namespace RealTimeMesh.Ingestion.Rows;

/// <summary>
/// Splits a stream of bytes into records: lines, or with <paramref name="quoted"/> lines whose line breaks may
/// stand in double quotes (RFC 4180). Takes any bytes, lines of any length, CRLF, a missing last line break; skips
/// blank lines and a UTF-8 byte order mark at offset 0. A record is valid until the next call.
/// </summary>
internal sealed class RecordReader(Stream stream, IngestionOptions options, bool quoted, long offset = 0) : IDisposable
{
    private const int FirstCapacity = 128 * 1024;

    private byte[] _buffer = ArrayPool<byte>.Shared.Rent(FirstCapacity);
    private int _start;
    private int _end;
    private int _scanned;
    private bool _inQuotes;
    private bool _ended;
    private bool _reading;
    private bool _bomChecked = offset != 0;
    private OversizeRecord? _oversize;

    /// <summary>Offset in the stream of the byte after the last record and its line break.</summary>
    public long Offset { get; private set; } = offset;

    /// <summary>Takes the next record out of what has been read. False: call <see cref="FillAsync"/>.</summary>
    public bool TryRead(out InputRecord record)
    {
        while (true)
        {
            if (!FindEnd(out var end, out var next))
            {
                record = default;
                return false;
            }

            if (_oversize is { } oversize)
            {
                oversize.Append(_buffer.AsSpan(_start, end - _start));
                record = oversize.Complete();
                Consume(next);
                _oversize = null;
                return true;
            }

            var bytes = _buffer.AsSpan(_start, end - _start);
            if (bytes is [.., (byte)'\r'])
                bytes = bytes[..^1];
            Consume(next);
            if (bytes.IndexOfAnyExcept((byte)' ', (byte)'\t', (byte)'\r') < 0)
                continue;
            record = new InputRecord(bytes);
            return true;
        }
    }

    /// <summary>Reads more bytes. False where there are none: <see cref="TryRead"/> has returned everything.</summary>
    public async ValueTask<bool> FillAsync(CancellationToken cancellationToken)
    {
        if (_ended)
            return false;
        MakeRoom();
        _reading = true;
        var read = await stream.ReadAsync(_buffer.AsMemory(_end), cancellationToken);
        _reading = false;
        _end += read;
        if (read == 0)
            _ended = true;
        if (!_bomChecked && (_end - _start >= 3 || _ended))
        {
            _bomChecked = true;
            if (_buffer.AsSpan(_start, _end - _start).StartsWith("\uFEFF"u8))
                Consume(_start + 3);
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
        if (!_bomChecked)
            return false;
        while (_scanned < _end)
        {
            var rest = _buffer.AsSpan(_scanned, _end - _scanned);
            var found = quoted && _oversize is null ? rest.IndexOfAny((byte)'\n', (byte)'"') : rest.IndexOf((byte)'\n');
            if (found < 0)
            {
                _scanned = _end;
                break;
            }

            var at = _scanned + found;
            _scanned = at + 1;
            if (_buffer[at] == (byte)'"')
            {
                _inQuotes = !_inQuotes;
                continue;
            }

            if (_inQuotes)
                continue;
            end = at;
            next = at + 1;
            return true;
        }

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
        _start = next;
        _scanned = next;
        _inQuotes = false;
    }

    private void MakeRoom()
    {
        if (_end - _start > options.KeepWholeBytes || _oversize is not null)
        {
            // Beyond the keep limit only head, length and hash are held.
            _oversize ??= new OversizeRecord(options.KeepHeadBytes);
            _inQuotes = false;
            _oversize.Append(_buffer.AsSpan(_start, _end - _start));
            Offset += _end - _start;
            _start = _end = _scanned = 0;
        }

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

    /// <summary>What is kept of a record that is too long to be kept.</summary>
    private sealed class OversizeRecord(int keep) : IDisposable
    {
        private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        private readonly byte[] _head = new byte[keep];
        private int _kept;
        private long _length;

        public void Append(ReadOnlySpan<byte> bytes)
        {
            _hash.AppendData(bytes);
            _length += bytes.Length;
            var count = Math.Min(bytes.Length, keep - _kept);
            bytes[..count].CopyTo(_head.AsSpan(_kept));
            _kept += count;
        }

        public InputRecord Complete()
        {
            var record = new InputRecord(_head.AsSpan(0, _kept), _length, _hash.GetHashAndReset());
            _hash.Dispose();
            return record;
        }

        public void Dispose() => _hash.Dispose();
    }
}
