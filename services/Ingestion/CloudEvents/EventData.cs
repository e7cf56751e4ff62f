using RealTimeMesh.Contracts;
using RealTimeMesh.Ingestion.Forms;
using RealTimeMesh.Ingestion.Publishing;
using RealTimeMesh.Ingestion.Streams;

namespace RealTimeMesh.Ingestion.CloudEvents;

/// <summary>The form of a CloudEvent's data.</summary>
internal static class EventData
{
    /// <summary>By the specification of the JSON format: any <c>*/json</c> and <c>*/*+json</c>.</summary>
    public static bool IsJson(string contentType)
    {
        var type = contentType.AsSpan();
        if (type.IndexOf(';') is >= 0 and var end)
            type = type[..end];
        type = type.Trim();
        return type.EndsWith("/json", StringComparison.OrdinalIgnoreCase) || type.EndsWith("+json", StringComparison.OrdinalIgnoreCase);
    }

    /// <summary>Finds the form; null for JSON. False where the door reads no such data.</summary>
    public static bool TryForm(PayloadForms forms, StreamSpec stream, EventAttributes attributes, out IPayloadForm? form, out RowFault fault)
    {
        form = null;
        fault = default;
        if (attributes.ContentType is not { } type || IsJson(type))
            return true;
        if (forms.TryFind(stream, type, out form, out var error))
            return true;
        return EventAttributes.Refuse("datacontenttype", error.StartsWith("found ", StringComparison.Ordinal) ? $"'{type}'" : error, $"{ContentTypes.Json}, {PayloadForms.AvroTypes[0]} or {PayloadForms.ProtobufTypes[0]}", out fault);
    }
}
