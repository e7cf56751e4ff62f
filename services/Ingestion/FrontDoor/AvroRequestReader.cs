using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;
using RealTimeMesh.Ingestion.Forms;

namespace RealTimeMesh.Ingestion.FrontDoor;

/// <summary>
/// Takes Avro; what it is shows in its first bytes: an object container file, one record in Confluent's frame, or one in
/// single-object encoding. With <c>delimited=true</c> it is a stream of such records behind their lengths.
/// </summary>
internal sealed class AvroRequestReader(PayloadForms forms, IngestionOptions options, TimeProvider time) : IRequestReader
{
    private readonly BinaryEvents _events = new(options, time);
    private readonly AvroFileEvents _files = new(options, time);

    public IReadOnlyList<string> MediaTypes => PayloadForms.AvroTypes;

    public string Form => "an Avro file, or a record with its schema id or fingerprint, or with delimited=true such records behind their lengths";

    public bool Streamed => true;

    public async Task<IResult> ReadAsync(EventsRequest request, CancellationToken cancellationToken)
    {
        if (!MediaTypeHeaderValue.TryParse(request.ContentType, out var type))
            return new ErrorResult(StatusCodes.Status415UnsupportedMediaType, "content_type", $"content type: found '{request.ContentType}'; expected a media type with parameters.");
        var form = forms.Avro(request.Stream.Spec);
        using var body = new BodyBuffer(request.Body, request.Memory, options);
        if (string.Equals(PayloadForms.Parameter(type, "delimited"), "true", StringComparison.OrdinalIgnoreCase))
            return await _events.ReadDelimitedAsync(request, body, form, PayloadForms.OneEvent(type), cancellationToken);
        await body.HasAsync(AvroFileForm.Magic.Length, cancellationToken);
        if (body.Length == 0)
            return new ErrorResult(StatusCodes.Status400BadRequest, "empty_body", "body: found nothing; expected an Avro file or a record.");
        return body.Bytes.StartsWith(AvroFileForm.Magic)
            ? await _files.ReadAsync(request, body, cancellationToken)
            : await _events.ReadOneAsync(request, body, form, PayloadForms.OneEvent(type), cancellationToken);
    }
}
