using Microsoft.AspNetCore.Http;
using RealTimeMesh.Ingestion.CloudEvents;
using RealTimeMesh.Ingestion.Memory;
using RealTimeMesh.Ingestion.Rows;

namespace RealTimeMesh.Ingestion.FrontDoor;

/// <summary>Takes CloudEvents in JSON: one, or an array of any length, which is taken element by element.</summary>
internal sealed class CloudEventRequestReader(StructuredEvents events, IngestionOptions options, TimeProvider time) : IRequestReader
{
    private readonly BinaryEvents _binary = new(options, time);

    public IReadOnlyList<string> MediaTypes { get; } = [StructuredEvents.MediaType, StructuredEvents.BatchMediaType];

    public string Form => $"one CloudEvent; with {StructuredEvents.BatchMediaType} an array of them";

    public bool Streamed => false;

    public Task<IResult> ReadAsync(EventsRequest request, CancellationToken cancellationToken) =>
        StructuredEvents.IsOne(request.ContentType) ? ReadOneAsync(request, cancellationToken) : ReadBatchAsync(request, cancellationToken);

    private async Task<IResult> ReadOneAsync(EventsRequest request, CancellationToken cancellationToken)
    {
        using var document = new DocumentBuffer(request, options);
        if (await document.ReadAsync(time, cancellationToken) is { } refusal)
            return refusal;
        if (document.Bytes.IndexOfAnyExcept(" \t\r\n"u8) < 0)
            return new ErrorResult(StatusCodes.Status400BadRequest, "empty_body", "body: found nothing; expected a CloudEvent as one JSON object.");
        var batches = new RequestBatches(request, options, time, StructuredEvents.MediaType);
        return await _binary.FinishOneAsync(request, batches, Add(request, batches, document.Bytes), cancellationToken);
    }

    private async Task<IResult> ReadBatchAsync(EventsRequest request, CancellationToken cancellationToken)
    {
        using var body = new BodyBuffer(request.Body, request.Memory, options);
        var batches = new RequestBatches(request, options, time, StructuredEvents.MediaType);
        using var elements = new JsonArrayReader(body, options);
        return await batches.ReadAsync(ReadAllAsync, "body: found nothing; expected an array of CloudEvents.", cancellationToken);

        async Task<IResult?> ReadAllAsync()
        {
            if (await body.HasAsync(3, cancellationToken) && body.Bytes.StartsWith("\uFEFF"u8))
                body.Consume(3);
            if (body.Bytes.IndexOfAnyExcept(" \t\r\n"u8) < 0 && body.Ended)
                return null;
            if (await batches.ReadElementsAsync(elements, element => BinaryEvents.AddAsync(batches, Add(batches, request, element), cancellationToken), cancellationToken) is { } problem)
                return await _binary.GiveUpAsync(request, batches, problem, cancellationToken);
            // By the specification an array of no events is a batch too.
            return batches.Count == 0 && batches.Open ? new EventsResult(request.Tally, options.RetryAfter) : null;
        }
    }

    private UnpreparedEvent? Add(EventsRequest request, RequestBatches batches, ReadOnlySpan<byte> document) =>
        Add(batches, request, new InputRecord((document.StartsWith("\uFEFF"u8) ? document[3..] : document).Trim(" \t\r\n"u8)));

    private UnpreparedEvent? Add(RequestBatches batches, EventsRequest request, InputRecord document)
    {
        var waiting = events.Add(request.Stream.Spec, batches.Fill(), document, batches.Count);
        if (waiting is null)
            batches.Added(1, document.Bytes.Length);
        return waiting;
    }
}
