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
}
