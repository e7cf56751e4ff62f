namespace RealTimeMesh.DeadLetters.Letters;

/// <summary>Where a letter stands.</summary>
public enum LetterState
{
    /// <summary>Nothing was done with it.</summary>
    Open,

    /// <summary>A job has it in hand: it is being written to its destination, or was when the job was cut short.</summary>
    Redriving,

    /// <summary>It was written to a destination.</summary>
    Redriven,

    /// <summary>It was put aside, with a reason.</summary>
    Discarded,
}
