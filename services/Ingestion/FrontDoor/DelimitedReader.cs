using System.Security.Cryptography;
using RealTimeMesh.Contracts;
using RealTimeMesh.Ingestion.Rows;

namespace RealTimeMesh.Ingestion.FrontDoor;

/// <summary>
/// Splits a body into records, each behind its length as a varint. Of a record beyond the keep limit only the head is held,
/// with length and hash. A length that is none, or a record that is cut off, ends it: see <see cref="Broken"/>.
/// </summary>
internal sealed class DelimitedReader(BodyBuffer body, IngestionOptions options) : IDisposable
{
    private const int MaxLengthBytes = 5;

    private OversizeRecord? _oversize;
    private long _length;

    /// <summary>Why no more records can be read; null where nothing is wrong.</summary>
    public RowFault? Broken { get; private set; }

    /// <summary>Takes the next record out of what has been read. False: call <see cref="FillAsync"/>, unless <see cref="Broken"/>.</summary>
    public bool TryRead(out InputRecord record)
    {
        record = default;
        if (Broken is not null)
            return false;
        if (_oversize is not null)
            return TryReadOversize(out record);
        if (!TryLength(out var length, out var prefix))
            return false;
        if (length > options.KeepWholeBytes)
        {
            body.Consume(prefix);
            _oversize = new OversizeRecord(options.KeepHeadBytes);
            _length = length;
            return TryReadOversize(out record);
        }

        if (body.Length - prefix < length)
        {
            if (body.Ended)
                Break($"{body.Length - prefix} of {length} bytes before the body's end", "the whole event");
            return false;
        }

        record = new InputRecord(body.Bytes.Slice(prefix, (int)length));
        body.Consume(prefix + (int)length);
        return true;
    }

    /// <summary>Reads more bytes. False where there are none: <see cref="TryRead"/> has returned everything.</summary>
    public async ValueTask<bool> FillAsync(CancellationToken cancellationToken) =>
        await body.FillAsync(cancellationToken) || body.Length > 0 || _oversize is not null;

    /// <summary>What is there of the record that can't be read.</summary>
    public InputRecord Rest()
    {
        if (_oversize is { } oversize)
            return oversize.Complete();
        var rest = body.Bytes;
        return rest.Length <= options.KeepHeadBytes ? new InputRecord(rest) : new InputRecord(rest[..options.KeepHeadBytes], rest.Length, SHA256.HashData(rest));
    }

    public void Dispose() => _oversize?.Dispose();

    private bool TryLength(out long length, out int prefix)
    {
        length = 0;
        var bytes = body.Bytes;
        for (prefix = 0; prefix < bytes.Length && prefix < MaxLengthBytes; prefix++)
        {
            length |= (long)(bytes[prefix] & 0x7F) << (7 * prefix);
            if (bytes[prefix] < 0x80)
            {
                prefix++;
                if (length <= int.MaxValue)
                    return true;
                Break($"a length of {length} bytes", $"at most {int.MaxValue}");
                return false;
            }
        }

        if (prefix == MaxLengthBytes)
            Break($"a length of more than {MaxLengthBytes} bytes", "the event's length as a varint");
        else if (body.Ended && !bytes.IsEmpty)
            Break("the body's end within a length", "an event behind its length");
        return false;
    }

    private bool TryReadOversize(out InputRecord record)
    {
        record = default;
        var part = body.Bytes[..(int)Math.Min(_length - _oversize!.Length, body.Length)];
        _oversize.Append(part);
        body.Consume(part.Length);
        if (_oversize.Length < _length)
        {
            if (body.Ended)
                Break($"{_oversize.Length} of {_length} bytes before the body's end", "the whole event");
            return false;
        }

        record = _oversize.Complete();
        _oversize = null;
        return true;
    }

    private void Break(string found, string expected) => Broken = new RowFault("", RowRules.Framing, found, expected);
}
