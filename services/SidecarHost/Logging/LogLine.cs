using System.Globalization;

namespace RealTimeMesh.SidecarHost.Logging;

/// <summary>One event of the log.</summary>
/// <param name="Level">In logrus's words.</param>
/// <param name="Scope">Which part of the runtime speaks.</param>
/// <param name="Fields">Further fields by name.</param>
internal readonly record struct LogLine(DateTimeOffset Time, string Level, string Scope, string Message, IReadOnlyList<KeyValuePair<string, object?>> Fields)
{
    /// <summary>The time as RFC 3339 with as many digits of the second as it has.</summary>
    public string TimeText
    {
        get
        {
            var text = Time.ToString("yyyy-MM-dd'T'HH:mm:ss.fffffff", CultureInfo.InvariantCulture).TrimEnd('0').TrimEnd('.');
            return Time.Offset == TimeSpan.Zero ? text + "Z" : text + Time.ToString("zzz", CultureInfo.InvariantCulture);
        }
    }
}
