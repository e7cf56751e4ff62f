namespace RealTimeMesh.DeltaLake;

/// <summary>Which changes of a column's type a reader takes (PROTOCOL.md, "Type Widening"): those of <see cref="TypeChanges"/> and the narrower decimals of the feature's preview.</summary>
internal static class TypeWidening
{
    public static bool IsAllowed(DeltaType from, DeltaType to) =>
        from == to || TypeChanges.IsWidening(from, to)
        || (to is DecimalType(var precision, var scale) && DigitsOf(from) is { } digits && precision - scale >= digits);

    /// <summary>Digits before the point that a decimal needs to hold every value; the protocol asks for 10 for the small integers too, Spark's preview for fewer.</summary>
    private static int? DigitsOf(DeltaType type) => type.Kind switch
    {
        DeltaTypeKind.Byte => 3,
        DeltaTypeKind.Short => 5,
        DeltaTypeKind.Integer => 10,
        DeltaTypeKind.Long => 19,
        _ => null,
    };
}
