using RealTimeMesh.DeadLetters.Letters;
using RealTimeMesh.DeadLetters.Storing;
using RealTimeMesh.Topics.Requests;

namespace RealTimeMesh.DeadLetters.Jobs;

/// <summary>Puts letters aside, with a reason; they are kept.</summary>
internal sealed class DiscardWork : IJobWork
{
    public string Kind => "discard";

    public IReadOnlyList<LetterState> States => [LetterState.Open];

    public void Check(JobRequest request)
    {
        if (string.IsNullOrWhiteSpace(request.Reason))
            throw Refuse.Invalid("reason", "none", "why these letters are not needed", "give one: it is kept with each letter");
    }

    public ValueTask<LetterPlan> PlanAsync(Job job, StoredLetter letter, CancellationToken cancellationToken) =>
        ValueTask.FromResult(new LetterPlan(new LetterChange(letter.Number, letter.State, LetterState.Discarded, "discarded", job.Request.Reason), null));
}

/// <summary>Opens letters again that were discarded or redriven.</summary>
internal sealed class ReopenWork : IJobWork
{
    public string Kind => "reopen";

    public IReadOnlyList<LetterState> States => [LetterState.Discarded, LetterState.Redriven];

    public void Check(JobRequest request)
    {
        // Nothing can be wrong with it.
    }

    public ValueTask<LetterPlan> PlanAsync(Job job, StoredLetter letter, CancellationToken cancellationToken) =>
        ValueTask.FromResult(new LetterPlan(new LetterChange(letter.Number, letter.State, LetterState.Open, "reopened", job.Request.Reason), null));
}
