using System.Buffers;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using RealTimeMesh.Ingestion.Publishing;
using RealTimeMesh.Ingestion.Rows;

namespace RealTimeMesh.Ingestion.FrontDoor;

/// <summary>
/// Takes a JSON document: one event, or an array of events. A body that is no JSON is one event that is rejected and
/// kept as it came, so that nothing a producer sent vanishes.
/// </summary>
internal sealed class JsonRequestReader(IngestionOptions options, TimeProvider time) : IRequestReader
{
    public IReadOnlyList<string> MediaTypes { get; } = ["application/json"];

    public string Form => "an object or an array";

    public bool Streamed => false;

    public async Task<IResult> ReadAsync(EventsRequest request, CancellationToken cancellationToken)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(16 * 1024);
        try
        {
            var length = 0;
            while (true)
            {
                if (length == buffer.Length)
                    Grow(ref buffer);
                var read = await request.Body.ReadAsync(buffer.AsMemory(length), cancellationToken);
                if (read == 0)
                    break;
                length += read;
                if (length > options.MaxJsonBodyBytes)
                    return new ErrorResult(StatusCodes.Status413PayloadTooLarge, "body_size", $"body: found more than {options.MaxJsonBodyBytes} bytes; expected at most that many. Send a stream of application/x-ndjson, which has no limit.");
            }

            if (buffer.AsSpan(0, length).IndexOfAnyExcept(" \t\r\n"u8) < 0)
                return new ErrorResult(StatusCodes.Status400BadRequest, "empty_body", "body: found nothing; expected a JSON object or an array of objects.");
            return await PublishAsync(request, buffer.AsMemory(0, length));
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private async Task<IResult> PublishAsync(EventsRequest request, ReadOnlyMemory<byte> body)
    {
        var stream = request.Stream;
        var tally = new RequestTally(options.MaxListedRejects);
        var batch = stream.Rent();
        batch.Begin(request.Origin, time.GetUtcNow(), request.TraceParent);
        Fill(batch, body.Span);
        batch.Seal();
        if (stream.Publisher.TryPublish(batch) is { } publish)
            tally.Add(batch, await publish);
        else
            tally.Fail(PublishStatus.Overloaded, "the publish queue is full", Enumerable.Range(0, batch.Count).Select(index => (long)index));
        stream.Return(batch);
        return new EventsResult(tally, options.RetryAfter);
    }

    private static void Fill(EventBatch batch, ReadOnlySpan<byte> body)
    {
        if (body.StartsWith("\uFEFF"u8))
            body = body[3..];
        body = body.Trim(" \t\r\n"u8);
        if (body[0] != (byte)'[' || !TrySplit(body, out var elements))
        {
            batch.AddJson(new InputRecord(body), 0);
            return;
        }

        for (var i = 0; i < elements.Count; i++)
            batch.AddJson(new InputRecord(body[elements[i]]), i);
    }

    /// <summary>Finds the elements of an array. False where the text is not one sound array.</summary>
    private static bool TrySplit(ReadOnlySpan<byte> body, out List<Range> elements)
    {
        elements = [];
        try
        {
            var reader = new Utf8JsonReader(body);
            reader.Read();
            while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
            {
                var start = (int)reader.TokenStartIndex;
                reader.Skip();
                elements.Add(start..(int)reader.BytesConsumed);
            }

            // Anything after the array throws.
            reader.Read();
            return true;
        }
        catch (JsonException)
        {
            // Not lost: the caller rejects the body as a whole, with the reason found by the row reader.
            return false;
        }
    }

    private static void Grow(ref byte[] buffer)
    {
        var larger = ArrayPool<byte>.Shared.Rent(buffer.Length * 2);
        buffer.CopyTo(larger, 0);
        ArrayPool<byte>.Shared.Return(buffer);
        buffer = larger;
    }
}
