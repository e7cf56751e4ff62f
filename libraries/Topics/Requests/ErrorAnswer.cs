namespace RealTimeMesh.Topics.Requests;

/// <summary>The answer to a request that is refused.</summary>
public sealed record ErrorAnswer(string Error);
