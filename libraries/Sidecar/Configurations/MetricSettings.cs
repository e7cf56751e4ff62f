namespace RealTimeMesh.Sidecar.Configurations;

/// <summary><c>spec.metric(s)</c></summary>
public sealed record MetricSettings
{
    /// <summary><c>enabled</c>. Default: true.</summary>
    public bool? Enabled { get; init; } = true;

    /// <summary><c>recordErrorCodes</c>: count errors by code. Default: false.</summary>
    public bool? RecordErrorCodes { get; init; }

    /// <summary><c>http</c>; null where it is not given.</summary>
    public HttpMetricSettings? Http { get; init; }

    /// <summary><c>latencyDistributionBuckets</c>, milliseconds; null for daprd's own.</summary>
    public IReadOnlyList<int>? LatencyBuckets { get; init; }

    /// <summary><c>rules</c>: rewriting of label values.</summary>
    public IReadOnlyList<MetricRule> Rules { get; init; } = [];

    /// <summary>Whether metrics are served.</summary>
    public bool IsEnabled => Enabled ?? true;

    /// <summary>Whether metrics of HTTP calls carry their paths; daprd's default is true.</summary>
    public bool IncreasedCardinality => Http?.IncreasedCardinality ?? true;
}

/// <summary><c>spec.metric(s).http</c></summary>
public sealed record HttpMetricSettings
{
    /// <summary><c>increasedCardinality</c>; null where it is not given.</summary>
    public bool? IncreasedCardinality { get; init; }

    /// <summary><c>pathMatching</c>: patterns of paths that are told apart.</summary>
    public IReadOnlyList<string> PathMatching { get; init; } = [];

    /// <summary><c>excludeVerbs</c>; null where it is not given (false).</summary>
    public bool? ExcludeVerbs { get; init; }
}

/// <summary>A rule of <c>spec.metric(s).rules</c>.</summary>
/// <param name="Name">The metric's name.</param>
/// <param name="Labels">Its labels.</param>
public sealed record MetricRule(string Name, IReadOnlyList<MetricLabel> Labels);

/// <summary>A label of a metric rule: regular expressions by the value that replaces what they match.</summary>
public sealed record MetricLabel(string Name, IReadOnlyDictionary<string, string> Regex);
