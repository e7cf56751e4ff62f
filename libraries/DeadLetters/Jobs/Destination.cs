using RealTimeMesh.Contracts.DeadLetters;
using RealTimeMesh.DeadLetters.Checking;
using RealTimeMesh.DeadLetters.Letters;

namespace RealTimeMesh.DeadLetters.Jobs;

/// <summary>Where a letter is written to.</summary>
/// <param name="Topic">The topic; null where there is none.</param>
/// <param name="Door">The stream whose open door the topic is: what goes there is an event to be checked, in a CloudEvent.</param>
/// <param name="Obstacle">Why there is none.</param>
internal readonly record struct Destination(string? Topic, StreamCheck? Door, string? Obstacle)
{
    /// <summary>The one of the topic's consumers it is meant for; null for all of them. Only who gave an event up lacks it.</summary>
    public string? Consumer { get; init; }

    /// <summary>A letter's origin, or the topic that is asked for.</summary>
    public static Destination Of(StoredLetter letter, string? wanted, StreamChecks streams)
    {
        if (letter.IsCut)
            return new Destination(null, null, "only the beginning of the message is kept: replace it by an edit first");
        if (wanted is not null)
            return new Destination(wanted, streams.FindDoor(wanted), null);
        var origin = letter.Content.Origin;
        if (origin.Consumer != DeadLetterOrigin.Door)
            return origin.Topic is { } topic ? new Destination(topic, null, null) { Consumer = origin.Consumer } : new Destination(null, null, "its topic is not known: name one");
        return streams.Find(origin.Topic) is { } stream
            ? new Destination(stream.Stream.IngestTopic, stream, null)
            : new Destination(null, null, $"no pipeline that runs here has the stream '{origin.Topic}'");
    }
}
