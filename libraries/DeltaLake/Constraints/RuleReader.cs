using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using RealTimeMesh.DeltaLake.Expressions;

namespace RealTimeMesh.DeltaLake;

/// <summary>Finds the rules of a table in its schema and properties.</summary>
internal sealed partial class RuleReader(string table, StructType schema, DateTimeOffset now)
{
    public const string InvariantKey = "delta.invariants";
    public const string GenerationKey = "delta.generationExpression";
    public const string DefaultKey = "CURRENT_DEFAULT";
    private const string CharTypeKey = "__CHAR_VARCHAR_TYPE_STRING";

    public IEnumerable<RowCheck> Checks(IReadOnlyDictionary<string, string?> configuration)
    {
        foreach (var field in schema.Fields)
        {
            foreach (var check in ChecksOf([field]))
                yield return check;
        }

        foreach (var (key, text) in configuration.Where(item => item.Key.StartsWith(TableProperties.ConstraintPrefix, StringComparison.OrdinalIgnoreCase)))
        {
            var name = key[TableProperties.ConstraintPrefix.Length..];
            yield return Predicate(name, RowCheckKind.Check, text ?? "");
        }
    }

    public IEnumerable<ColumnFill> Fills()
    {
        foreach (var field in schema.Fields.Where(field => field.Type.Kind != DeltaTypeKind.Void))
        {
            if (IdentityColumn.Is(field))
                continue;
            if (field.Text(GenerationKey) is { } generated)
                yield return new ColumnFill(field.Name, Value(field, generated, schema), IsGenerated: true);
            else if (field.Text(DefaultKey) is { } standard)
                yield return new ColumnFill(field.Name, Value(field, standard, new StructType([])), IsGenerated: false);
            else if (field.Nullable)
                yield return new ColumnFill(field.Name, Literal.Null with { Type = field.Type }, IsGenerated: false);
        }
    }

    private IEnumerable<RowCheck> ChecksOf(IReadOnlyList<SchemaField> path)
    {
        var field = path[^1];
        var name = string.Join('.', path.Select(step => step.Name));
        if (IdentityColumn.Is(field))
            _ = IdentityColumn.Of(table, field);
        if (!field.Nullable && field.Type.Kind != DeltaTypeKind.Void)
            yield return NotNull(path, name);
        if (field.Metadata.TryGetValue(InvariantKey, out var invariant))
            yield return Predicate(name, RowCheckKind.Invariant, InvariantText(name, invariant));
        if (path.Count == 1 && field.Text(GenerationKey) is { } generated)
            yield return Generated(field, generated);
        if (field.Text(CharTypeKey) is { } length && LengthOf().Match(length) is { Success: true } match)
            yield return Length(path, name, int.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture), length);
        foreach (var check in field.Type is StructType structure ? structure.Fields.SelectMany(child => ChecksOf([.. path, child])) : ElementChecks(path, name, field.Type))
            yield return check;
    }

    private RowCheck NotNull(IReadOnlyList<SchemaField> path, string name)
    {
        DeltaExpression condition = Not(new NullTest(Column(path)));
        // A field of a struct must have a value only where the struct has one.
        for (var i = path.Count - 1; i > 0; i--)
            condition = new BinaryOperation(BinaryOperator.Or, new NullTest(Column([.. path.Take(i)])), condition);
        return new RowCheck(name, RowCheckKind.NotNull, "NOT NULL", Resolved(name, condition));
    }

    private IEnumerable<RowCheck> ElementChecks(IReadOnlyList<SchemaField> path, string name, DeltaType type)
    {
        DeltaExpression column = Column(path);
        switch (type)
        {
            case ArrayType array:
                RefuseInside(name, array.ElementType);
                if (!array.ContainsNull)
                    yield return NoNulls(name + ".element", column, column);
                break;
            case MapType map:
                RefuseInside(name, map.KeyType);
                RefuseInside(name, map.ValueType);
                if (!map.ValueContainsNull)
                    yield return NoNulls(name + ".value", column, new FunctionCall("map_values", [column]));
                break;
            default:
                break;
        }
    }

    private RowCheck NoNulls(string name, DeltaExpression column, DeltaExpression list) =>
        new(name, RowCheckKind.NotNull, "NOT NULL", Resolved(name, new BinaryOperation(BinaryOperator.Or, new NullTest(column), Not(new FunctionCall(NestedFunctions.HasNull, [list])))));

    /// <summary>Rules of elements of elements have no expression; Spark refuses to write such tables too.</summary>
    private void RefuseInside(string name, DeltaType type)
    {
        foreach (var part in SchemaWalk.Types(type))
        {
            if (part is ArrayType { ContainsNull: false } or MapType { ValueContainsNull: false } || (part is StructType structure && structure.Fields.Any(field => !field.Nullable || field.Metadata.ContainsKey(InvariantKey))))
                throw new DeltaException(table, $"cannot be written: inside column '{name}' (an array or map) something is NOT NULL or has an invariant; expected such rules only outside of arrays and maps.");
        }
    }

    private RowCheck Generated(SchemaField field, string text)
    {
        var value = Value(field, text, schema);
        var column = Column([field]).Resolve(schema, now);
        return new RowCheck(field.Name, RowCheckKind.Generated, text, new BinaryOperation(BinaryOperator.NullSafeEqual, column, value) { Type = PrimitiveType.Boolean });
    }

    private RowCheck Length(IReadOnlyList<SchemaField> path, string name, int length, string text)
    {
        var column = Column(path);
        var fits = new BinaryOperation(BinaryOperator.LessOrEqual, new FunctionCall("length", [column]), Literal.Of(length));
        return new RowCheck(name, RowCheckKind.Length, text, Resolved(name, new BinaryOperation(BinaryOperator.Or, new NullTest(column), fits)));
    }

    private RowCheck Predicate(string name, RowCheckKind kind, string text)
    {
        try
        {
            return new RowCheck(name, kind, text, DeltaExpression.Parse(text).ResolvePredicate(schema, now));
        }
        catch (ExpressionException exception)
        {
            throw new DeltaException(table, $"cannot be written: constraint {name} ({text}) cannot be evaluated: {exception.Message}", exception);
        }
    }

    private DeltaExpression Value(SchemaField field, string text, StructType columns)
    {
        try
        {
            return DeltaExpression.Parse($"CAST({text} AS {Cast.NameOf(field.Type)})").Resolve(columns, now);
        }
        catch (ExpressionException exception)
        {
            throw new DeltaException(table, $"cannot be written: the expression of column {field.Name} ({text}) cannot be evaluated: {exception.Message}", exception);
        }
    }

    private DeltaExpression Resolved(string name, DeltaExpression condition)
    {
        try
        {
            return condition.ResolvePredicate(schema, now);
        }
        catch (ExpressionException exception)
        {
            throw new DeltaException(table, $"cannot be written: the rules of column {name} cannot be evaluated: {exception.Message}", exception);
        }
    }

    /// <summary><c>{"expression":{"expression":"x > 3"}}</c>, as an object or as its text.</summary>
    private string InvariantText(string column, JsonElement invariant)
    {
        try
        {
            using var parsed = invariant.ValueKind == JsonValueKind.String ? JsonDocument.Parse(invariant.GetString()!) : null;
            return (parsed?.RootElement ?? invariant).GetProperty("expression").GetProperty("expression").GetString()!;
        }
        catch (Exception exception) when (exception is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            throw new DeltaException(table, $"cannot be written: column '{column}' has {InvariantKey} {invariant.GetRawText()}; expected {{\"expression\":{{\"expression\":\"…\"}}}}.", exception);
        }
    }

    private static ColumnReference Column(IReadOnlyList<SchemaField> path) => new([.. path.Select(field => field.Name)]);

    private static UnaryOperation Not(DeltaExpression operand) => new(UnaryOperator.Not, operand);

    [GeneratedRegex(@"^(?:var)?char\((\d+)\)$", RegexOptions.CultureInvariant | RegexOptions.IgnoreCase)]
    private static partial Regex LengthOf();
}
