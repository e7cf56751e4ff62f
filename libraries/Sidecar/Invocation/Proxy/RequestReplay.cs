using System.Buffers;
using System.Buffers.Binary;
using System.IO.Pipelines;
using Grpc.Core;

namespace RealTimeMesh.Sidecar.Invocation.Proxy;

/// <summary>
/// The one message of a unary call, kept so that the call can be made again. Nobody says of a proxied call whether it is
/// unary: a second message proves it is not.
/// </summary>
internal sealed class RequestReplay
{
    private const int HeaderBytes = 5;

    private readonly PipeReader _reader;
    private readonly byte[] _message;

    private RequestReplay(PipeReader reader, byte[] message, CancellationToken cancellationToken)
    {
        _reader = reader;
        _message = message;
        Ended = EndAsync(cancellationToken);
    }

    /// <summary>Ends at the end of the request. Throws <see cref="InvokeException"/> where there is a second message.</summary>
    private Task Ended { get; }

    /// <summary>Reads the first message, or the end.</summary>
    public static async Task<RequestReplay> ReadAsync(PipeReader reader, int maxMessageBytes, CancellationToken cancellationToken)
    {
        while (true)
        {
            var read = await reader.ReadAsync(cancellationToken);
            var length = Length(read.Buffer);
            if (length > maxMessageBytes)
                throw new InvokeException(StatusCode.ResourceExhausted, $"grpc: received message larger than max ({length} vs. {maxMessageBytes})");
            if (length is { } whole && read.Buffer.Length >= HeaderBytes + whole)
            {
                var message = read.Buffer.Slice(0, HeaderBytes + whole);
                var copy = message.ToArray();
                reader.AdvanceTo(message.End);
                return new RequestReplay(reader, copy, cancellationToken);
            }

            reader.AdvanceTo(read.Buffer.Start, read.Buffer.End);
            if (read.IsCompleted)
                return new RequestReplay(reader, read.Buffer.ToArray(), cancellationToken);
        }
    }

    /// <summary>The request's body for one attempt.</summary>
    public HttpContent CreateContent() => new Content(this);

    private async Task EndAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            var read = await _reader.ReadAsync(cancellationToken);
            if (!read.Buffer.IsEmpty)
                throw new InvokeException(StatusCode.FailedPrecondition, "cannot use resiliency policies with retries on streaming RPCs");
            if (read.IsCompleted)
                return;
            _reader.AdvanceTo(read.Buffer.End);
        }
    }

    private static long? Length(in ReadOnlySequence<byte> buffer)
    {
        if (buffer.Length < HeaderBytes)
            return null;
        Span<byte> header = stackalloc byte[HeaderBytes];
        buffer.Slice(0, HeaderBytes).CopyTo(header);
        return BinaryPrimitives.ReadUInt32BigEndian(header[1..]);
    }

    private sealed class Content(RequestReplay replay) : HttpContent
    {
        protected override Task SerializeToStreamAsync(Stream stream, System.Net.TransportContext? context) => SerializeToStreamAsync(stream, context, default);

        protected override async Task SerializeToStreamAsync(Stream stream, System.Net.TransportContext? context, CancellationToken cancellationToken)
        {
            await stream.WriteAsync(replay._message, cancellationToken);
            await stream.FlushAsync(cancellationToken);
            await replay.Ended.WaitAsync(cancellationToken);
        }

        protected override bool TryComputeLength(out long length)
        {
            length = 0;
            return false;
        }
    }
}
