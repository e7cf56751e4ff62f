namespace RealTimeMesh.Contracts;

/// <summary>Why a row could not be taken from a source. A value, not an exception: bad rows are expected.</summary>
/// <param name="Field">The contract's field; empty where the whole row is meant.</param>
/// <param name="Rule">The broken rule, one of <see cref="RowRules"/>.</param>
/// <param name="Found">What the source holds, cut to a readable length.</param>
/// <param name="Expected">What would have been accepted.</param>
public readonly record struct RowFault(string Field, string Rule, string Found, string Expected)
{
    public override string ToString() =>
        string.IsNullOrEmpty(Field) ? $"{Rule}: found {Found}; expected {Expected}" : $"field '{Field}': {Rule}: found {Found}; expected {Expected}";
}
