namespace RealTimeMesh.Sidecar.Configurations;

/// <summary><c>spec.tracing</c>: where spans go and how many.</summary>
public sealed record TracingSettings
{
    private const double DefaultRate = 1e-4;

    /// <summary><c>samplingRate</c> as written; empty where it is not.</summary>
    public string SamplingRate { get; init; } = "";

    /// <summary>Share of the traces that begin here and are recorded, 0 to 1; what is no number counts as one in 10,000, as in daprd.</summary>
    public double Rate => double.TryParse(SamplingRate, System.Globalization.NumberStyles.Float, System.Globalization.CultureInfo.InvariantCulture, out var rate) ? rate : DefaultRate;

    /// <summary><c>stdout</c>: spans are also logged.</summary>
    public bool Stdout { get; init; }

    /// <summary><c>zipkin.endpointAddress</c>; empty for none.</summary>
    public string ZipkinEndpoint { get; init; } = "";

    /// <summary><c>otel</c></summary>
    public OtelSettings Otel { get; init; } = new();
}

/// <summary><c>spec.tracing.otel</c>: an OTLP receiver. Used where both address and protocol are given.</summary>
public sealed record OtelSettings
{
    /// <summary><c>protocol</c>: <c>grpc</c> or <c>http</c>.</summary>
    public string Protocol { get; init; } = "";

    /// <summary><c>endpointAddress</c>: host and port, without a scheme.</summary>
    public string Endpoint { get; init; } = "";

    /// <summary><c>isSecure</c>: TLS. Default: true.</summary>
    public bool IsSecure { get; init; } = true;

    /// <summary><c>headers</c>, each <c>name=value</c>.</summary>
    public IReadOnlyList<string> Headers { get; init; } = [];

    /// <summary><c>timeout</c> of an export; null for the exporter's own.</summary>
    public TimeSpan? Timeout { get; init; }
}
