namespace RealTimeMesh.Cel;

/// <summary>Arithmetic: within a type only, checked for overflow.</summary>
internal static class CelArithmetic
{
    public static CelValue Add(in CelValue left, in CelValue right)
    {
        switch (left.Kind, right.Kind)
        {
            case (CelKind.Int, CelKind.Int):
                var sum = unchecked(left.AsInt + right.AsInt);
                return ((left.AsInt ^ sum) & (right.AsInt ^ sum)) < 0 ? CelErrors.IntOverflow : CelValue.Int(sum);
            case (CelKind.Uint, CelKind.Uint):
                return left.AsUint > ulong.MaxValue - right.AsUint ? CelErrors.UintOverflow : CelValue.Uint(left.AsUint + right.AsUint);
            case (CelKind.Double, CelKind.Double):
                return CelValue.Double(left.AsDouble + right.AsDouble);
            case (CelKind.String, CelKind.String):
                return CelValue.String(left.AsString + right.AsString);
            case (CelKind.Bytes, CelKind.Bytes):
                return CelValue.Bytes([.. left.AsBytes, .. right.AsBytes]);
            case (CelKind.List, CelKind.List):
                return CelCollections.Concatenate(left, right);
            case (CelKind.Timestamp, CelKind.Duration):
                return CelTime.Move(left, right.AsInt);
            case (CelKind.Duration, CelKind.Timestamp):
                return CelTime.Move(right, left.AsInt);
            case (CelKind.Duration, CelKind.Duration):
                var total = (Int128)left.AsInt + right.AsInt;
                return CelTime.Duration(total);
            default:
                return CelErrors.NoOverload;
        }
    }

    public static CelValue Subtract(in CelValue left, in CelValue right)
    {
        switch (left.Kind, right.Kind)
        {
            case (CelKind.Int, CelKind.Int):
                var difference = unchecked(left.AsInt - right.AsInt);
                return ((left.AsInt ^ right.AsInt) & (left.AsInt ^ difference)) < 0 ? CelErrors.IntOverflow : CelValue.Int(difference);
            case (CelKind.Uint, CelKind.Uint):
                return right.AsUint > left.AsUint ? CelErrors.UintOverflow : CelValue.Uint(left.AsUint - right.AsUint);
            case (CelKind.Double, CelKind.Double):
                return CelValue.Double(left.AsDouble - right.AsDouble);
            case (CelKind.Timestamp, CelKind.Duration):
                return right.AsInt == long.MinValue ? CelErrors.DurationOverflow : CelTime.Move(left, -right.AsInt);
            case (CelKind.Timestamp, CelKind.Timestamp):
                return CelTime.Duration((((Int128)left.AsInt - right.AsInt) * CelTime.NanosPerSecond) + left.Nanos - right.Nanos);
            case (CelKind.Duration, CelKind.Duration):
                return CelTime.Duration((Int128)left.AsInt - right.AsInt);
            default:
                return CelErrors.NoOverload;
        }
    }

    public static CelValue Multiply(in CelValue left, in CelValue right)
    {
        switch (left.Kind, right.Kind)
        {
            case (CelKind.Int, CelKind.Int):
                var product = (Int128)left.AsInt * right.AsInt;
                return product < long.MinValue || product > long.MaxValue ? CelErrors.IntOverflow : CelValue.Int((long)product);
            case (CelKind.Uint, CelKind.Uint):
                var natural = (UInt128)left.AsUint * right.AsUint;
                return natural > ulong.MaxValue ? CelErrors.UintOverflow : CelValue.Uint((ulong)natural);
            case (CelKind.Double, CelKind.Double):
                return CelValue.Double(left.AsDouble * right.AsDouble);
            default:
                return CelErrors.NoOverload;
        }
    }

    public static CelValue Divide(in CelValue left, in CelValue right)
    {
        switch (left.Kind, right.Kind)
        {
            case (CelKind.Int, CelKind.Int):
                if (right.AsInt == 0)
                    return CelValue.Error("division by zero");
                return right.AsInt == -1 && left.AsInt == long.MinValue ? CelErrors.IntOverflow : CelValue.Int(left.AsInt / right.AsInt);
            case (CelKind.Uint, CelKind.Uint):
                return right.AsUint == 0 ? CelValue.Error("division by zero") : CelValue.Uint(left.AsUint / right.AsUint);
            case (CelKind.Double, CelKind.Double):
                return CelValue.Double(left.AsDouble / right.AsDouble);
            default:
                return CelErrors.NoOverload;
        }
    }

    public static CelValue Remainder(in CelValue left, in CelValue right)
    {
        switch (left.Kind, right.Kind)
        {
            case (CelKind.Int, CelKind.Int):
                if (right.AsInt == 0)
                    return CelValue.Error("modulus by zero");
                return right.AsInt == -1 && left.AsInt == long.MinValue ? CelErrors.IntOverflow : CelValue.Int(left.AsInt % right.AsInt);
            case (CelKind.Uint, CelKind.Uint):
                return right.AsUint == 0 ? CelValue.Error("modulus by zero") : CelValue.Uint(left.AsUint % right.AsUint);
            default:
                return CelErrors.NoOverload;
        }
    }

    public static CelValue Negate(in CelValue value) => value.Kind switch
    {
        CelKind.Int => value.AsInt == long.MinValue ? CelErrors.IntOverflow : CelValue.Int(-value.AsInt),
        CelKind.Double => CelValue.Double(-value.AsDouble),
        CelKind.Duration => value.AsInt == long.MinValue ? CelErrors.DurationOverflow : CelValue.Duration(-value.AsInt),
        _ => CelErrors.NoOverload,
    };
}
