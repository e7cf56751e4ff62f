using System.Globalization;

namespace RealTimeMesh.DeltaLake.Expressions;

/// <summary>All functions by name.</summary>
internal static class SparkFunctions
{
    private static readonly Dictionary<string, SparkFunction> s_functions =
        TextFunctions.All.Concat(NumberFunctions.All).Concat(TimeFunctions.All).Concat(NestedFunctions.All).Append(Signatures.Coalesce).ToDictionary(function => function.Name, StringComparer.Ordinal);

    private static readonly Dictionary<string, string> s_aliases = new(StringComparer.Ordinal)
    {
        ["ucase"] = "upper",
        ["lcase"] = "lower",
        ["len"] = "length",
        ["char_length"] = "length",
        ["character_length"] = "length",
        ["substr"] = "substring",
        ["ceiling"] = "ceil",
        ["pow"] = "power",
        ["day"] = "dayofmonth",
        ["dateadd"] = "date_add",
        ["date_diff"] = "datediff",
        ["ifnull"] = "coalesce",
        ["nvl"] = "coalesce",
        ["cardinality"] = "size",
        ["signum"] = "sign",
    };

    public static SparkFunction Find(string name) => s_functions[name];

    /// <summary>The call with its type; a function that is short for something else becomes that.</summary>
    public static DeltaExpression Resolve(FunctionCall call, DateTimeOffset now)
    {
        if (Macro(call, now) is { } expanded)
            return new Resolver(ExpressionScope.Of(), now).Resolve(expanded);
        var name = s_aliases.GetValueOrDefault(call.Name, call.Name);
        if (!s_functions.TryGetValue(name, out var function))
            throw new ExpressionException(call.Position, $"found function {call.Name}, which is not supported; expected one of {string.Join(", ", s_functions.Keys.Order(StringComparer.Ordinal))}");
        if (call.Arguments.Count < function.Least || call.Arguments.Count > function.Most)
            throw new ExpressionException(call.Position, $"found {call.Name} with {call.Arguments.Count} arguments; expected {(function.Least == function.Most ? function.Least.ToString(CultureInfo.InvariantCulture) : $"{function.Least} to {function.Most}")}");
        return function.Typing(call with { Name = name });
    }

    private static DeltaExpression? Macro(FunctionCall call, DateTimeOffset now)
    {
        var arguments = call.Arguments;
        var at = call.Position;
        DeltaExpression To(DeltaType type) => new Cast(arguments[0], type, Try: false) { Position = at };
        DeltaExpression Not(DeltaExpression operand) => new UnaryOperation(UnaryOperator.Not, operand) { Position = at };
        DeltaExpression If(DeltaExpression condition, DeltaExpression value, DeltaExpression otherwise) => new CaseWhen([(condition, value)], otherwise) { Position = at };
        return (call.Name, arguments.Count) switch
        {
            ("isnull", 1) => new NullTest(arguments[0]) { Position = at },
            ("isnotnull", 1) => Not(new NullTest(arguments[0]) { Position = at }),
            ("if" or "iff", 3) => If(arguments[0], arguments[1], arguments[2]),
            ("nvl2", 3) => If(Not(new NullTest(arguments[0])), arguments[1], arguments[2]),
            ("nullif", 2) => If(new BinaryOperation(BinaryOperator.Equal, arguments[0], arguments[1]) { Position = at }, Literal.Null, arguments[0]),
            ("not", 1) => Not(arguments[0]),
            ("mod", 2) => new BinaryOperation(BinaryOperator.Modulo, arguments[0], arguments[1]) { Position = at },
            ("date" or "to_date", 1) => To(PrimitiveType.Date),
            ("timestamp" or "to_timestamp", 1) => To(PrimitiveType.Timestamp),
            ("string", 1) => To(PrimitiveType.String),
            ("tinyint", 1) => To(PrimitiveType.Byte),
            ("smallint", 1) => To(PrimitiveType.Short),
            ("int", 1) => To(PrimitiveType.Integer),
            ("bigint", 1) => To(PrimitiveType.Long),
            ("float", 1) => To(PrimitiveType.Float),
            ("double", 1) => To(PrimitiveType.Double),
            ("boolean", 1) => To(PrimitiveType.Boolean),
            ("binary", 1) => To(PrimitiveType.Binary),
            ("date_sub", 2) => new FunctionCall("date_add", [arguments[0], new UnaryOperation(UnaryOperator.Negate, arguments[1]) { Position = at }]) { Position = at },
            ("regexp" or "regexp_like" or "rlike", 2) => new LikeTest(arguments[0], arguments[1], LikeKind.Regex, '\\') { Position = at },
            ("extract" or "date_part" or "datepart", 2) when arguments[0] is Literal { Value: string unit } && TimeFunctions.PartOf(unit) is { } part => new FunctionCall(part, [arguments[1]]) { Position = at },
            ("current_date" or "curdate", 0) => Literal.Of(DateOnly.FromDateTime(now.UtcDateTime)) with { Position = at },
            ("current_timestamp" or "now", 0) => Literal.Of(now) with { Position = at },
            ("localtimestamp", 0) => Literal.Of(now) with { Type = PrimitiveType.TimestampNtz, Position = at },
            _ => null,
        };
    }
}
