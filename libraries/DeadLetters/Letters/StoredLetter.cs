using RealTimeMesh.DeadLetters.Storing;

namespace RealTimeMesh.DeadLetters.Letters;

/// <summary>A letter with what became of it.</summary>
/// <param name="Number">Place in the order of collection.</param>
/// <param name="Version">The edit that holds; 0 for the original.</param>
/// <param name="Redrives">How often it, or the letter it was redriven from, was redriven.</param>
/// <param name="Job">The job that has it in hand, or had it last.</param>
public sealed record StoredLetter(long Number, LetterContent Content, LetterState State, int Version, int Redrives, string? Job)
{
    /// <summary>Its place in the order of letters.</summary>
    public required LetterCursor Cursor { get; init; }

    /// <summary>The edit that holds; null for the original.</summary>
    public LetterEdit? Edit { get; init; }

    public string Id => Content.Place.ToString();

    /// <summary>What a redrive writes.</summary>
    public ReadOnlyMemory<byte> Current => Edit?.Value ?? Content.Original;

    /// <summary>The key a redrive writes.</summary>
    public string? CurrentKey => Edit is { } edit ? edit.Key : Content.Origin.Key;

    /// <summary>Only the beginning of the message is kept, and no edit has replaced it.</summary>
    public bool IsCut => Edit is null && Content.OriginalLength is { } length && length > Content.Original.Length;
}

/// <summary>A version of a letter.</summary>
/// <param name="Version">From 1.</param>
/// <param name="Parent">The version it was made from; what an undo goes back to.</param>
/// <param name="What">How it was made: <c>replace</c> or the expression.</param>
public sealed record LetterEdit(int Version, int Parent, DateTimeOffset At, string Who, string What, ReadOnlyMemory<byte> Value, string? Key);

/// <summary>Something that happened to a letter.</summary>
/// <param name="What"><c>edited</c>, <c>undone</c>, <c>redriven</c>, <c>returned</c>, <c>discarded</c>, <c>reopened</c>.</param>
public sealed record LetterEvent(DateTimeOffset At, string What, string Who, string? Detail);
