using System.Globalization;

namespace RealTimeMesh.ServiceDefaults;

/// <summary>What an event's headers say of its being sent again after it was a dead letter.</summary>
/// <param name="Count">How often it was sent again; 0 where it never was.</param>
/// <param name="Letter">The dead letter it was; null where it never was one.</param>
/// <param name="For">The consumer that lacks it and that it is meant for; null where it is meant for all.</param>
public readonly record struct Redrive(int Count, string? Letter, string? For)
{
    /// <summary><c>JOB/LETTER</c>: the job that sent the event again, and the dead letter's id.</summary>
    public const string Header = "mesh-redrive";

    /// <summary>How often the event was sent again, this time included.</summary>
    public const string CountHeader = "mesh-redrives";

    /// <summary>Who gave the event up: the topic's other consumers have had it.</summary>
    public const string ForHeader = "mesh-redrive-for";

    /// <summary>It was sent again.</summary>
    public bool IsOne => Letter is not null;

    /// <summary>Whether a consumer is to take it. Events that were never dead letters are for everybody.</summary>
    public bool IsFor(string consumer) => For is null || For == consumer;

    public static Redrive Of(in DeliveredEvent item)
    {
        // Nearly all events have no such header, and looking for the text is much less than reading all headers.
        if (item.Metadata.Span.IndexOf("mesh-redrive"u8) < 0 || item.Header("mesh-redrive"u8) is not { } header)
            return default;
        var count = int.TryParse(item.Header("mesh-redrives"u8), NumberStyles.None, CultureInfo.InvariantCulture, out var value) && value > 0 ? value : 1;
        return new Redrive(count, header.IndexOf('/') is >= 0 and var slash ? header[(slash + 1)..] : header, item.Header("mesh-redrive-for"u8));
    }
}
