namespace RealTimeMesh.DeltaLake;

/// <summary>Which changes of a column's type a reader takes (PROTOCOL.md, "Type Widening"): those of <see cref="TypeChanges"/> and the narrower decimals of the feature's preview.</summary>
internal static class TypeWidening
{
    public static bool IsAllowed(DeltaType from, DeltaType to) => (from, to) switch
    {
        _ when from == to => true,
        (DecimalType(var precision, var scale), DecimalType(var wider, var finer)) => finer >= scale && wider - precision >= finer - scale,
        (_, DecimalType(var precision, var scale)) => DigitsOf(from) is { } digits && precision - scale >= digits,
        _ => (from.Kind, to.Kind) switch
        {
            (DeltaTypeKind.Byte, DeltaTypeKind.Short or DeltaTypeKind.Integer or DeltaTypeKind.Long or DeltaTypeKind.Double) => true,
            (DeltaTypeKind.Short, DeltaTypeKind.Integer or DeltaTypeKind.Long or DeltaTypeKind.Double) => true,
            (DeltaTypeKind.Integer, DeltaTypeKind.Long or DeltaTypeKind.Double) => true,
            (DeltaTypeKind.Float, DeltaTypeKind.Double) => true,
            (DeltaTypeKind.Date, DeltaTypeKind.TimestampNtz) => true,
            _ => false,
        },
    };

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
