using RealTimeMesh.Contracts.DeadLetters;

namespace RealTimeMesh.Ingestion.Rows;

/// <summary>Why an event can't enter its stream.</summary>
/// <param name="Rule">Machine-readable: <c>json</c>, <c>missing</c>, <c>type</c>, <c>encoding</c>, <c>size</c>, <c>columns</c>, or the name of an expectation or of a contract's rule.</param>
/// <param name="Field">The contract's field; null where the whole event is meant.</param>
internal readonly record struct RejectReason(string Rule, string? Field, string Found, string Expected)
{
    /// <summary>The event is well-formed, and an expectation, or a rule of its contract, forbids its values.</summary>
    public bool IsExpectation { get; init; }

    public string Class => IsExpectation ? DeadLetterClasses.Constraint : DeadLetterClasses.Poison;

    public string Message => Field is null
        ? $"event: found {Found}; expected {Expected}"
        : $"field '{Field}': found {Found}; expected {Expected}";
}
