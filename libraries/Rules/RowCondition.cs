using System.Globalization;
using RealTimeMesh.Cel;
using RealTimeMesh.Contracts;

namespace RealTimeMesh.Rules;

/// <summary>A condition on the message whose expressions name the fields they need.</summary>
internal sealed class RowCondition
{
    private const string Variable = "message";

    private readonly ContractRule _rule;
    private readonly CelExpression? _guard;
    private readonly CelExpression _expression;
    private readonly RowSchema _schema;

    private RowCondition(ContractRule rule, CelExpression? guard, CelExpression expression, RowSchema schema)
    {
        _rule = rule;
        _guard = guard;
        _expression = expression;
        _schema = schema;
    }

    /// <summary>Null where the rule is none, or needs more than columns can say.</summary>
    public static RowCondition? Compile(ContractRule rule, RowSchema schema)
    {
        if (rule is not { Type: "CEL", Kind: "CONDITION" })
            return null;
        var text = RuleText.Parse(rule);
        // Decimals have no value in an expression but their bytes: those the encoded row has.
        var fields = schema.Fields.Where(field => field.Type != FieldType.Decimal).Select(field => field.Name).ToHashSet(StringComparer.Ordinal);
        var guard = text.Guard is null ? null : CelExpression.ParseOverFields(text.Guard.Text, Variable, fields);
        return CelExpression.ParseOverFields(text.Expression.Text, Variable, fields) is { } expression && (guard is null) == (text.Guard is null)
            ? new RowCondition(rule, guard, expression, schema)
            : null;
    }

    /// <summary>What a rule says it wants: its expression, with what is written about it.</summary>
    public static string Expected(ContractRule rule) => rule.Doc is { Length: > 0 } doc ? $"{doc} ({rule.Expression})" : rule.Expression ?? "";

    public RowConditionRun Begin() => new(_rule, Bind(_guard), Bind(_expression)!);

    private RowExpression? Bind(CelExpression? expression) =>
        expression is null ? null : new RowExpression(expression.Begin(), [.. expression.Variables.Select(name => _schema.IndexOf(name[(Variable.Length + 1)..]))]);
}

/// <summary>An expression whose variables are columns.</summary>
/// <param name="Evaluation">Evaluates it.</param>
/// <param name="Columns">The column of each variable.</param>
internal sealed record RowExpression(CelEvaluation Evaluation, int[] Columns)
{
    public CelValue Evaluate(ColumnBatch rows, int row)
    {
        for (var i = 0; i < Columns.Length; i++)
            Evaluation.Set(i, ValueOf(rows.Columns[Columns[i]], row));
        return Evaluation.Evaluate();
    }

    /// <summary>As the event has it on the wire: times and dates are integers in the contract's unit.</summary>
    private static CelValue ValueOf(Column column, int row) => column switch
    {
        _ when column.IsNull(row) => CelValue.Null,
        StringColumn text => CelValue.String(text[row]),
        Int64Column number => CelValue.Int(column.Field is { Type: FieldType.Timestamp, EpochUnit: EpochUnit.Milliseconds } ? number[row] / 1000 : number[row]),
        Float64Column number => CelValue.Double(number[row]),
        BooleanColumn boolean => CelValue.Bool(boolean[row]),
        BytesColumn bytes => CelValue.Bytes(bytes[row]),
        _ => CelValue.Error($"no value of CEL for {column.Field.Type}"),
    };
}

/// <summary>A condition at work. Not thread-safe.</summary>
internal sealed class RowConditionRun(ContractRule rule, RowExpression? guard, RowExpression expression)
{
    private readonly bool _goesOn = RuleAction.Of(rule, RulePhase.Write) == RuleFailure.None;

    public bool Holds(ColumnBatch rows, int row, out RowRuleFailure failure)
    {
        failure = default;
        if (guard?.Evaluate(rows, row) is { IsTrue: false })
            return true;
        var result = expression.Evaluate(rows, row);
        if (result.IsTrue || _goesOn)
            return true;
        var used = expression.Columns;
        var found = result.IsError ? $"an expression without a value ({result.AsString})" : result.Kind != CelKind.Bool ? $"a value that is not true or false ({result.Kind})" : "false";
        if (used.Length > 0)
            found = $"{found}, with {string.Join(", ", used.Select(column => Text(rows.Columns[column], row)))}";
        failure = new RowRuleFailure(rule.Name, used.Length == 1 ? rows.Schema.Fields[used[0]].Name : null, found, RowCondition.Expected(rule));
        return false;
    }

    private static string Text(Column column, int row) => column.GetValue(row) switch
    {
        null => $"{column.Field.Name} null",
        string text => $"{column.Field.Name} '{text}'",
        byte[] bytes => $"{column.Field.Name} of {bytes.Length} bytes",
        var value => string.Create(CultureInfo.InvariantCulture, $"{column.Field.Name} {value}"),
    };
}
