namespace RealTimeMesh.Streaming;

/// <summary>A dataflow: what it reads, and how its steps are made anew for each partition.</summary>
/// <param name="Name">Prefix of its state rows; unique within a state store.</param>
/// <param name="Sources">Topics, which are divided into partitions alike.</param>
/// <param name="Signature">Changes with everything that stored state depends on.</param>
/// <param name="NewGraph">Makes the steps of one partition.</param>
internal sealed record TaskPlan(string Name, IReadOnlyList<TaskSource> Sources, string Signature, Func<TaskGraph> NewGraph);

/// <summary>The steps of one partition.</summary>
internal sealed class TaskGraph
{
    /// <summary>Where the rows of each source enter.</summary>
    public required IReadOnlyList<SourceStep> Entries { get; init; }

    /// <summary>Steps with state, in an order that never changes: their numbers stand in the log.</summary>
    public required IReadOnlyList<TaskStep> Steps { get; init; }

    /// <summary>Views by their full names.</summary>
    public IReadOnlyList<ViewTable> Views { get; init; } = [];

    /// <summary>Windows whose open results are told, and the least time between two tellings.</summary>
    public IReadOnlyList<(Action Flush, TimeSpan Every)> Updates { get; init; } = [];
}

/// <summary>A step with state.</summary>
/// <param name="Name">For people.</param>
/// <param name="Step">The step.</param>
/// <param name="Sources">Sources whose rows reach it, by whatever way.</param>
/// <param name="IsFirst">Source rows reach it with nothing but projections between.</param>
internal sealed record TaskStep(string Name, Operator Step, IReadOnlyList<int> Sources, bool IsFirst);
