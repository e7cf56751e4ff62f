using System.Net;

namespace RealTimeMesh.Console.Backends;

/// <summary>An answer, or why there is none.</summary>
internal sealed record Fetched<T>(T? Value, string? Error)
    where T : class
{
    /// <summary>The status of a refusal; null where there was no answer.</summary>
    public HttpStatusCode? Status { get; init; }
}
