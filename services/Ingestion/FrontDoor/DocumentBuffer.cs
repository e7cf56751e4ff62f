using System.Buffers;
using Microsoft.AspNetCore.Http;
using RealTimeMesh.Ingestion.Memory;

namespace RealTimeMesh.Ingestion.FrontDoor;

/// <summary>A body that must be there whole before its events can be read; bounded in bytes and in the time it takes.</summary>
internal sealed class DocumentBuffer(EventsRequest request, IngestionOptions options) : IDisposable
{
    private const int FirstCapacity = 4 * 1024;

    private byte[] _buffer = [];
    private int _length;

    public ReadOnlySpan<byte> Bytes => _buffer.AsSpan(0, _length);

    public ReadOnlyMemory<byte> Memory => _buffer.AsMemory(0, _length);

    /// <summary>Null once the body is here, else why it is not taken.</summary>
    public async Task<ErrorResult?> ReadAsync(TimeProvider time, CancellationToken cancellationToken)
    {
        using var limit = new CancellationTokenSource(options.BodyTimeout, time);
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        try
        {
            while (true)
            {
                if (_length == _buffer.Length)
                    await GrowAsync(linked.Token);
                var read = await request.Body.ReadAsync(_buffer.AsMemory(_length), linked.Token);
                if (read == 0)
                    return null;
                _length += read;
                if (_length > options.MaxJsonBodyBytes)
                    return new ErrorResult(StatusCodes.Status413PayloadTooLarge, "body_size", $"body: found more than {options.MaxJsonBodyBytes} bytes; expected at most that many. Send a stream of application/x-ndjson, which has no limit.");
            }
        }
        catch (OperationCanceledException) when (limit.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            return Late(_length, options);
        }
        catch (MemoryRefusedException e)
        {
            return new ErrorResult(StatusCodes.Status429TooManyRequests, "overloaded", $"{e.Message}; nothing of this request was taken. Send it again after the time that Retry-After gives.", options.RetryAfter);
        }
    }

    /// <summary>The answer to a body that does not come.</summary>
    public static ErrorResult Late(int length, IngestionOptions options) =>
        new ErrorResult(StatusCodes.Status408RequestTimeout, "body_time", $"body: found {length} bytes within {options.BodyTimeout}; expected all of it. Send a stream of application/x-ndjson, which may take as long as it likes.");

    public void Dispose()
    {
        if (_buffer.Length > 0)
            ArrayPool<byte>.Shared.Return(_buffer);
        request.Memory.Return(_buffer.Length);
        _buffer = [];
    }

    private async ValueTask GrowAsync(CancellationToken cancellationToken)
    {
        var capacity = Math.Max(FirstCapacity, 2 * _buffer.Length);
        await request.Memory.TakeAsync(capacity, options.RoomTimeout, cancellationToken);
        var larger = ArrayPool<byte>.Shared.Rent(capacity);
        Bytes.CopyTo(larger);
        if (_buffer.Length > 0)
            ArrayPool<byte>.Shared.Return(_buffer);
        request.Memory.Return(_buffer.Length);
        // The pool may give more than was asked for.
        request.Memory.Take(larger.Length - capacity);
        _buffer = larger;
    }
}
