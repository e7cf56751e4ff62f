using RealTimeMesh.Contracts;

namespace RealTimeMesh.Pipelines;

/// <summary>A continuous view over overlapping windows or sessions of one stream, or over pairs of two.</summary>
public sealed record FlowDefinition
{
    public required string Pipeline { get; init; }

    public required string Name { get; init; }

    /// <summary>The stream; null for a join.</summary>
    public StreamDefinition? From { get; init; }

    /// <summary>The join or pattern; null for a view of one stream.</summary>
    public FlowJoinDefinition? Join { get; init; }

    /// <summary>Rows that count, over the stream's fields or those of a pair; null for all.</summary>
    public BoundExpression? Where { get; init; }

    /// <summary>Lets only the first row of a key through; null: every row.</summary>
    public FlowDeduplicationDefinition? Deduplicate { get; init; }

    /// <summary>Null where the rows themselves are kept.</summary>
    public FlowWindowDefinition? Window { get; init; }

    /// <summary>Fields to group by; without a window the columns that name a row.</summary>
    public required IReadOnlyList<string> By { get; init; }

    /// <summary>Aggregates of a window.</summary>
    public IReadOnlyList<AggregateDefinition> Aggregates { get; init; } = [];

    /// <summary>Columns where there is no window.</summary>
    public IReadOnlyList<(string Name, BoundExpression Value)> Columns { get; init; } = [];

    /// <summary>Keeps the first rows of each group; null: all rows.</summary>
    public FlowTopDefinition? Top { get; init; }

    /// <summary>How long after its end a window still takes events.</summary>
    public TimeSpan AllowedLateness { get; init; }

    /// <summary>How long, in event time, a row stays readable after the end of its window.</summary>
    public TimeSpan Retain { get; init; } = TimeSpan.FromDays(1);

    /// <summary>Least time between two writes of one open window; null: only closed ones are written.</summary>
    public TimeSpan? EmitUpdates { get; init; }

    /// <summary>Streams it reads.</summary>
    public IReadOnlyList<StreamDefinition> Streams => From is not null ? [From] : Join!.Left == Join.Right ? [Join.Left] : [Join.Left, Join.Right];
}

/// <summary>Overlapping windows of a length that begin at a distance, or (both zero) sessions that end after a gap.</summary>
public sealed record FlowWindowDefinition(TimeSpan Size, TimeSpan Slide, TimeSpan Gap)
{
    /// <summary>Instead: events of a key that make a window, or after which the global window's result is given.</summary>
    public int Rows { get; init; }

    /// <summary>One window of all events since ever.</summary>
    public bool IsGlobal { get; init; }
}

/// <summary>The first rows of each group by an order, of windows where the view has them.</summary>
public sealed record FlowTopDefinition(int Count, IReadOnlyList<string> By, IReadOnlyList<(string Column, bool Descending)> Order);

/// <summary>The first row of a key, in the order of event time, and none after it within a horizon.</summary>
public sealed record FlowDeduplicationDefinition(IReadOnlyList<string> By, TimeSpan Within);

/// <summary>Pairs of rows of two streams.</summary>
/// <param name="Condition">What makes two rows a pair.</param>
/// <param name="Before">How much earlier than the left row the right one may be.</param>
/// <param name="After">How much later.</param>
/// <param name="KeepsLeft">Rows of the left side without a partner are given too.</param>
/// <param name="KeepsRight">Rows of the right side without a partner are given too.</param>
public sealed record FlowJoinDefinition(StreamDefinition Left, StreamDefinition Right, JoinCondition Condition, TimeSpan Before, TimeSpan After, bool KeepsLeft, bool KeepsRight)
{
    /// <summary>How partners are found.</summary>
    public FlowJoinMode Mode { get; init; }

    /// <summary>Of <see cref="FlowJoinMode.AsOf"/>: how much older the right row may be; null: however old.</summary>
    public TimeSpan? Tolerance { get; init; }

    /// <summary>Of <see cref="FlowJoinMode.AsOf"/>: true of a right row that says that its key has none from then on.</summary>
    public BoundExpression? Ends { get; init; }

    /// <summary>Left rows that count, over their own fields; null for all.</summary>
    public BoundExpression? LeftWhere { get; init; }

    /// <summary>Right rows that count, over their own fields; null for all.</summary>
    public BoundExpression? RightWhere { get; init; }

    /// <summary>What the rows of the view hold.</summary>
    public RowSchema Rows => Mode == FlowJoinMode.NotFollowed ? Left.Contract.Rows : Condition.Rows;
}

/// <summary>How the partners of two streams are found.</summary>
public enum FlowJoinMode
{
    /// <summary>All whose times are near.</summary>
    Interval,

    /// <summary>The latest right row at the left row's time.</summary>
    AsOf,

    /// <summary>The first right row after the left one, within a time.</summary>
    Followed,

    /// <summary>None: the left rows that no right one follows within a time.</summary>
    NotFollowed,
}
