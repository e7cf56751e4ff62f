namespace RealTimeMesh.DeltaLake.Expressions;

/// <summary>A function of Spark SQL that this library knows: its types, and how rows are evaluated with it.</summary>
/// <param name="Name">As Spark's documentation calls it; aliases are entries of their own that lead here.</param>
/// <param name="Least">Fewest arguments.</param>
/// <param name="Most">Most arguments.</param>
/// <param name="Typing">Gives the call its type and its arguments their casts.</param>
/// <param name="Evaluate">Null where only an engine can evaluate it.</param>
internal sealed record SparkFunction(string Name, int Least, int Most, Func<FunctionCall, FunctionCall> Typing, Func<FunctionCall, IReadOnlyList<Vector>, Rows, Vector>? Evaluate);
