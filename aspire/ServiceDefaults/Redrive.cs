using System.Globalization;

namespace RealTimeMesh.ServiceDefaults;

/// <summary>What an event's headers say of its being sent again after it was a dead letter.</summary>
/// <param name="Count">How often it was sent again; 0 where it never was.</param>
/// <param name="Letter">The dead letter it was; null where it never was one.</param>
public readonly record struct Redrive(int Count, string? Letter)
{
    /// <summary><c>JOB/LETTER</c>: the job that sent the event again, and the dead letter's id.</summary>
    public const string Header = "mesh-redrive";

    /// <summary>How often the event was sent again, this time included.</summary>
    public const string CountHeader = "mesh-redrives";

    public static Redrive Of(in DeliveredEvent item)
    {
        if (item.Header("mesh-redrive"u8) is not { } header)
            return default;
        var count = int.TryParse(item.Header("mesh-redrives"u8), NumberStyles.None, CultureInfo.InvariantCulture, out var value) && value > 0 ? value : 1;
        return new Redrive(count, header.IndexOf('/') is >= 0 and var slash ? header[(slash + 1)..] : header);
    }
}
