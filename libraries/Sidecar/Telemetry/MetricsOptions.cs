namespace RealTimeMesh.Sidecar.Telemetry;

/// <summary>The <c>metrics</c> of a Configuration document; defaults are daprd's.</summary>
public sealed record MetricsOptions
{
    public bool Enabled { get; init; } = true;

    /// <summary>Upper bounds of latency histograms, milliseconds, ascending.</summary>
    public IReadOnlyList<double> LatencyBuckets { get; init; } =
        [1, 2, 3, 4, 5, 6, 8, 10, 13, 16, 20, 25, 30, 40, 50, 65, 80, 100, 130, 160, 200, 250, 300, 400, 500, 650, 800, 1_000, 2_000, 5_000, 10_000, 20_000, 50_000, 100_000];

    /// <summary><c>http.increasedCardinality</c>: HTTP metrics carry the path, and responses are counted by it.</summary>
    public bool IncreasedCardinality { get; init; } = true;

    /// <summary><c>http.pathMatching</c>: patterns such as <c>/orders/{id}</c> that paths are counted under. Null for none.</summary>
    public IReadOnlyList<string>? PathMatching { get; init; }

    /// <summary><c>http.excludeVerbs</c>: the label <c>method</c> stays empty.</summary>
    public bool ExcludeVerbs { get; init; }

    /// <summary><c>recordErrorCodes</c>: count errors in <c>dapr_error_code_total</c>.</summary>
    public bool RecordErrorCodes { get; init; }

    /// <summary><c>rules</c>: replacements in labels.</summary>
    public IReadOnlyList<MetricsRule> Rules { get; init; } = [];
}

/// <summary>Replaces parts of a label's values.</summary>
/// <param name="Metric">Name of the metric, such as <c>dapr_http_server_request_count</c>.</param>
/// <param name="Label">Name of the label.</param>
/// <param name="Replacements">Replacement text by regular expression, in order.</param>
public sealed record MetricsRule(string Metric, string Label, IReadOnlyList<KeyValuePair<string, string>> Replacements);
