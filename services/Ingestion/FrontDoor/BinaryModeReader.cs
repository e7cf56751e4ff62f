using Microsoft.AspNetCore.Http;
using RealTimeMesh.Ingestion.CloudEvents;
using RealTimeMesh.Ingestion.Forms;
using RealTimeMesh.Ingestion.Memory;
using RealTimeMesh.Ingestion.Rows;

namespace RealTimeMesh.Ingestion.FrontDoor;

/// <summary>Takes one CloudEvent whose attributes are headers. It goes by a header rather than by its content type, which is that of its data.</summary>
internal sealed class BinaryModeReader(PayloadForms forms, IngestionOptions options, TimeProvider time) : IRequestReader
{
    private readonly BinaryEvents _binary = new(options, time);

    public IReadOnlyList<string> MediaTypes { get; } = ["cloudevent in binary mode"];

    public string Form => "a CloudEvent's data, its attributes in headers";

    public bool Streamed => false;

    public async Task<IResult> ReadAsync(EventsRequest request, CancellationToken cancellationToken)
    {
        using var document = new DocumentBuffer(request, options);
        if (await document.ReadAsync(time, cancellationToken) is { } refusal)
            return refusal;
        var batches = new RequestBatches(request, options, time, request.ContentType.Length == 0 ? null : request.ContentType);
        UnpreparedEvent? waiting = null;
        if (!BinaryMode.TryRead(request.Attributes, request.ContentType, out var attributes, out var fault) || !EventData.TryForm(forms, request.Stream.Spec, attributes, out var form, out fault))
            batches.Reject(fault, new InputRecord(document.Bytes));
        else if (form is null || form.IsPrepared(document.Bytes))
            batches.Add(attributes, form, new InputRecord(document.Bytes));
        else
            waiting = new UnpreparedEvent(attributes, form, document.Memory);
        return await _binary.FinishOneAsync(request, batches, waiting, cancellationToken);
    }
}
