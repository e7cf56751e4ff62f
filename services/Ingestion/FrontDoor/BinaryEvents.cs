using Microsoft.AspNetCore.Http;
using RealTimeMesh.Contracts;
using RealTimeMesh.Ingestion.CloudEvents;
using RealTimeMesh.Ingestion.Forms;
using RealTimeMesh.Ingestion.Memory;
using RealTimeMesh.Ingestion.Rows;

namespace RealTimeMesh.Ingestion.FrontDoor;

/// <summary>Takes bodies of binary events: one, or a stream of them behind their lengths.</summary>
internal sealed class BinaryEvents(IngestionOptions options, TimeProvider time)
{
    /// <summary>A body that is one event.</summary>
    public async Task<IResult> ReadOneAsync(EventsRequest request, BodyBuffer body, IPayloadForm form, string contentType, CancellationToken cancellationToken)
    {
        while (await body.FillAsync(cancellationToken))
        {
            if (body.Length > options.MaxJsonBodyBytes)
                return new ErrorResult(StatusCodes.Status413PayloadTooLarge, "body_size", $"body: found more than {options.MaxJsonBodyBytes} bytes; expected at most that many. Send several events one behind the other, which has no limit.");
        }

        // Nothing is a Protobuf message too; Avro can't be, and says so.
        if (await PrepareAsync(form, body.Memory, cancellationToken) is { } problem)
            return NotReady(request, problem);
        var batches = new RequestBatches(request, options, time, contentType);
        batches.Add(form, new InputRecord(body.Bytes));
        await batches.FlushAsync(cancellationToken);
        await batches.FinishAsync();
        return batches.Answer("");
    }

    /// <summary>Ends a request of one CloudEvent, which is among the batches unless its schema must be asked for.</summary>
    public async Task<IResult> FinishOneAsync(EventsRequest request, RequestBatches batches, UnpreparedEvent? waiting, CancellationToken cancellationToken)
    {
        if (await AddAsync(batches, waiting, cancellationToken) is { } problem)
            return await GiveUpAsync(request, batches, problem, cancellationToken);
        await batches.FlushAsync(cancellationToken);
        await batches.FinishAsync();
        return batches.Answer("");
    }

    /// <summary>Adds a CloudEvent whose schema must be asked for, if there is one; returns why it can't be decided on where the registry is out.</summary>
    public static async ValueTask<string?> AddAsync(RequestBatches batches, UnpreparedEvent? waiting, CancellationToken cancellationToken)
    {
        if (waiting is null)
            return null;
        if (await PrepareAsync(waiting.Form, waiting.Data, cancellationToken) is { } problem)
            return problem;
        batches.Add(waiting);
        return null;
    }

    /// <summary>A body of any number of events, each behind its length as a varint. It is never held whole.</summary>
    public async Task<IResult> ReadDelimitedAsync(EventsRequest request, BodyBuffer body, IPayloadForm form, string contentType, CancellationToken cancellationToken)
    {
        var batches = new RequestBatches(request, options, time, contentType);
        using var records = new DelimitedReader(body, options);
        return await batches.ReadAsync(ReadAllAsync, "body: found nothing; expected events, each behind its length as a varint.", cancellationToken);

        async Task<IResult?> ReadAllAsync()
        {
            while (batches.Open)
            {
                if (records.TryRead(out var record))
                {
                    // A span doesn't outlive an await: what the registry must be asked about is rare and copied.
                    if (form.IsPrepared(record.Bytes))
                        batches.Add(form, record);
                    else if (await AddUnpreparedAsync(batches, form, record.Bytes.ToArray(), record.Length, record.Sha256, cancellationToken) is { } problem)
                        return await GiveUpAsync(request, batches, problem, cancellationToken);
                    if (batches.BatchIsFull)
                        await batches.FlushAsync(cancellationToken);
                }
                else if (records.Broken is { } broken)
                {
                    batches.Stop(broken, records.Rest());
                    break;
                }
                else if (!await batches.ArrivedAsync(records.FillAsync(cancellationToken), cancellationToken))
                {
                    break;
                }
            }

            return null;
        }
    }

    /// <summary>The registry did not answer: what came before is stored, and the answer says that the rest is not.</summary>
    public async Task<IResult> GiveUpAsync(EventsRequest request, RequestBatches batches, string problem, CancellationToken cancellationToken)
    {
        if (batches.Count == 0)
            return NotReady(request, problem);
        await batches.FlushAsync(cancellationToken);
        await batches.FinishAsync();
        batches.GiveUp(problem);
        return batches.Answer("");
    }

    private static async Task<string?> AddUnpreparedAsync(RequestBatches batches, IPayloadForm form, byte[] bytes, long length, byte[]? sha256, CancellationToken cancellationToken)
    {
        if (await PrepareAsync(form, bytes, cancellationToken) is { } problem)
            return problem;
        batches.Add(form, new InputRecord(bytes, length, sha256));
        return null;
    }

    private static async ValueTask<string?> PrepareAsync(IPayloadForm form, ReadOnlyMemory<byte> payload, CancellationToken cancellationToken)
    {
        try
        {
            await form.PrepareAsync(payload, cancellationToken);
            return null;
        }
        catch (ContractException e)
        {
            return e.Message;
        }
    }

    private ErrorResult NotReady(EventsRequest request, string problem) => new(
        StatusCodes.Status503ServiceUnavailable,
        "not_ready",
        $"stream '{request.Stream.Spec.Topic}' can't take these events yet: {problem} Send them again later.",
        options.RetryAfter);
}
