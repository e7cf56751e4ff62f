using RealTimeMesh.DeadLetters.Checking;
using RealTimeMesh.DeadLetters.Letters;
using RealTimeMesh.DeadLetters.Storing;
using RealTimeMesh.Topics.Requests;

namespace RealTimeMesh.DeadLetters.Jobs;

/// <summary>Takes letters in hand to be written to their destinations.</summary>
internal sealed class RedriveWork(StreamChecks streams, DeadLetterOptions options) : IJobWork
{
    public string Kind => "redrive";

    public IReadOnlyList<LetterState> States => [LetterState.Open];

    public void Check(JobRequest request)
    {
        if (request.Rate is < 1)
            throw Refuse.Invalid("rate", $"{request.Rate}", "at least 1 letter a second");
        if (request.MaxRedrives is < 1)
            throw Refuse.Invalid("maxRedrives", $"{request.MaxRedrives}", "at least 1");
        if (request.To is { } to && (to.Length is 0 or > 249 || to.Any(c => !char.IsAsciiLetterOrDigit(c) && c is not ('.' or '_' or '-'))))
            throw Refuse.Invalid("to", $"'{to}'", "the name of a topic: 1 to 249 letters, digits, '.', '_' or '-'");
    }

    public ValueTask<LetterPlan> PlanAsync(Job job, StoredLetter letter, CancellationToken cancellationToken)
    {
        var destination = Destination.Of(letter, job.Request.To, streams);
        if (destination.Obstacle is { } obstacle)
            return ValueTask.FromResult(LetterPlan.Skip(obstacle));
        if (destination.Topic == letter.Content.Place.Topic)
            return ValueTask.FromResult(LetterPlan.Skip("it would go to its own dead-letter topic"));
        // What comes back again and again is not mended by sending it again.
        if (letter.Redrives >= (job.Request.MaxRedrives ?? options.MaxRedrives))
            return ValueTask.FromResult(LetterPlan.Skip($"it was redriven {letter.Redrives} times already"));
        return ValueTask.FromResult(new LetterPlan(new LetterChange(letter.Number, letter.State, LetterState.Redriving, null, null) { Job = job.Id }, null, destination));
    }
}
