namespace RealTimeMesh.AppHost.ContractCommands;

/// <summary>What a check found of one contract.</summary>
/// <param name="Contract">Its name.</param>
/// <param name="Path">Its file; null where there is none any more.</param>
/// <param name="Result">compatible, unchanged, new, incompatible, removed or invalid.</param>
/// <param name="Reasons">Why, where it is bad.</param>
internal sealed record Verdict(string Contract, string? Path, string Result, IReadOnlyList<VerdictReason> Reasons)
{
    public bool IsBad => Result is "incompatible" or "removed" or "invalid";
}

/// <param name="Type">In the registry's words, such as <c>READER_FIELD_MISSING_DEFAULT_VALUE</c>.</param>
/// <param name="Path">Where in the schema.</param>
/// <param name="Description">For people.</param>
internal sealed record VerdictReason(string Type, string Path, string Description);
