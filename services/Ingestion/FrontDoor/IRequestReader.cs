using Microsoft.AspNetCore.Http;

namespace RealTimeMesh.Ingestion.FrontDoor;

/// <summary>Takes the events of a request whose body has one of its forms. One instance serves all requests.</summary>
internal interface IRequestReader
{
    /// <summary>Media types in lower case, without parameters; the first is the one that senders are told of. No two readers share one.</summary>
    IReadOnlyList<string> MediaTypes { get; }

    /// <summary>What a body of this form is, for a sender who sent another: <c>"one JSON object on each line"</c>.</summary>
    string Form { get; }

    /// <summary>True where events are taken as they come, so that a sender may pause; false where the body must be there whole first.</summary>
    bool Streamed { get; }

    /// <summary>
    /// Publishes the events and says what became of them. Throws <see cref="InvalidDataException"/> where the body can't be
    /// unpacked before anything was taken.
    /// </summary>
    Task<IResult> ReadAsync(EventsRequest request, CancellationToken cancellationToken);
}
