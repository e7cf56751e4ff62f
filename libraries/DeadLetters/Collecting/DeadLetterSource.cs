namespace RealTimeMesh.DeadLetters.Collecting;

/// <summary>A dead-letter topic, with what its declaration says of the messages on it.</summary>
/// <param name="Topic">The dead-letter topic.</param>
/// <param name="OriginTopic">The topic whose undeliverable messages go there; null where nobody said.</param>
/// <param name="Consumer">The app that subscribes to that topic; null where nobody said.</param>
public sealed record DeadLetterSource(string Topic, string? OriginTopic, string? Consumer);

/// <summary>Names the dead-letter topics there are now; asked again and again, so that new ones are found.</summary>
public delegate Task<IReadOnlyList<DeadLetterSource>> DeadLetterSources(CancellationToken cancellationToken);
