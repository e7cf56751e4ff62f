using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;
using RealTimeMesh.Ingestion.Forms;

namespace RealTimeMesh.Ingestion.FrontDoor;

/// <summary>
/// Takes Protobuf: one message, or with <c>delimited=true</c> (<c>encoding=delimited</c>) messages behind their lengths;
/// <c>application/vnd.google.protobuf</c> is the latter unless it says <c>delimited=false</c>.
/// </summary>
internal sealed class ProtobufRequestReader(PayloadForms forms, IngestionOptions options, TimeProvider time) : IRequestReader
{
    private readonly BinaryEvents _events = new(options, time);

    public IReadOnlyList<string> MediaTypes => PayloadForms.ProtobufTypes;

    public string Form => "a message, or with delimited=true messages behind their lengths";

    public bool Streamed => true;

    public async Task<IResult> ReadAsync(EventsRequest request, CancellationToken cancellationToken)
    {
        if (!MediaTypeHeaderValue.TryParse(request.ContentType, out var type))
            return Wrong($"found '{request.ContentType}'; expected a media type with parameters");
        if (!forms.TryProtobuf(request.Stream.Spec, type, out var form, out var error))
            return Wrong(error);
        var delimited = PayloadForms.Parameter(type, "delimited") switch
        {
            null => PayloadForms.Parameter(type, "encoding") == "delimited" || type.MediaType.Equals("application/vnd.google.protobuf", StringComparison.OrdinalIgnoreCase),
            var value => value.Equals("true", StringComparison.OrdinalIgnoreCase),
        };
        using var body = new BodyBuffer(request.Body, request.Memory, options);
        return delimited
            ? await _events.ReadDelimitedAsync(request, body, form!, PayloadForms.OneEvent(type), cancellationToken)
            : await _events.ReadOneAsync(request, body, form!, PayloadForms.OneEvent(type), cancellationToken);
    }

    private static ErrorResult Wrong(string message) => new(StatusCodes.Status415UnsupportedMediaType, "content_type", $"content type: {message}.");
}
