namespace RealTimeMesh.Console.Backends;

/// <summary>An answer, or why there is none.</summary>
internal sealed record Fetched<T>(T? Value, string? Error)
    where T : class;
