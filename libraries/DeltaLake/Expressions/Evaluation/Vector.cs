namespace RealTimeMesh.DeltaLake.Expressions;

/// <summary>The values of an expression for the rows of a batch: an array, or one value for all rows.</summary>
internal abstract class Vector(bool[]? nulls, int count, bool isConstant)
{
    /// <summary>Null where no row is null.</summary>
    protected bool[]? Nulls { get; } = nulls;

    public int Count { get; } = count;

    public bool IsConstant { get; } = isConstant;

    public bool HasNulls => Nulls is not null;

    public bool IsNull(int row) => Nulls is not null && Nulls[IsConstant ? 0 : row];

    public abstract object? GetValue(int row);

    public static Vector<T> Nothing<T>(int count) => new(new T[1], [true], count, isConstant: true);

    public static Vector<T> Constant<T>(T value, int count) => new([value], null, count, isConstant: true);
}

/// <inheritdoc/>
internal sealed class Vector<T>(T[] values, bool[]? nulls, int count, bool isConstant = false) : Vector(nulls, count, isConstant)
{
    private readonly int _stride = isConstant ? 0 : 1;

    public T this[int row] => values[row * _stride];

    public override object? GetValue(int row) => IsNull(row) ? null : this[row];
}
