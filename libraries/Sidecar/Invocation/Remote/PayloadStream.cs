using RealTimeMesh.Sidecar.Invocation.Wire;

namespace RealTimeMesh.Sidecar.Invocation.Remote;

/// <summary>The body within a stream of messages: payloads numbered from 0.</summary>
/// <param name="first">Payload of the first message; null where it had none.</param>
/// <param name="next">The payload of the next message; null at the end.</param>
internal sealed class PayloadStream(StreamPayload? first, Func<CancellationToken, ValueTask<StreamPayload?>> next) : ReadOnlyStream
{
    private StreamPayload? _pending = first;
    private ReadOnlyMemory<byte> _unread;
    private ulong _expected;
    private bool _ended;

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        while (_unread.IsEmpty)
        {
            if (_ended)
                return 0;
            var payload = _pending ?? await next(cancellationToken);
            _pending = null;
            if (payload is null)
            {
                _ended = true;
                return 0;
            }

            if (payload.Seq != _expected)
                throw new IOException($"invalid sequence number received: {payload.Seq} (expected: {_expected})");
            _expected++;
            _unread = payload.Data.Memory;
        }

        var count = Math.Min(buffer.Length, _unread.Length);
        _unread[..count].CopyTo(buffer);
        _unread = _unread[count..];
        return count;
    }
}
