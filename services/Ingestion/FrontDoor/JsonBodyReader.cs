using Microsoft.AspNetCore.Http;
using RealTimeMesh.Ingestion.Memory;
using RealTimeMesh.Ingestion.Rows;

namespace RealTimeMesh.Ingestion.FrontDoor;

/// <summary>
/// Takes JSON: a short body as the document it is, a long array element by element, so that it is never held whole.
/// </summary>
internal sealed class JsonBodyReader(JsonRequestReader documents, IngestionOptions options, TimeProvider time) : IRequestReader
{
    /// <summary>A body up to here is one document, taken whole or refused whole.</summary>
    private readonly int _longest = Math.Min(256 * 1024, options.MaxJsonBodyBytes);

    public IReadOnlyList<string> MediaTypes => documents.MediaTypes;

    public string Form => documents.Form;

    public bool Streamed => documents.Streamed;

    public async Task<IResult> ReadAsync(EventsRequest request, CancellationToken cancellationToken)
    {
        if (request.ContentLength <= _longest)
            return await documents.ReadAsync(request, cancellationToken);
        using var body = new BodyBuffer(request.Body, request.Memory, options);
        using var limit = new CancellationTokenSource(options.BodyTimeout, time);
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        try
        {
            while (body.Length <= _longest && await body.FillAsync(linked.Token))
            {
            }
        }
        catch (OperationCanceledException) when (limit.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            return DocumentBuffer.Late(body.Length, options);
        }

        if (body.Bytes.StartsWith("\uFEFF"u8))
            body.Consume(3);
        if (!body.Ended && body.Bytes.TrimStart(" \t\r\n"u8).StartsWith("["u8))
            return await ReadArrayAsync(request, body, cancellationToken);
        request.Body = new BufferedBody(body);
        return await documents.ReadAsync(request, cancellationToken);
    }

    private async Task<IResult> ReadArrayAsync(EventsRequest request, BodyBuffer body, CancellationToken cancellationToken)
    {
        var batches = new RequestBatches(request, options, time);
        using var elements = new JsonArrayReader(body, options);
        return await batches.ReadAsync(ReadAllAsync, "body: found an array without events; expected at least one.", cancellationToken);

        async Task<IResult?> ReadAllAsync()
        {
            await batches.ReadElementsAsync(elements, Add, cancellationToken);
            return null;
        }

        ValueTask<string?> Add(InputRecord element)
        {
            batches.AddJson(element);
            return default;
        }
    }
}
