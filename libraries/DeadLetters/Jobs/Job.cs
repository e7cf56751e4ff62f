using RealTimeMesh.DeadLetters.Editing;
using RealTimeMesh.DeadLetters.Storing;

namespace RealTimeMesh.DeadLetters.Jobs;

/// <summary>What shall happen to many letters.</summary>
public sealed record JobRequest
{
    /// <summary>Which letters. Of them only those that the kind of work is for: open ones, for <c>reopen</c> discarded and redriven ones.</summary>
    public LetterFilter Filter { get; init; } = new();

    /// <summary>The preview's token: the work is done on what was shown. Without one it is done on what is there.</summary>
    public string? Token { get; init; }

    /// <summary>What to do where the selection has grown since the preview: <c>refuse</c> (default), or <c>leave</c> the new ones as they are.</summary>
    public string Grown { get; init; } = "refuse";

    /// <summary>For a redrive: a topic other than each letter's origin.</summary>
    public string? To { get; init; }

    /// <summary>For a redrive: most letters written in a second; null for as fast as it goes.</summary>
    public int? Rate { get; init; }

    /// <summary>For a redrive: letters that came back so often are left alone; null for the setting.</summary>
    public int? MaxRedrives { get; init; }

    /// <summary>For an edit: <c>set FIELD = EXPRESSION, … drop FIELD, … where CONDITION</c>.</summary>
    public string? Expression { get; init; }

    /// <summary>For an edit: the same in parts, instead of <see cref="Expression"/>.</summary>
    public EditRequest? Edit { get; init; }

    /// <summary>For a discard: why. For an edit or reopening: a note.</summary>
    public string? Reason { get; init; }

    /// <summary>JSON may say null where nothing is meant.</summary>
    internal JobRequest WithoutNulls() => this with
    {
        Filter = (Filter ?? new LetterFilter()) with { States = Filter?.States ?? [], Ids = Filter?.Ids ?? [] },
        Grown = Grown ?? "refuse",
        Edit = Edit is null ? null : Edit with { Set = Edit.Set ?? new Dictionary<string, string>(), Drop = Edit.Drop ?? [] },
    };
}

/// <summary>Work on many letters, where it stands; kept with each batch, together with what the batch did.</summary>
/// <param name="Kind"><c>redrive</c>, <c>edit</c>, <c>discard</c> or <c>reopen</c>.</param>
/// <param name="State"><c>running</c>, <c>paused</c> (by hand or because the process ended), <c>done</c>, <c>failed</c>, <c>cancelled</c>.</param>
/// <param name="Through">Only letters up to this number: those that were there when it began.</param>
/// <param name="Total">Letters it was to look at when it began.</param>
/// <param name="Done">Letters it changed; for a redrive, those written, each once, whatever was killed.</param>
/// <param name="Skipped">Letters it left alone, by reason.</param>
/// <param name="Destinations">For a redrive: letters written, by topic.</param>
/// <param name="After">The last letter looked at.</param>
/// <param name="Ends">For a redrive: ends of the destinations' partitions before the batch in hand was written.</param>
/// <param name="Guarantee">What holds when it is cut short.</param>
public sealed record Job(
    string Id, string Kind, string Who, JobRequest Request, string State, long Through, long Total, long Done, IReadOnlyDictionary<string, long> Skipped, IReadOnlyDictionary<string, long> Destinations,
    string? After, IReadOnlyDictionary<string, Dictionary<int, long>> Ends, DateTimeOffset Started, DateTimeOffset Updated, string? Fault, string? Guarantee)
{
    /// <summary>Part that is done, 0 to 1.</summary>
    public double Progress => State == "done" ? 1 : Total == 0 ? 0 : Math.Min(1, (double)(Done + Skipped.Values.Sum()) / Total);
}
