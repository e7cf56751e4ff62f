using System.Text.Json;
using Microsoft.AspNetCore.Http;
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
        using var document = new DocumentBuffer(request, options);
        if (await document.ReadAsync(time, cancellationToken) is { } refusal)
            return refusal;
        if (document.Bytes.IndexOfAnyExcept(" \t\r\n"u8) < 0)
            return new ErrorResult(StatusCodes.Status400BadRequest, "empty_body", "body: found nothing; expected a JSON object or an array of objects.");
        var batches = new RequestBatches(request, options, time);
        if (!TryFill(batches, request, document.Bytes, out var tooMany))
        {
            batches.Drop();
            return tooMany
                ? new ErrorResult(StatusCodes.Status413PayloadTooLarge, "events", $"body: found more than {options.MaxDocumentEvents} events; expected at most that many. Send a stream of application/x-ndjson, which has no limit.")
                : new ErrorResult(StatusCodes.Status429TooManyRequests, "overloaded", "all bytes that requests may hold together are in use; nothing of this request was taken. Send it again after the time that Retry-After gives.", options.RetryAfter);
        }

        // One batch, so that a queue which is full takes all of the document or nothing.
        await batches.FlushAsync(cancellationToken);
        await batches.FinishAsync();
        return new EventsResult(request.Tally, options.RetryAfter);
    }

    private bool TryFill(RequestBatches batches, EventsRequest request, ReadOnlySpan<byte> body, out bool tooMany)
    {
        tooMany = false;
        if (body.StartsWith("\uFEFF"u8))
            body = body[3..];
        body = body.Trim(" \t\r\n"u8);
        if (body[0] != (byte)'[' || !TrySplit(body, options.MaxDocumentEvents, out var elements))
        {
            batches.AddJson(new InputRecord(body), request.EventId);
            return true;
        }

        tooMany = elements.Count > options.MaxDocumentEvents;
        foreach (var element in tooMany ? [] : elements)
        {
            batches.AddJson(new InputRecord(body[element]), elements.Count == 1 ? request.EventId : null);
            if (request.Memory.IsExceeded)
                return false;
        }

        return !tooMany;
    }

    /// <summary>Finds the elements of an array, one more than <paramref name="most"/> at most. False where the text is not one sound array.</summary>
    private static bool TrySplit(ReadOnlySpan<byte> body, int most, out List<Range> elements)
    {
        elements = [];
        try
        {
            var reader = new Utf8JsonReader(body);
            reader.Read();
            while (elements.Count <= most && reader.Read() && reader.TokenType != JsonTokenType.EndArray)
            {
                var start = (int)reader.TokenStartIndex;
                reader.Skip();
                elements.Add(start..(int)reader.BytesConsumed);
            }

            // Anything after the array throws.
            if (elements.Count <= most)
                reader.Read();
            return true;
        }
        catch (JsonException)
        {
            // Not lost: the caller rejects the body as a whole, with the reason found by the row reader.
            return false;
        }
    }
}
