namespace RealTimeMesh.DeltaLake.Expressions;

/// <summary>Which type two types meet in, and which casts exist, by Spark's rules.</summary>
internal static class TypeRules
{
    public const int MaxPrecision = 38;

    public static bool IsIntegral(DeltaType type) => type.Kind is DeltaTypeKind.Byte or DeltaTypeKind.Short or DeltaTypeKind.Integer or DeltaTypeKind.Long;

    public static bool IsReal(DeltaType type) => type.Kind is DeltaTypeKind.Float or DeltaTypeKind.Double;

    public static bool IsNumeric(DeltaType type) => IsIntegral(type) || IsReal(type) || type.Kind == DeltaTypeKind.Decimal;

    public static bool IsTime(DeltaType type) => type.Kind is DeltaTypeKind.Date or DeltaTypeKind.Timestamp or DeltaTypeKind.TimestampNtz;

    public static bool IsVoid(DeltaType type) => type.Kind == DeltaTypeKind.Void;

    /// <summary>Whether values of the type have an order.</summary>
    public static bool IsOrdered(DeltaType type) => type.IsPrimitive && type.Kind is not DeltaTypeKind.Variant;

    /// <summary>The type both are cast to before they are compared or are branches of one value; null where there is none.</summary>
    public static DeltaType? Common(DeltaType left, DeltaType right)
    {
        if (left == right || IsVoid(right))
            return left;
        if (IsVoid(left))
            return right;
        if (IsNumeric(left) && IsNumeric(right))
            return CommonNumber(left, right);
        if (IsTime(left) && IsTime(right))
            return left.Kind == DeltaTypeKind.Timestamp || right.Kind == DeltaTypeKind.Timestamp ? PrimitiveType.Timestamp : PrimitiveType.TimestampNtz;
        return (left.Kind, right.Kind) switch
        {
            (DeltaTypeKind.String, _) => WithString(right),
            (_, DeltaTypeKind.String) => WithString(left),
            _ => null,
        };
    }

    /// <summary>A number that holds every value of both.</summary>
    public static DeltaType CommonNumber(DeltaType left, DeltaType right)
    {
        if (IsReal(left) || IsReal(right))
            return left.Kind == DeltaTypeKind.Float && right.Kind == DeltaTypeKind.Float ? PrimitiveType.Float : PrimitiveType.Double;
        if (IsIntegral(left) && IsIntegral(right))
            return left.Kind > right.Kind ? left : right;
        var (a, b) = (DecimalOf(left), DecimalOf(right));
        var scale = Math.Max(a.Scale, b.Scale);
        return Bounded(Math.Max(a.Precision - a.Scale, b.Precision - b.Scale) + scale, scale);
    }

    /// <summary>The decimal that holds a type's integers.</summary>
    public static DecimalType DecimalOf(DeltaType type) => type switch
    {
        DecimalType already => already,
        _ => type.Kind switch
        {
            DeltaTypeKind.Byte => new DecimalType(3, 0),
            DeltaTypeKind.Short => new DecimalType(5, 0),
            DeltaTypeKind.Integer => new DecimalType(10, 0),
            _ => new DecimalType(20, 0),
        },
    };

    /// <summary>What an operator on two decimals gives.</summary>
    public static DecimalType Arithmetic(BinaryOperator operation, DecimalType a, DecimalType b)
    {
        var scale = Math.Max(a.Scale, b.Scale);
        var whole = Math.Max(a.Precision - a.Scale, b.Precision - b.Scale);
        return operation switch
        {
            BinaryOperator.Multiply => Bounded(a.Precision + b.Precision + 1, a.Scale + b.Scale),
            BinaryOperator.Modulo => Bounded(Math.Min(a.Precision - a.Scale, b.Precision - b.Scale) + scale, scale),
            _ => Bounded(whole + scale + 1, scale),
        };
    }

    /// <summary>Spark's way with more than 38 digits: digits after the point go first, down to 6.</summary>
    public static DecimalType Bounded(int precision, int scale) =>
        precision <= MaxPrecision ? new DecimalType(precision, scale) : new DecimalType(MaxPrecision, Math.Max(MaxPrecision - (precision - scale), Math.Min(scale, 6)));

    /// <summary>Whether a cast exists at all; a value may still have no counterpart.</summary>
    public static bool CanCast(DeltaType from, DeltaType to)
    {
        if (from == to || IsVoid(from))
            return true;
        if (!from.IsPrimitive || !to.IsPrimitive || from.Kind == DeltaTypeKind.Variant || to.Kind is DeltaTypeKind.Variant or DeltaTypeKind.Void)
            return false;
        // Spark writes doubles as Java does; nobody else does, so such a text would differ between engines.
        if (from.Kind == DeltaTypeKind.String || to.Kind == DeltaTypeKind.String)
            return !IsReal(from);
        if (IsNumeric(from))
            return IsNumeric(to) || to.Kind == DeltaTypeKind.Boolean || (to.Kind == DeltaTypeKind.Timestamp && from.Kind != DeltaTypeKind.Decimal);
        if (IsTime(from))
            return IsTime(to) || (from.Kind == DeltaTypeKind.Timestamp && to.Kind is DeltaTypeKind.Long or DeltaTypeKind.Double);
        return from.Kind == DeltaTypeKind.Boolean && IsNumeric(to);
    }

    private static DeltaType? WithString(DeltaType other) => other.Kind switch
    {
        _ when IsIntegral(other) => PrimitiveType.Long,
        DeltaTypeKind.Decimal or DeltaTypeKind.Float or DeltaTypeKind.Double => PrimitiveType.Double,
        DeltaTypeKind.Boolean or DeltaTypeKind.Date or DeltaTypeKind.Timestamp or DeltaTypeKind.TimestampNtz or DeltaTypeKind.Binary => other,
        _ => null,
    };
}
