namespace RealTimeMesh.Pipelines;

/// <summary>What a change of a contract does to one part of a pipeline.</summary>
/// <param name="Kind">stream, expectations, view, table or load.</param>
/// <param name="Name">Of the part, with its pipeline.</param>
/// <param name="Effect">How it is hit.</param>
/// <param name="Reason">Why.</param>
/// <param name="Via">The parts between the contract's stream and this one, nearest to the stream first.</param>
public sealed record Impact(string Kind, string Name, ImpactEffect Effect, string Reason, IReadOnlyList<string> Via);

/// <summary>How hard a part is hit.</summary>
public enum ImpactEffect
{
    /// <summary>It goes on as before.</summary>
    None,

    /// <summary>It works, with other columns or types.</summary>
    Changes,

    /// <summary>It does not work any more.</summary>
    Breaks,
}

/// <summary>A part that depends on a contract.</summary>
/// <param name="Kind">As in <see cref="Impact"/>.</param>
/// <param name="Name">As in <see cref="Impact"/>.</param>
/// <param name="Fields">Fields of the contract without which it breaks.</param>
/// <param name="Via">As in <see cref="Impact"/>.</param>
public sealed record Dependent(string Kind, string Name, IReadOnlyList<string> Fields, IReadOnlyList<string> Via);
