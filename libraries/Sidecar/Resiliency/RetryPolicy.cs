namespace RealTimeMesh.Sidecar.Resiliency;

/// <summary>A retry policy. Defaults are daprd's.</summary>
internal sealed record RetryPolicy
{
    private const int LastGrpcCode = 16;
    private const int FirstHttpCode = 100;
    private const int LastHttpCode = 599;

    /// <summary>Pauses grow from <see cref="InitialInterval"/>; else each is <see cref="Duration"/>.</summary>
    public bool IsExponential { get; init; }

    /// <summary>Default 5 s; constant policies only.</summary>
    public TimeSpan Duration { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Default 500 ms. Not readable from a document, as in daprd.</summary>
    public TimeSpan InitialInterval { get; init; } = TimeSpan.FromMilliseconds(500);

    /// <summary>Default 0.5: each pause is drawn from half to one and a half of its interval.</summary>
    public double RandomizationFactor { get; init; } = 0.5;

    /// <summary>Default 1.5.</summary>
    public double Multiplier { get; init; } = 1.5;

    /// <summary>Default 60 s: the largest interval before randomization.</summary>
    public TimeSpan MaxInterval { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>Default 15 min: an exponential policy ends when its next pause would pass it; zero never ends it.</summary>
    public TimeSpan MaxElapsedTime { get; init; } = TimeSpan.FromMinutes(15);

    /// <summary>Default -1: without limit. 0 repeats nothing.</summary>
    public long MaxRetries { get; init; } = -1;

    /// <summary>Null repeats all HTTP codes.</summary>
    public CodeList? HttpCodes { get; init; }

    /// <summary>Null repeats all gRPC codes.</summary>
    public CodeList? GrpcCodes { get; init; }

    public static CodeList? ParseHttpCodes(string text) => CodeList.Parse(text, FirstHttpCode, LastHttpCode);

    public static CodeList? ParseGrpcCodes(string text) => CodeList.Parse(text, 0, LastGrpcCode);

    /// <summary>Whether a failure with this status is repeated. A code that is neither of HTTP nor of gRPC is not.</summary>
    public bool Repeats(int code) => code switch
    {
        >= 0 and <= LastGrpcCode => GrpcCodes?.Contains(code) ?? true,
        >= FirstHttpCode and <= LastHttpCode => HttpCodes?.Contains(code) ?? true,
        _ => false,
    };
}
