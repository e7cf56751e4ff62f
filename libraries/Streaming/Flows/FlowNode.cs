using RealTimeMesh.Contracts;
using RealTimeMesh.Pipelines;

namespace RealTimeMesh.Streaming;

/// <summary>A step of a logical plan: what is to be computed, not yet how. A node that several others read is computed once.</summary>
/// <param name="Rows">What it gives.</param>
internal abstract record FlowNode(RowSchema Rows);

/// <summary>The events of a topic.</summary>
internal sealed record SourceNode(TaskSource Source) : FlowNode(Source.Schema);

/// <summary>Rows for which a condition is true (null: all), with columns computed from theirs (null: their own).</summary>
internal sealed record SelectNode(FlowNode Input, BoundExpression? Where, IReadOnlyList<(string Name, BoundExpression Value)>? Columns, RowSchema Rows) : FlowNode(Rows);

/// <summary>Aggregates by key and window.</summary>
internal sealed record WindowNode(FlowNode Input, FlowWindow Window, TimeSpan Lateness, IReadOnlyList<string> By, IReadOnlyList<(string Name, Aggregator Aggregator, string Text)> Aggregates, RowSchema Rows) : FlowNode(Rows);

/// <summary>The first row of a key within a horizon.</summary>
internal sealed record DeduplicateNode(FlowNode Input, IReadOnlyList<string> By, TimeSpan Horizon) : FlowNode(Input.Rows);

/// <summary>The first rows of each group, of windows where the input is one, by an order.</summary>
internal sealed record TopNode(FlowNode Input, int Count, IReadOnlyList<RankColumn> Order, IReadOnlyList<string> By, bool IsWindowed, RowSchema Rows) : FlowNode(Rows);

/// <summary>Left rows with the right row that was the latest one of their key at their time.</summary>
internal sealed record AsOfNode(FlowNode Left, IReadOnlyList<string> LeftKey, FlowNode Right, IReadOnlyList<string> RightKey, TimeSpan? Tolerance, bool KeepsLeft, BoundExpression? Ends, RowSchema Rows) : FlowNode(Rows);

/// <summary>First rows with what followed them, or that nothing followed.</summary>
internal sealed record FollowNode(FlowNode First, IReadOnlyList<string> FirstKey, FlowNode Second, IReadOnlyList<string> SecondKey, TimeSpan Within, bool IsAbsent, BoundExpression? Where, RowSchema Pair) : FlowNode(IsAbsent ? First.Rows : Pair);

/// <summary>Pairs of rows whose keys are equal and whose times are near.</summary>
internal sealed record JoinNode(FlowNode Left, IReadOnlyList<string> LeftKey, FlowNode Right, IReadOnlyList<string> RightKey, TimeSpan Before, TimeSpan After, JoinKind Kind, BoundExpression? Where, RowSchema Rows) : FlowNode(Rows);
