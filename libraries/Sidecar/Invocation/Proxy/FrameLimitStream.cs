using System.Buffers.Binary;
using Grpc.Core;

namespace RealTimeMesh.Sidecar.Invocation.Proxy;

/// <summary>Hands on gRPC messages as they come and ends where one says it is longer than allowed.</summary>
internal sealed class FrameLimitStream(Stream inner, int maxMessageBytes) : ReadOnlyStream
{
    private const int HeaderBytes = 5;

    private readonly byte[] _header = new byte[HeaderBytes];
    private int _headerRead;
    private long _left;

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        var count = await inner.ReadAsync(buffer, cancellationToken);
        Follow(buffer.Span[..count]);
        return count;
    }

    private void Follow(ReadOnlySpan<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            if (_left > 0)
            {
                var passed = (int)Math.Min(_left, bytes.Length);
                _left -= passed;
                bytes = bytes[passed..];
                continue;
            }

            var needed = Math.Min(HeaderBytes - _headerRead, bytes.Length);
            bytes[..needed].CopyTo(_header.AsSpan(_headerRead));
            _headerRead += needed;
            bytes = bytes[needed..];
            if (_headerRead < HeaderBytes)
                return;
            _headerRead = 0;
            _left = BinaryPrimitives.ReadUInt32BigEndian(_header.AsSpan(1));
            if (_left > maxMessageBytes)
                throw new InvokeException(StatusCode.ResourceExhausted, $"grpc: received message larger than max ({_left} vs. {maxMessageBytes})");
        }
    }
}
