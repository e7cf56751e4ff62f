using RealTimeMesh.Sidecar.Configurations;

namespace RealTimeMesh.Sidecar.Telemetry.Metrics;

/// <summary>What the label <c>path</c> of HTTP metrics says of a request's path.</summary>
internal sealed class PathLabels(MetricSettings settings)
{
    private static readonly HashSet<string> StaticPaths = new(StringComparer.Ordinal) { "/dapr/config", "/dapr/metrics", "/dapr/subscribe", "/healthz" };

    private readonly PathMatching? _matching = settings.Http?.PathMatching is { Count: > 0 } patterns ? new PathMatching(patterns) : null;

    public string Of(string path)
    {
        if (StaticPaths.Contains(path))
            return path;
        if (_matching?.Match(path) is { } pattern)
            return pattern;
        var reduced = settings.IncreasedCardinality || _matching is not null ? Reduce(path) : "";
        if (_matching is not null && reduced != path && _matching.Match(reduced) is { } reducedPattern)
            return reducedPattern;
        return settings.IncreasedCardinality ? reduced : "";
    }

    /// <summary>Leaves out the parameters that vary most: keys of state and secrets, ids of actors and workflow instances.</summary>
    private static string Reduce(string path)
    {
        // Most paths have none of these: nothing is made for them.
        if (!path.Contains("/state/", StringComparison.Ordinal) && !path.Contains("/secrets/", StringComparison.Ordinal)
            && !path.Contains("actors/", StringComparison.Ordinal) && !path.Contains("/workflows/", StringComparison.Ordinal))
            return path;
        var parts = path.TrimStart('/').Split('/', 6);
        if (parts.Length < 3)
            return path;
        if (parts[0] == "actors")
            return $"actors/{parts[1]}/{{id}}{Tail(parts, 3)}";
        return parts[1] switch
        {
            "state" or "secrets" => $"/{parts[0]}/{parts[1]}/{parts[2]}",
            "actors" when parts.Length >= 5 => $"/{parts[0]}/actors/{parts[2]}/{{id}}/{parts[4]}",
            "workflows" when parts.Length >= 4 => Workflow(parts),
            _ => path,
        };
    }

    private static string Workflow(string[] parts)
    {
        var start = $"/{parts[0]}/workflows/{parts[2]}";
        if (parts.Length == 4)
            return $"{start}/{{instanceId}}";
        if (parts.Length == 5 && parts[4].StartsWith("start", StringComparison.Ordinal))
            return $"{start}/{parts[3]}/start";
        return parts.Length == 6 && parts[4] == "raiseEvent" && parts[5].Length > 0
            ? $"{start}/{{instanceId}}/raiseEvent/{{eventName}}"
            : $"{start}/{{instanceId}}/{parts[4]}";
    }

    private static string Tail(string[] parts, int from) => string.Concat(parts.Skip(from).Select(part => "/" + part));
}
