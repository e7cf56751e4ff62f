using RealTimeMesh.Contracts;

namespace RealTimeMesh.Pipelines;

/// <summary>Arithmetic nodes: integers stay exact and give NULL on overflow, '/' is always a double.</summary>
internal static class Arithmetic
{
    public static Node Negate(Node operand) =>
        operand is NullNode ? new NullNode(FieldType.Int64)
        : operand is LongConstant { Value: not long.MinValue } integer ? new LongConstant(integer.Type, -integer.Value)
        : operand is DoubleConstant number ? new DoubleConstant(-number.Value)
        : NodeTypes.IsInteger(operand.Type) ? new LongMap<LongKind, long>(FieldType.Int64, operand, NegateLong)
        : new DoubleMap<DoubleKind, double>(FieldType.Float64, operand, (double x, out double y) =>
        {
            y = -x;
            return true;
        });

    /// <summary>Null where the operator does not take these types.</summary>
    public static Node? Create(string symbol, Node left, Node right)
    {
        if (left is NullNode || right is NullNode)
            return CreateWithNull(symbol, left, right);
        if (NodeTypes.IsNumeric(left.Type) && NodeTypes.IsNumeric(right.Type))
        {
            return symbol != "/" && NodeTypes.IsInteger(left.Type) && NodeTypes.IsInteger(right.Type)
                ? new LongMap2(FieldType.Int64, left, right, LongOperation(symbol))
                : new DoubleMap2(left, right, DoubleOperation(symbol));
        }

        return (symbol, left.Type, right.Type) switch
        {
            ("+" or "-", FieldType.Date, _) when NodeTypes.IsInteger(right.Type) => new LongMap2(FieldType.Date, left, right, LongOperation(symbol)),
            ("+", _, FieldType.Date) when NodeTypes.IsInteger(left.Type) => new LongMap2(FieldType.Date, left, right, LongOperation(symbol)),
            ("-", FieldType.Date, FieldType.Date) => new LongMap2(FieldType.Int64, left, right, LongOperation(symbol)),
            _ => null,
        };
    }

    private static NullNode? CreateWithNull(string symbol, Node left, Node right)
    {
        var type = left is NullNode ? right.Type : left.Type;
        var numeric = NodeTypes.IsNumeric(type) || (left is NullNode && right is NullNode);
        if (symbol == "/" && numeric)
            return new NullNode(FieldType.Float64);
        if (numeric)
            return new NullNode(NodeTypes.IsNumeric(type) && !NodeTypes.IsInteger(type) ? FieldType.Float64 : FieldType.Int64);
        return type == FieldType.Date && (symbol is "+" or "-") ? new NullNode(FieldType.Date) : null;
    }

    private static Map2<long, long, long> LongOperation(string symbol) => symbol switch
    {
        "+" => AddLong,
        "-" => SubtractLong,
        "*" => MultiplyLong,
        _ => RemainderLong,
    };

    private static Map2<double, double, double> DoubleOperation(string symbol) => symbol switch
    {
        "+" => AddDouble,
        "-" => SubtractDouble,
        "*" => MultiplyDouble,
        "/" => DivideDouble,
        _ => RemainderDouble,
    };

    private static bool NegateLong(long x, out long y)
    {
        y = unchecked(-x);
        return x != long.MinValue;
    }

    private static bool AddLong(long a, long b, out long y)
    {
        y = unchecked(a + b);
        return ((a ^ y) & (b ^ y)) >= 0;
    }

    private static bool SubtractLong(long a, long b, out long y)
    {
        y = unchecked(a - b);
        return ((a ^ b) & (a ^ y)) >= 0;
    }

    private static bool MultiplyLong(long a, long b, out long y)
    {
        var high = Math.BigMul(a, b, out y);
        return high == y >> 63;
    }

    private static bool RemainderLong(long a, long b, out long y)
    {
        // The processor traps on MinValue % -1; the result is 0.
        y = b is 0 or -1 ? 0 : a % b;
        return b != 0;
    }

    private static bool AddDouble(double a, double b, out double y)
    {
        y = a + b;
        return true;
    }

    private static bool SubtractDouble(double a, double b, out double y)
    {
        y = a - b;
        return true;
    }

    private static bool MultiplyDouble(double a, double b, out double y)
    {
        y = a * b;
        return true;
    }

    private static bool DivideDouble(double a, double b, out double y)
    {
        y = a / b;
        return b != 0;
    }

    private static bool RemainderDouble(double a, double b, out double y)
    {
        y = a % b;
        return b != 0;
    }
}
