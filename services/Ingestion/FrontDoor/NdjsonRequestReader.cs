using Microsoft.AspNetCore.Http;
using RealTimeMesh.Ingestion.Memory;
using RealTimeMesh.Ingestion.Rows;

namespace RealTimeMesh.Ingestion.FrontDoor;

/// <summary>Takes a stream of lines of any length. It is never held whole.</summary>
internal sealed class NdjsonRequestReader(IngestionOptions options, TimeProvider time) : IRequestReader
{
    public IReadOnlyList<string> MediaTypes { get; } = ["application/x-ndjson", "application/jsonl", "application/x-jsonlines"];

    public string Form => "one object on each line";

    public bool Streamed => true;

    public async Task<IResult> ReadAsync(EventsRequest request, CancellationToken cancellationToken)
    {
        var batches = new RequestBatches(request, options, time);
        using var records = new RecordReader(request.Body, options, memory: request.Memory);
        return await batches.ReadAsync(ReadAllAsync, "body: found no line; expected one JSON object on each line.", cancellationToken);

        async Task<IResult?> ReadAllAsync()
        {
            while (batches.Open)
            {
                if (records.TryRead(out var record))
                {
                    batches.AddJson(record);
                    if (batches.BatchIsFull)
                        await batches.FlushAsync(cancellationToken);
                }
                else if (!await batches.ArrivedAsync(records.FillAsync(cancellationToken), cancellationToken))
                {
                    break;
                }
            }

            return null;
        }
    }
}
