namespace RealTimeMesh.DeltaLake;

/// <summary>
/// What a value may be for a row of a file. Bounds are <see cref="bool"/>, <see cref="long"/>, <see cref="double"/>,
/// <see cref="Expressions.ExactDecimal"/> or <see cref="string"/>; null where there is none. They may be wider than the values.
/// </summary>
internal readonly record struct ValueRange(object? Min, object? Max, bool MayBeNull, bool MayBeValue)
{
    public static ValueRange Unknown { get; } = new(null, null, true, true);

    public static ValueRange Nothing { get; } = new(null, null, true, false);

    /// <summary>Whether all values are the same one.</summary>
    public bool IsPoint => Min is not null && Max is not null && ValueOrder.Compare(Min, Max) == 0;

    public static ValueRange Constant(object? value) => value is null ? Nothing : new ValueRange(value, value, false, true);

    /// <summary>Values of either.</summary>
    public ValueRange Union(ValueRange other)
    {
        if (!MayBeValue)
            return other with { MayBeNull = true };
        if (!other.MayBeValue)
            return this with { MayBeNull = true };
        return new ValueRange(
            Min is null || other.Min is null ? null : ValueOrder.Compare(Min, other.Min) <= 0 ? Min : other.Min,
            Max is null || other.Max is null ? null : ValueOrder.Compare(Max, other.Max) >= 0 ? Max : other.Max,
            MayBeNull || other.MayBeNull,
            true);
    }

    /// <summary>Whether a value of this may be below one of the other.</summary>
    public bool MayBeBelow(ValueRange other) => Min is null || other.Max is null || ValueOrder.Compare(Min, other.Max) < 0;

    /// <summary>Whether a value of this may equal one of the other.</summary>
    public bool MayEqual(ValueRange other) =>
        (Min is null || other.Max is null || ValueOrder.Compare(Min, other.Max) <= 0) && (Max is null || other.Min is null || ValueOrder.Compare(Max, other.Min) >= 0);
}
