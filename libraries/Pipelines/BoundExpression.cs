using RealTimeMesh.Contracts;

namespace RealTimeMesh.Pipelines;

/// <summary>
/// A SQL expression parsed, type-checked against a schema and compiled. NULL follows SQL's three-valued logic.
/// The <c>TryGet</c> calls return false where the value is NULL; ask only for the kind that <see cref="Type"/> says
/// (integers are readable as doubles too).
/// </summary>
public abstract class BoundExpression
{
    /// <summary>The expression as written.</summary>
    public abstract string Text { get; }

    public abstract FieldType Type { get; }

    /// <summary>True where the value is TRUE; false where it is FALSE or NULL. Only for Boolean.</summary>
    public bool IsTrue(ColumnBatch batch, int row) => TryGetBoolean(batch, row, out var value) && value;

    public abstract bool TryGetBoolean(ColumnBatch batch, int row, out bool value);

    /// <summary>For Int32, Int64, Date (days) and Timestamp (microseconds).</summary>
    public abstract bool TryGetInt64(ColumnBatch batch, int row, out long value);

    /// <summary>For every numeric type.</summary>
    public abstract bool TryGetDouble(ColumnBatch batch, int row, out double value);

    public abstract bool TryGetString(ColumnBatch batch, int row, out string value);

    /// <summary>The type of column that holds its values: <see cref="Type"/>, but for decimals that are computed, which are doubles.</summary>
    public abstract FieldType ColumnType { get; }

    /// <summary>The field's place in the schema where the expression is that field and nothing else; -1 otherwise.</summary>
    public abstract int FieldOrdinal { get; }

    /// <summary>Puts the numbers of the rows where the value is TRUE, ascending, and returns how many they are; column at a time. Only for Boolean.</summary>
    public abstract int SelectTrue(ColumnBatch batch, Span<int> rows);

    /// <summary>Appends the values of some rows to a column of <see cref="ColumnType"/>, column at a time.</summary>
    public abstract void AppendTo(ColumnBatch batch, ReadOnlySpan<int> rows, Column output);
}
