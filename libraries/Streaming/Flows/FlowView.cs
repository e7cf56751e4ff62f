using RealTimeMesh.Contracts;

namespace RealTimeMesh.Streaming;

/// <summary>A logical plan with a name: its results are kept for readers.</summary>
/// <param name="Name"><c>{pipeline}.{view}</c></param>
internal sealed record FlowView(string Name, FlowNode Root)
{
    /// <summary>Fields that name a row within its window.</summary>
    public required IReadOnlyList<string> By { get; init; }

    /// <summary>How long, in event time, a row stays after its window's end.</summary>
    public TimeSpan Retain { get; init; } = TimeSpan.FromDays(1);

    /// <summary>Makes the step that takes the results in place of a table for readers; null for the table.</summary>
    public Func<RowSchema, Operator>? Sink { get; init; }

    /// <summary>Least time between two writes of an open window's result; null: only closed windows are written.</summary>
    public TimeSpan? Updates { get; init; }
}
