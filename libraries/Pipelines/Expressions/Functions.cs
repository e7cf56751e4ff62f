using RealTimeMesh.Contracts;

namespace RealTimeMesh.Pipelines;

/// <summary>The scalar functions, by name.</summary>
internal static class Functions
{
    private delegate Node Factory(Binder binder, CallSyntax call);

    private static readonly Dictionary<string, (int Min, int Max, Factory Create)> All = new(StringComparer.Ordinal)
    {
        ["abs"] = (1, 1, (b, c) => NumberMap(b, c, AbsLong, AbsDouble)),
        ["round"] = (1, 2, Round),
        ["floor"] = (1, 1, (b, c) => NumberMap(b, c, KeepLong, FloorDouble)),
        ["ceil"] = (1, 1, (b, c) => NumberMap(b, c, KeepLong, CeilDouble)),
        ["ceiling"] = (1, 1, (b, c) => NumberMap(b, c, KeepLong, CeilDouble)),
        ["lower"] = (1, 1, (b, c) => new TextMap<TextKind, string>(b.Text(c.Arguments[0], "lower"), Lower)),
        ["upper"] = (1, 1, (b, c) => new TextMap<TextKind, string>(b.Text(c.Arguments[0], "upper"), Upper)),
        ["trim"] = (1, 1, (b, c) => new TextMap<TextKind, string>(b.Text(c.Arguments[0], "trim"), Trim)),
        ["length"] = (1, 1, (b, c) => new LongMap<TextKind, string>(FieldType.Int64, b.Text(c.Arguments[0], "length"), Length)),
        ["substr"] = (2, 3, Substring),
        ["substring"] = (2, 3, Substring),
        ["concat"] = (1, 64, (b, c) => new ConcatNode([.. c.Arguments.Select(b.AsText)], skipNulls: true)),
        ["coalesce"] = (1, 64, (b, c) => new CoalesceNode(Binder.CommonType(c.Position, c.Name, Bound(b, c)), Unified(b, c))),
        ["greatest"] = (1, 64, (b, c) => Extreme(b, c, 1)),
        ["least"] = (1, 64, (b, c) => Extreme(b, c, -1)),
        ["nullif"] = (2, 2, (b, c) => new NullIfNode(b.Bind(c.Arguments[0]), b.Compare("=", c.Position, b.Bind(c.Arguments[0]), b.Bind(c.Arguments[1])))),
        ["date_trunc"] = (2, 2, TimeFunctions.Truncate),
        ["year"] = (1, 1, TimeFunctions.Part),
        ["quarter"] = (1, 1, TimeFunctions.Part),
        ["month"] = (1, 1, TimeFunctions.Part),
        ["day"] = (1, 1, TimeFunctions.Part),
        ["hour"] = (1, 1, TimeFunctions.Part),
        ["minute"] = (1, 1, TimeFunctions.Part),
        ["second"] = (1, 1, TimeFunctions.Part),
    };

    public static Node Bind(Binder binder, CallSyntax call)
    {
        if (!All.TryGetValue(call.Name, out var function))
        {
            if (AggregateParser.Names.Contains(call.Name))
                throw new ExpressionException(call.Position, $"{call.Name} is an aggregate; it can only stand alone, as a whole entry of select");
            var near = Suggestion.For(call.Name, All.Keys);
            throw new ExpressionException(call.Position, $"function '{call.Name}' is not known; {(near is null ? $"the functions are {string.Join(", ", All.Keys.Order(StringComparer.Ordinal))}, cast" : $"did you mean '{near}'?")}");
        }

        if (call.Star || call.Distinct)
            throw new ExpressionException(call.Position, $"{call.Name} takes neither * nor distinct");
        var count = call.Arguments.Count;
        if (count < function.Min || count > function.Max)
        {
            var expected = function.Min == function.Max ? $"{function.Min}" : $"{function.Min} to {function.Max}";
            throw new ExpressionException(call.Position, $"{call.Name} takes {expected} argument(s); found {count}");
        }

        return function.Create(binder, call);
    }

    private static Node[] Bound(Binder binder, CallSyntax call) => [.. call.Arguments.Select(binder.Bind)];

    private static Node[] Unified(Binder binder, CallSyntax call) => binder.Unify(call.Position, call.Name, Bound(binder, call));

    private static Node NumberMap(Binder binder, CallSyntax call, Map<long, long> integers, Map<double, double> numbers)
    {
        var operand = binder.Number(call.Arguments[0], call.Name);
        return operand is NullNode ? new NullNode(FieldType.Float64)
            : NodeTypes.IsInteger(operand.Type) ? new LongMap<LongKind, long>(FieldType.Int64, operand, integers)
            : new DoubleMap<DoubleKind, double>(FieldType.Float64, operand, numbers);
    }

    private static Node Round(Binder binder, CallSyntax call)
    {
        if (call.Arguments.Count == 1)
            return NumberMap(binder, call, KeepLong, RoundDouble);
        var operand = binder.Number(call.Arguments[0], "round");
        if (binder.Integer(call.Arguments[1], "round") is not LongConstant { Value: >= 0 and <= 15 } digits)
            throw new ExpressionException(call.Arguments[1].Position, "round takes a literal number of digits from 0 to 15");
        var scale = Math.Pow(10, digits.Value);
        return NodeTypes.IsInteger(operand.Type) ? operand : new DoubleMap<DoubleKind, double>(FieldType.Float64, operand, (double x, out double y) =>
        {
            var scaled = Math.Round(x * scale, MidpointRounding.AwayFromZero) / scale;
            y = double.IsFinite(scaled) ? scaled : x;
            return true;
        });
    }

    private static SubstringNode Substring(Binder binder, CallSyntax call) => new(
        binder.Text(call.Arguments[0], call.Name),
        binder.Integer(call.Arguments[1], call.Name),
        call.Arguments.Count == 3 ? binder.Integer(call.Arguments[2], call.Name) : null);

    private static Node Extreme(Binder binder, CallSyntax call, int sign)
    {
        var type = Binder.CommonType(call.Position, call.Name, Bound(binder, call));
        var operands = Unified(binder, call);
        return NodeTypes.KindOf(type) switch
        {
            NodeKind.Boolean => new ExtremeNode<BooleanKind, bool>(type, operands, sign),
            NodeKind.Long => new ExtremeNode<LongKind, long>(type, operands, sign),
            NodeKind.Double => new ExtremeNode<DoubleKind, double>(type, operands, sign),
            _ => new ExtremeNode<TextKind, string>(type, operands, sign),
        };
    }

    private static bool KeepLong(long x, out long y)
    {
        y = x;
        return true;
    }

    private static bool AbsLong(long x, out long y)
    {
        y = x < 0 ? unchecked(-x) : x;
        return y >= 0;
    }

    private static bool AbsDouble(double x, out double y)
    {
        y = Math.Abs(x);
        return true;
    }

    private static bool RoundDouble(double x, out double y)
    {
        y = Math.Round(x, MidpointRounding.AwayFromZero);
        return true;
    }

    private static bool FloorDouble(double x, out double y)
    {
        y = Math.Floor(x);
        return true;
    }

    private static bool CeilDouble(double x, out double y)
    {
        y = Math.Ceiling(x);
        return true;
    }

    private static bool Lower(string x, out string y)
    {
        y = x.ToLowerInvariant();
        return true;
    }

    private static bool Upper(string x, out string y)
    {
        y = x.ToUpperInvariant();
        return true;
    }

    private static bool Trim(string x, out string y)
    {
        y = x.Trim(' ');
        return true;
    }

    private static bool Length(string x, out long y)
    {
        y = TextFunctions.Length(x);
        return true;
    }
}
