using RealTimeMesh.DeadLetters.Letters;
using RealTimeMesh.DeadLetters.Storing;

namespace RealTimeMesh.DeadLetters.Jobs;

/// <summary>One kind of work on many letters.</summary>
internal interface IJobWork
{
    string Kind { get; }

    /// <summary>States of letters it is for.</summary>
    IReadOnlyList<LetterState> States { get; }

    /// <summary>Refuses what is wrong with a request.</summary>
    void Check(JobRequest request);

    /// <summary>What is to happen to a letter, or why it is left alone.</summary>
    ValueTask<LetterPlan> PlanAsync(Job job, StoredLetter letter, CancellationToken cancellationToken);
}

/// <summary>What happens to a letter.</summary>
/// <param name="Change">Null where it is left alone.</param>
/// <param name="Skipped">Why it is.</param>
/// <param name="Destination">Where it is written, for a redrive.</param>
internal sealed record LetterPlan(LetterChange? Change, string? Skipped, Destination Destination = default)
{
    public static LetterPlan Skip(string reason) => new(null, reason);
}
