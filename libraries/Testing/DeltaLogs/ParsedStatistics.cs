using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace RealTimeMesh.Testing.DeltaLogs;

/// <summary>Whether the struct statistics of a checkpoint say what the JSON of the log does.</summary>
internal static class ParsedStatistics
{
    public static bool Agree(JsonObject? parsed, JsonObject? stats) => parsed is null || stats is null || Within(parsed, stats);

    /// <summary>Whatever the struct has is in the statistics. Bounds of types that the struct cannot hold are left out of it.</summary>
    private static bool Within(JsonObject parsed, JsonObject stats)
    {
        foreach (var (name, value) in parsed)
        {
            var other = stats[name];
            var same = (value, other) switch
            {
                (null, _) => true,
                (JsonObject { Count: 0 }, null) => true,
                (JsonObject inner, null) => Within(inner, []),
                (JsonObject inner, JsonObject outer) => Within(inner, outer),
                (_, null) => false,
                _ => SameValue(value, other),
            };
            if (!same)
                return false;
        }

        return true;
    }

    private static bool SameValue(JsonNode parsed, JsonNode stats)
    {
        if (parsed.GetValueKind() is JsonValueKind.True or JsonValueKind.False)
            return parsed.GetValueKind() == stats.GetValueKind();
        var (left, right) = (parsed.ToString(), stats.ToString());
        if (left == right)
            return true;
        if (double.TryParse(left, NumberStyles.Float, CultureInfo.InvariantCulture, out var a) && double.TryParse(right, NumberStyles.Float, CultureInfo.InvariantCulture, out var b))
            return decimal.TryParse(left, NumberStyles.Float, CultureInfo.InvariantCulture, out var x) && decimal.TryParse(right, NumberStyles.Float, CultureInfo.InvariantCulture, out var y) && x == y || (float)a == (float)b;
        return DateTimeOffset.TryParse(left, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var from) && DateTimeOffset.TryParse(right, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var to) && from == to;
    }
}
