namespace RealTimeMesh.Lakehouse.Requests;

/// <summary>What a request got wrong.</summary>
/// <param name="Thing">Such as <c>limit</c> or <c>table</c>.</param>
/// <param name="Cure">What to do about it.</param>
internal sealed record RequestFault(string Thing, string Found, string Expected, string Cure)
{
    public override string ToString() => $"{Thing}: found {Found}; expected {Expected}; {Cure}";
}

/// <summary>The answer to a request that is refused: all faults of it, and the same as one text.</summary>
internal sealed record FaultAnswer(string Error, IReadOnlyList<RequestFault> Faults)
{
    public static FaultAnswer Of(params IReadOnlyList<RequestFault> faults) => new(string.Join(" ", faults.Select(fault => $"{fault}.")), faults);
}
