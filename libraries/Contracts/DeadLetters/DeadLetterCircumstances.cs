namespace RealTimeMesh.Contracts.DeadLetters;

/// <summary>What is the same for many dead letters: see <see cref="DeadLetterRecord"/>.</summary>
public readonly record struct DeadLetterCircumstances(DateTimeOffset ReceivedAt, DateTimeOffset FailedAt)
{
    public string? ContentType { get; init; }

    public int Attempts { get; init; } = 1;

    public string? TraceId { get; init; }

    public int Redrives { get; init; }

    public string? RedriveOf { get; init; }
}
