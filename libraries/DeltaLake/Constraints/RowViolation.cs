namespace RealTimeMesh.DeltaLake;

/// <summary>A row of a batch and the first constraint it violates.</summary>
/// <param name="Row">The row's number in the batch.</param>
/// <param name="Values">The values the constraint looks at, for messages.</param>
public sealed record RowViolation(int Row, RowCheck Check, string Values);
