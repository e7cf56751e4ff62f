using RealTimeMesh.Ingestion.Forms;
using RealTimeMesh.Ingestion.Rows;
using RealTimeMesh.Ingestion.Streams;

namespace RealTimeMesh.Ingestion.CloudEvents;

/// <summary>Adds CloudEvents in JSON to batches.</summary>
internal sealed class StructuredEvents(PayloadForms forms, IngestionOptions options)
{
    /// <summary>The media type of one event.</summary>
    public const string MediaType = "application/cloudevents+json";

    /// <summary>The media type of an array of events.</summary>
    public const string BatchMediaType = "application/cloudevents-batch+json";

    /// <summary>Adds a document, accepted or rejected; what it returns, if anything, is to be prepared and added by the caller.</summary>
    public UnpreparedEvent? Add(StreamSpec stream, EventBatch batch, InputRecord document, long position)
    {
        if (document.Length > options.MaxEventBytes)
        {
            batch.Reject(batch.TooLarge(document.Length), document, position);
            return null;
        }

        if (!StructuredEvent.TryRead(document.Bytes, out var item, out var fault) || !EventData.TryForm(forms, stream, item.Attributes, out var form, out fault))
        {
            batch.Reject(EventBatch.From(fault), document, position);
            return null;
        }

        if (form is null)
        {
            batch.Add(item.Attributes, null, new InputRecord(item.Bytes ?? item.Json), position);
            return null;
        }

        if (!item.IsBinary)
        {
            EventAttributes.Refuse("data_base64", "data as JSON or text", $"the bytes of {item.Attributes.ContentType} in base64", out fault);
            batch.Reject(EventBatch.From(fault), document, position);
            return null;
        }

        if (!form.IsPrepared(item.Bytes))
            return new UnpreparedEvent(item.Attributes, form, item.Bytes!);
        batch.Add(item.Attributes, form, new InputRecord(item.Bytes), position);
        return null;
    }

    /// <summary>True for the media type of one event, whatever its parameters.</summary>
    public static bool IsOne(string contentType) => contentType.Split(';', 2)[0].Trim().Equals(MediaType, StringComparison.OrdinalIgnoreCase);
}

/// <summary>An event whose schema the registry must be asked for.</summary>
internal sealed record UnpreparedEvent(EventAttributes Attributes, IPayloadForm Form, ReadOnlyMemory<byte> Data);
