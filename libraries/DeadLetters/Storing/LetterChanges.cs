using RealTimeMesh.DeadLetters.Letters;

namespace RealTimeMesh.DeadLetters.Storing;

/// <summary>What happens to letters and to the job that does it, at once or not at all.</summary>
public sealed record LetterChanges
{
    public IReadOnlyList<LetterChange> Letters { get; init; } = [];

    /// <summary>The job as it stands afterwards, given the numbers of the letters that were changed; null for none.</summary>
    public Func<IReadOnlySet<long>, JobDocument>? Job { get; init; }

    public required DateTimeOffset At { get; init; }

    public required string Who { get; init; }
}

/// <summary>One letter's change. A letter that is not in <paramref name="From"/> (or, while redriving, not in this job's hand) stays as it is.</summary>
/// <param name="What">For its history; null for a step that is not told.</param>
public sealed record LetterChange(long Number, LetterState From, LetterState To, string? What, string? Detail)
{
    /// <summary>The job that takes or has it in hand.</summary>
    public string? Job { get; init; }

    /// <summary>A new version.</summary>
    public NewEdit? Edit { get; init; }

    /// <summary>Goes back to the version before the one that holds.</summary>
    public bool Undo { get; init; }

    /// <summary>It was written to its destination once more.</summary>
    public bool CountsRedrive { get; init; }
}

/// <param name="Parent">The version it was made from; refused where another holds by now.</param>
public sealed record NewEdit(int Parent, string What, ReadOnlyMemory<byte> Value, string? Key);

/// <summary>A job as the store keeps it.</summary>
public sealed record JobDocument(string Id, string Json);
