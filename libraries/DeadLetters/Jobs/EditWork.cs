using RealTimeMesh.DeadLetters.Editing;
using RealTimeMesh.DeadLetters.Letters;
using RealTimeMesh.DeadLetters.Storing;
using RealTimeMesh.Topics.Requests;

namespace RealTimeMesh.DeadLetters.Jobs;

/// <summary>Edits letters by expressions. Of one job or preview; not thread-safe.</summary>
internal sealed class EditWork(LetterEditor editor) : IJobWork
{
    private EditRequest? _edit;

    public string Kind => "edit";

    public IReadOnlyList<LetterState> States => [LetterState.Open];

    public void Check(JobRequest request) => Edit(request);

    public async ValueTask<LetterPlan> PlanAsync(Job job, StoredLetter letter, CancellationToken cancellationToken)
    {
        if (letter.IsCut)
            return LetterPlan.Skip("only the beginning of the message is kept: replace it whole");
        var edit = _edit ??= Edit(job.Request);
        var (outcome, value, key) = await editor.RunAsync(letter, edit, cancellationToken);
        if (outcome.Fault is { } fault)
            return LetterPlan.Skip(fault);
        if (!outcome.IsChanged || (value.AsSpan().SequenceEqual(letter.Current.Span) && key == letter.CurrentKey))
            return LetterPlan.Skip("nothing to change");
        var text = edit.ToString();
        return new LetterPlan(new LetterChange(letter.Number, letter.State, letter.State, "edited", text) { Edit = new NewEdit(letter.Version, text, value, key) }, null);
    }

    private static EditRequest Edit(JobRequest request) => request switch
    {
        { Expression: { } text, Edit: null } => EditParser.Parse(text),
        { Expression: null, Edit: { } edit } when edit.Set.Count + edit.Drop.Count > 0 => edit,
        _ => throw Refuse.Invalid("expression", request.Expression is null ? "nothing to set or drop" : "an edit in parts too", "either an expression, or an edit with set, drop and where"),
    };
}
