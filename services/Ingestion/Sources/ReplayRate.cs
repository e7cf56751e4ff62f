using System.Globalization;
using RealTimeMesh.Contracts;

namespace RealTimeMesh.Ingestion.Sources;

/// <summary>How fast a source is read.</summary>
/// <param name="Off">Not at all.</param>
/// <param name="Speed">Times event time; null as fast as it goes.</param>
internal readonly record struct ReplayRate(bool Off, double? Speed)
{
    /// <summary>The host's word, else the source's own. Throws where it can't be understood.</summary>
    public static ReplayRate Of(string replay, double? declared) => replay.Trim().ToLowerInvariant() switch
    {
        "" => new ReplayRate(false, declared),
        "max" => new ReplayRate(false, null),
        "off" => new ReplayRate(true, null),
        var text when double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var speed) && speed > 0 && double.IsFinite(speed) => new ReplayRate(false, speed),
        _ => throw new RealTimeMeshException($"setting MESH_REPLAY: found '{replay}'; expected max, off, or a number above 0 (times event time). Correct it or leave it out."),
    };
}
