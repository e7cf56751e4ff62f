using System.Buffers;
using Google.Protobuf;
using RealTimeMesh.Sidecar.Invocation.Wire;

namespace RealTimeMesh.Sidecar.Invocation.Remote;

/// <summary>Sends a description and a body as a stream of messages, each piece as soon as it is there.</summary>
internal static class PayloadWriter
{
    private const int ChunkBytes = 32 * 1024;

    /// <param name="body">What follows the description.</param>
    /// <param name="write">Sends one message: the first one with the description, payload or none; the buffer may be used again when it has ended.</param>
    /// <param name="waitForBody">False sends the description at once where the first piece of the body is not there yet.</param>
    public static async Task WriteAsync(Stream body, Func<bool, StreamPayload?, Task> write, bool waitForBody, CancellationToken cancellationToken)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(ChunkBytes);
        try
        {
            var first = true;
            for (ulong sequence = 0; ; sequence++)
            {
                var reading = body.ReadAsync(buffer, cancellationToken);
                if (first && !waitForBody && !reading.IsCompleted)
                {
                    await write(true, null);
                    first = false;
                }

                var count = await reading;
                if (count == 0)
                    break;
                await write(first, new StreamPayload { Data = UnsafeByteOperations.UnsafeWrap(buffer.AsMemory(0, count)), Seq = sequence });
                first = false;
            }

            if (first)
                await write(true, null);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }
}
