namespace RealTimeMesh.DeltaLake.Expressions;

/// <summary>Turns a parsed tree into a typed one: columns found, implicit casts written out, constants computed.</summary>
internal sealed class Resolver(ExpressionScope scope, DateTimeOffset now)
{
    public DeltaExpression ResolvePredicate(DeltaExpression expression) => Predicate(Resolve(expression));

    public DeltaExpression Resolve(DeltaExpression expression)
    {
        if (expression.Type is not null)
            return expression;
        var resolved = expression switch
        {
            ColumnReference column => ResolveColumn(column),
            _ => Typed(expression.With([.. expression.Children.Select(Resolve)])),
        };
        return ConstantFolding.Fold(resolved);
    }

    /// <summary>The operand as a value of the type; null where there is no cast that nobody had to write.</summary>
    internal static DeltaExpression? Coerce(DeltaExpression operand, DeltaType type)
    {
        var from = operand.Type!;
        if (from == type)
            return operand;
        if (!TypeRules.CanCast(from, type))
            return null;
        return ConstantFolding.Fold(new Cast(operand, type, Try: false) { Type = type, Implicit = true, Position = operand.Position });
    }

    private DeltaExpression ResolveColumn(ColumnReference column)
    {
        var found = scope.Find(column, out var rest);
        if (found.Field.Metadata.ContainsKey("__COLLATIONS"))
            throw new ExpressionException(column.Position, $"found column '{found}' with a collation; expected one that compares by bytes");
        return rest.Aggregate((DeltaExpression)found, (inner, name) => inner.Type is MapType
            ? Typed(new ElementAccess(inner, Literal.Of(name)) { Position = column.Position })
            : Typed(new FieldAccess(inner, name) { Position = column.Position }));
    }

    private DeltaExpression Typed(DeltaExpression expression) => expression switch
    {
        BinaryOperation binary => Binary(binary),
        UnaryOperation { Operator: UnaryOperator.Not } not => not with { Operand = Predicate(not.Operand), Type = PrimitiveType.Boolean },
        UnaryOperation unary => Unary(unary),
        NullTest test => test with { Type = PrimitiveType.Boolean },
        InList list => In(list),
        LikeTest like => like with { Operand = Text(like.Operand), Pattern = Text(like.Pattern), Type = PrimitiveType.Boolean },
        CaseWhen choice => Choice(choice),
        Cast cast => TypeRules.CanCast(cast.Operand.Type!, cast.Target)
            ? cast with { Type = cast.Target }
            : throw Fault(cast, $"found a cast from {cast.Operand.Type} to {cast.Target}; expected types that can be cast"),
        IntervalShift shift => Shift(shift),
        FieldAccess access => Field(access),
        ElementAccess access => Element(access),
        FunctionCall call => SparkFunctions.Resolve(call, now),
        _ => throw new InvalidOperationException($"{expression.GetType().Name} has no type rule"),
    };

    private DeltaExpression Binary(BinaryOperation binary)
    {
        switch (binary.Operator)
        {
            case BinaryOperator.And or BinaryOperator.Or:
                return binary with { Left = Predicate(binary.Left), Right = Predicate(binary.Right), Type = PrimitiveType.Boolean };
            case BinaryOperator.Concat:
                return SparkFunctions.Resolve(new FunctionCall("concat", [binary.Left, binary.Right]) { Position = binary.Position }, now);
            case BinaryOperator.BitAnd or BinaryOperator.BitOr or BinaryOperator.BitXor:
                if (!TypeRules.IsIntegral(binary.Left.Type!) || !TypeRules.IsIntegral(binary.Right.Type!))
                    throw Mismatch(binary, "integers");
                return Meet(binary, TypeRules.CommonNumber(binary.Left.Type!, binary.Right.Type!));
            case >= BinaryOperator.Equal and <= BinaryOperator.GreaterOrEqual:
                return Comparison(binary);
            default:
                return Arithmetic(binary);
        }
    }

    private static BinaryOperation Comparison(BinaryOperation binary)
    {
        var (left, right) = (binary.Left.Type!, binary.Right.Type!);
        // A text that is compared with a number or a day is read as one.
        var common = TypeRules.Common(left, right) ?? throw Mismatch(binary, "types that can be compared");
        var equality = binary.Operator is BinaryOperator.Equal or BinaryOperator.NullSafeEqual or BinaryOperator.NotEqual;
        if (common.Kind is DeltaTypeKind.Map or DeltaTypeKind.Variant || (!equality && !TypeRules.IsOrdered(common)))
            throw Mismatch(binary, "types that can be compared");
        return binary with { Left = Coerced(binary.Left, common), Right = Coerced(binary.Right, common), Type = PrimitiveType.Boolean };
    }

    private DeltaExpression Arithmetic(BinaryOperation binary)
    {
        var (left, right) = (binary.Left, binary.Right);
        if (TypeRules.IsTime(left.Type!) && binary.Operator is BinaryOperator.Add or BinaryOperator.Subtract)
            return DateArithmetic(binary);
        // Texts in arithmetic are doubles, as in Spark.
        left = left.Type!.Kind == DeltaTypeKind.String ? Coerced(left, PrimitiveType.Double) : left;
        right = right.Type!.Kind == DeltaTypeKind.String ? Coerced(right, PrimitiveType.Double) : right;
        left = TypeRules.IsVoid(left.Type!) ? Coerced(left, TypeRules.IsNumeric(right.Type!) ? right.Type! : PrimitiveType.Double) : left;
        right = TypeRules.IsVoid(right.Type!) ? Coerced(right, left.Type!) : right;
        if (!TypeRules.IsNumeric(left.Type!) || !TypeRules.IsNumeric(right.Type!))
            throw Mismatch(binary, "numbers");
        binary = binary with { Left = left, Right = right };
        var decimals = left.Type is DecimalType || right.Type is DecimalType;
        var reals = TypeRules.IsReal(left.Type!) || TypeRules.IsReal(right.Type!);
        switch (binary.Operator)
        {
            case BinaryOperator.Divide when decimals && !reals:
                throw Fault(binary, "found a division of decimals; expected doubles or integers: cast one side to DOUBLE");
            case BinaryOperator.Divide:
                return Meet(binary, PrimitiveType.Double);
            case BinaryOperator.IntegerDivide when decimals || reals:
                throw Mismatch(binary, "integers");
            case BinaryOperator.IntegerDivide:
                return Meet(binary, PrimitiveType.Long);
        }

        if (!decimals || reals)
            return Meet(binary, TypeRules.CommonNumber(left.Type!, right.Type!));
        var (a, b) = (DecimalOperand(left), DecimalOperand(right));
        return binary with { Left = Coerced(left, a), Right = Coerced(right, b), Type = TypeRules.Arithmetic(binary.Operator, a, b) };
    }

    /// <summary>A whole literal beside a decimal counts with the digits it has.</summary>
    private static DecimalType DecimalOperand(DeltaExpression operand) =>
        operand is Literal { Value: long value } ? new DecimalType(ExactDecimal.From(value).Precision, 0) : TypeRules.DecimalOf(operand.Type!);

    private DeltaExpression DateArithmetic(BinaryOperation binary)
    {
        var subtract = binary.Operator == BinaryOperator.Subtract;
        if (binary.Left.Type!.Kind == DeltaTypeKind.Date && TypeRules.IsIntegral(binary.Right.Type!))
            return SparkFunctions.Resolve(new FunctionCall(subtract ? "date_sub" : "date_add", [binary.Left, binary.Right]) { Position = binary.Position }, now);
        throw Fault(binary, $"found {binary.Left.Type} {binary.Symbol} {binary.Right.Type}; expected a date with a number of days, or an INTERVAL; take datediff(end, start) for a difference");
    }

    private static BinaryOperation Meet(BinaryOperation binary, DeltaType type) => binary with { Left = Coerced(binary.Left, type), Right = Coerced(binary.Right, type), Type = type };

    private static UnaryOperation Unary(UnaryOperation unary)
    {
        var operand = unary.Operand.Type!.Kind == DeltaTypeKind.String ? Coerced(unary.Operand, PrimitiveType.Double) : unary.Operand;
        var fits = unary.Operator == UnaryOperator.Negate ? TypeRules.IsNumeric(operand.Type!) : TypeRules.IsIntegral(operand.Type!);
        return fits ? unary with { Operand = operand, Type = operand.Type } : throw Fault(unary, $"found {operand.Type}; expected a number");
    }

    private static InList In(InList list)
    {
        var common = list.Items.Aggregate(list.Operand.Type, (type, item) => type is null ? null : TypeRules.Common(type, item.Type!));
        if (common is null || !TypeRules.IsOrdered(common))
            throw Fault(list, $"found {list.Operand.Type} IN ({string.Join(", ", list.Items.Select(item => item.Type).Distinct())}); expected values of the column's type");
        return list with { Operand = Coerced(list.Operand, common), Items = [.. list.Items.Select(item => Coerced(item, common))], Type = PrimitiveType.Boolean };
    }

    private CaseWhen Choice(CaseWhen choice)
    {
        var values = choice.Branches.Select(branch => branch.Value).Append(choice.Else).ToList();
        var type = values.Skip(1).Aggregate(values[0].Type, (common, value) => common is null ? null : TypeRules.Common(common, value.Type!))
            ?? throw Fault(choice, $"found branches of types {string.Join(", ", values.Select(value => value.Type).Distinct())}; expected one type");
        return choice with { Branches = [.. choice.Branches.Select(branch => (Predicate(branch.Condition), Coerced(branch.Value, type)))], Else = Coerced(choice.Else, type), Type = type };
    }

    private static IntervalShift Shift(IntervalShift shift)
    {
        var operand = shift.Operand.Type!.Kind == DeltaTypeKind.String ? Coerced(shift.Operand, PrimitiveType.Timestamp) : shift.Operand;
        if (!TypeRules.IsTime(operand.Type!))
            throw Fault(shift, $"found {operand.Type} with an interval; expected a date or timestamp");
        var type = operand.Type!.Kind == DeltaTypeKind.Date && shift.Micros != 0 ? PrimitiveType.Timestamp : operand.Type;
        return shift with { Operand = Coerced(operand, type), Type = type };
    }

    private static FieldAccess Field(FieldAccess access)
    {
        var field = (access.Operand.Type as StructType)?.Find(access.Name)
            ?? throw Fault(access, $"found field '{access.Name}' of {access.Operand.Type}; expected a struct with such a field");
        return access with { Name = field.Name, Type = field.Type };
    }

    private static ElementAccess Element(ElementAccess access) => access.Operand.Type switch
    {
        ArrayType array when TypeRules.IsIntegral(access.Index.Type!) => access with { Type = array.ElementType },
        MapType map when Coerce(access.Index, map.KeyType) is { } key => access with { Index = key, Type = map.ValueType },
        _ => throw Fault(access, $"found {access.Operand.Type}[{access.Index.Type}]; expected an array with a whole number, or a map with a key"),
    };

    private static DeltaExpression Predicate(DeltaExpression operand) => operand.Type!.Kind is DeltaTypeKind.Boolean or DeltaTypeKind.Void
        ? Coerced(operand, PrimitiveType.Boolean)
        : throw Fault(operand, $"found a value of type {operand.Type}; expected a condition");

    private static DeltaExpression Text(DeltaExpression operand) => operand.Type!.IsPrimitive ? Coerced(operand, PrimitiveType.String) : throw Fault(operand, $"found {operand.Type}; expected a text");

    private static DeltaExpression Coerced(DeltaExpression operand, DeltaType type) =>
        Coerce(operand, type) ?? throw Fault(operand, $"found a value of type {operand.Type}; expected {type}");

    private static ExpressionException Mismatch(BinaryOperation binary, string expected) =>
        Fault(binary, $"found {binary.Left.Type} {binary.Symbol} {binary.Right.Type}; expected {expected}");

    private static ExpressionException Fault(DeltaExpression at, string message) => new(at.Position, message);
}
