using RealTimeMesh.DeltaLake.Expressions;

namespace RealTimeMesh.DeltaLake;

/// <summary>Where a condition on rows comes from.</summary>
public enum RowCheckKind
{
    /// <summary>The schema says that the column is not nullable.</summary>
    NotNull,

    /// <summary><c>delta.invariants</c> in a field's metadata.</summary>
    Invariant,

    /// <summary><c>delta.constraints.NAME</c> in the table's properties.</summary>
    Check,

    /// <summary><c>delta.generationExpression</c>: a value that was given must be the one the expression gives.</summary>
    Generated,

    /// <summary>A text must not be longer than <c>varchar(n)</c> or <c>char(n)</c> says.</summary>
    Length,
}

/// <summary>A condition that must be true for every row that is written; false and null are violations.</summary>
/// <param name="Name">The constraint's name, or its column's.</param>
/// <param name="Text">As the table has it, for messages.</param>
/// <param name="Condition">Resolved against the table's schema.</param>
public sealed record RowCheck(string Name, RowCheckKind Kind, string Text, DeltaExpression Condition)
{
    /// <summary>For messages: <c>CHECK constraint positive (id > 0)</c>.</summary>
    public string Label => Kind switch
    {
        RowCheckKind.NotNull => $"NOT NULL constraint of column {Name}",
        RowCheckKind.Invariant => $"invariant of column {Name} ({Text})",
        RowCheckKind.Check => $"CHECK constraint {Name} ({Text})",
        RowCheckKind.Generated => $"generated column {Name} ({Text})",
        _ => $"length of column {Name} ({Text})",
    };
}

/// <summary>What a column holds where a writer does not give it.</summary>
/// <param name="Column">The column's name.</param>
/// <param name="Value">Resolved, and of the column's type: the generation expression, the default, or NULL.</param>
/// <param name="IsGenerated">True for a generation expression, which may name other columns.</param>
public sealed record ColumnFill(string Column, DeltaExpression Value, bool IsGenerated);
