using RealTimeMesh.Sidecar.Errors;

namespace RealTimeMesh.Sidecar.PubSub;

/// <summary>The errors of a bulk publish's body.</summary>
internal sealed record BulkPublishFaults(string PubSub, string Topic, string AppId)
{
    private const string Entry = "bulkPublishMessageEntry";

    /// <summary>The body is no JSON, or not of the right shape.</summary>
    public ApiException Unmarshal(string cause) => new(PubSubErrors.UnmarshalEvents(PubSub, Topic, AppId, cause));

    public ApiException WrongType(string found, string type) => Unmarshal($"json: cannot unmarshal {found} into Go value of type {type}");

    public ApiException WrongField(string found, string field, string type) => Unmarshal($"json: cannot unmarshal {found} into Go struct field {Entry}.{field} of type {type}");

    /// <summary>An event does not go with its content type.</summary>
    public ApiException Envelope(string cause) => new(PubSubErrors.MarshalEnvelope(PubSub, Topic, AppId, cause));

    public ApiException EntryId() => new(PubSubErrors.EntryIds(PubSub, Topic, AppId));
}
